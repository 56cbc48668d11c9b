"""The category tree as its page reads it: one branch at a time."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from inventory.models import Category, ChannelBuffer, Product, SafetyStockRule

RULES = (SafetyStockRule, ChannelBuffer)


@dataclass(frozen=True)
class Branch:
    """A category with what hangs on it: products on itself and all below, and stock rules of its own."""

    category: Category
    products: int
    rules: int


def path_of(category: Category) -> list[Category]:
    """A category with all above it, from the top."""
    step = Category.steplen
    paths = [category.path[:end] for end in range(step, len(category.path) + 1, step)]
    return list(Category.objects.filter(path__in=paths).order_by("path"))


def branches(parent: Category | None) -> list[Branch]:
    """What hangs directly under a category (None: at the top), with counts of everything below."""
    tree = Category.objects
    children = list(tree.get_children(parent) if parent else tree.get_root_nodes())
    if not children:
        return []
    length = len(children[0].path)
    below = Q(category__path__startswith=parent.path) if parent else Q(category__isnull=False)
    products = counts(Product.objects.open().filter(below), length)
    rules = [counts(model.objects.filter(below, category__depth=children[0].depth), length) for model in RULES]
    return [Branch(one, products.get(one.path, 0), sum(found.get(one.path, 0) for found in rules)) for one in children]


def counts(rows: QuerySet, length: int) -> dict[str, int]:
    """How many rows hang under each path of this length."""
    return Counter(path[:length] for path in rows.values_list("category__path", flat=True))


def named(words: str, limit: int = 12) -> list[list[Category]]:
    """Categories whose name or code holds these words, each with all above it."""
    words = words.strip()
    if not words:
        return []
    found = Category.objects.filter(Q(name__icontains=words) | Q(code__icontains=words)).order_by("depth", "path")
    return [path_of(one) for one in found[:limit]]
