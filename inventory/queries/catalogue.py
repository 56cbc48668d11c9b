"""Reading the category tree as a whole; it is small and the same for everybody."""

from inventory.models import Category

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
    return list(Category.get_tree(root).values_list("pk", flat=True)) if root else []
