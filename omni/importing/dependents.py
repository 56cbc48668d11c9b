"""What stands on a row, found by introspection, so that a new model is never forgotten."""

from collections.abc import Collection, Iterable

from django.db import models


def in_use(model: type[models.Model], keys: Collection[int], apart_from: Iterable[type[models.Model]] = ()) -> set[int]:
    """Return which of these rows any other row points to, leaving out rows of the models ``apart_from``."""
    used: set[int] = set()
    apart = set(apart_from)
    for relation in model._meta.related_objects:
        if not {relation.related_model, getattr(relation, "through", None)} & apart and keys:
            name = relation.field.name
            found = relation.related_model._base_manager.filter(**{f"{name}__in": keys})
            used |= set(found.values_list(name, flat=True)) & set(keys)
    return used
