"""The one category tree: grown, renamed, moved, pruned where nothing hangs on it."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from inventory.models import Category, ChannelBuffer, SafetyStockRule, Variant
from inventory.services import listings
from inventory.services.catalogue import StillInUse, checked
from omni.activity import record
from omni.db import try_lock
from omni.errors import RuleBroken
from omni.ids import public_id
from omni.models import User

TREE = Category.objects
DEEPEST = 6


class TreeRefused(RuleBroken):
    """The tree would not be one any longer, or nobody could find their way in it."""

    code = "tree_refused"


class TreeBusy(RuleBroken):
    """Somebody else is changing the tree at this moment."""

    code = "tree_busy"
    status = 409


@transaction.atomic
def add_category(*, name: str, parent: Category | None, by: User | None, at: datetime) -> Category:
    """Grow a branch. Siblings have different names. Raises TreeRefused, TreeBusy, InvalidValue."""
    lock_tree()
    parent = fresh(parent)
    name = " ".join(name.split())
    check_place(name, parent, moving=None)
    if parent and parent.depth >= DEEPEST:
        raise TreeRefused(_("The tree is at most %(most)s levels deep.") % {"most": DEEPEST})
    values = {"name": name, "code": code_of(name, parent)}
    checked(Category(**values, depth=1, path="0001", numchild=0))
    category = TREE.add_child(parent, values) if parent else TREE.add_root(values)
    record("category.added", subject=category, by=by, at=at)
    return category


@transaction.atomic
def rename_category(*, category: Category, name: str, by: User | None, at: datetime) -> Category:
    """Call a category something else; its code stays. It moves to its place in the alphabet."""
    lock_tree()
    category = Category.objects.get(pk=category.pk)
    name = " ".join(name.split())
    parent = TREE.get_parent(category)
    check_place(name, parent, moving=category)
    if name == category.name:
        return category
    category.name = name
    checked(category).save(update_fields=["name"])
    put_under(category, parent)
    record("category.renamed", subject=category, by=by, at=at)
    return Category.objects.get(pk=category.pk)


@transaction.atomic
def move_category(*, category: Category, parent: Category | None, by: User | None, at: datetime) -> Category:
    """
    Hang a branch somewhere else (None: at the top), with all that grows on it.

    Stock rules of categories follow the tree, so what its listings show may change. Raises TreeRefused, TreeBusy.
    """
    lock_tree()
    category, parent = Category.objects.get(pk=category.pk), fresh(parent)
    if parent and (parent.pk == category.pk or parent.is_descendant_of(category)):
        raise TreeRefused(_("A category cannot hang on its own branch."))
    height = max(one.depth for one in TREE.get_tree(category)) - category.depth
    if (parent.depth if parent else 0) + 1 + height > DEEPEST:
        raise TreeRefused(_("The tree is at most %(most)s levels deep.") % {"most": DEEPEST})
    check_place(category.name, parent, moving=category)
    put_under(category, parent)
    category = Category.objects.get(pk=category.pk)
    record("category.moved", subject=category, by=by, at=at, parent=parent.pk if parent else None)
    listings.mark_variants(Variant.objects.filter(product__category__path__startswith=category.path), at=at)
    return category


@transaction.atomic
def remove_category(*, category: Category, by: User | None, at: datetime) -> None:
    """Prune a category on which nothing hangs. Raises StillInUse."""
    lock_tree()
    category = Category.objects.get(pk=category.pk)
    rules = [model.objects.filter(category=category).exists() for model in (SafetyStockRule, ChannelBuffer)]
    if category.numchild or category.products.exists() or any(rules):
        raise StillInUse(_("Products, categories or stock rules still hang on %(name)s.") % {"name": category.name})
    record("category.removed", subject=category, by=by, at=at)
    category.delete()


def lock_tree() -> None:
    """Nodes are numbered by their place: two writers at once would give the same number twice."""
    if not try_lock("inventory.categories"):
        raise TreeBusy(_("Somebody else is changing the tree. Try again in a moment."))


def fresh(category: Category | None) -> Category | None:
    """The node as it is now: moving one node renumbers others."""
    return Category.objects.get(pk=category.pk) if category else None


def put_under(category: Category, parent: Category | None) -> None:
    if parent:
        TREE.move(category, parent, "sorted-child")
    else:
        TREE.move(category, TREE.get_root(category), "sorted-sibling")


def check_place(name: str, parent: Category | None, *, moving: Category | None) -> None:
    siblings = TREE.get_children(parent) if parent else TREE.get_root_nodes()
    if not name:
        raise TreeRefused(_("A category has a name."))
    if siblings.filter(name__iexact=name).exclude(pk=moving.pk if moving else None).exists():
        raise TreeRefused(_("There is a category %(name)s here already.") % {"name": name})


def code_of(name: str, parent: Category | None) -> str:
    """``grocery/frozen-pizza``; something random where that is taken or nothing is left of the name."""
    own = slugify(name) or public_id(6).lower()
    code = f"{parent.code}/{own}"[:110] if parent else own[:110]
    return code if not Category.objects.filter(code=code).exists() else f"{code[:103]}-{public_id(6).lower()}"
