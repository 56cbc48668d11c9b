"""What is read of the catalogue as a whole: its tree, the same for everybody, and how much is known of products."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet

from inventory.models import Category, Gtin, Product, ProductImage, ProductText

Path = tuple[str, ...]


def category_paths() -> dict[int, Path]:
    """Key of each category: the names from its root down to itself."""
    names: dict[str, Path] = {}
    paths: dict[int, Path] = {}
    for pk, place, name in Category.objects.order_by("path").values_list("pk", "path", "name"):
        above = names.get(place[: -Category.steplen], ())
        names[place] = paths[pk] = (*above, name)
    return paths


def categories_under(code: str) -> list[int]:
    """Keys of a category and of everything below it; empty for an unknown code."""
    root = Category.objects.filter(code=code).first()
    return list(Category.objects.get_tree(root).values_list("pk", flat=True)) if root else []


@dataclass(frozen=True)
class Wealth:
    """How much is known of a product."""

    variants: int = 0
    gtins: int = 0
    images: int = 0
    languages: tuple[str, ...] = field(default=())


def wealth(products: Iterable[int]) -> dict[int, Wealth]:
    """By product key, in two queries however many there are."""
    keys = list(products)
    spoken: dict[int, list[str]] = {}
    for product, language in ProductText.objects.filter(product__in=keys).values_list("product", "language"):
        spoken.setdefault(product, []).append(language)
    counted = (
        Product.objects.filter(pk__in=keys)
        .order_by()
        .annotate(
            variant_count=Count("variants", distinct=True),
            gtin_count=Count("variants__gtins", distinct=True),
            image_count=Count("images", distinct=True),
        )
    )
    return {
        row.pk: Wealth(row.variant_count, row.gtin_count, row.image_count, tuple(sorted(spoken.get(row.pk, []))))
        for row in counted
    }


def without(products: QuerySet[Product], what: str) -> QuerySet[Product]:
    """Keep the products that lack words, pictures, a gtin or a category."""
    if what == "category":
        return products.filter(category=None)
    own: dict[str, QuerySet] = {
        "words": ProductText.objects.filter(product=OuterRef("pk")),
        "pictures": ProductImage.objects.filter(product=OuterRef("pk")),
        "gtin": Gtin.objects.filter(variant__product=OuterRef("pk")),
    }
    return products.filter(~Exists(own[what]))
