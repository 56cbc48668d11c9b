"""
Pages of a long list without OFFSET: each page begins after the last row of the one before.

Rows are ordered by the given fields and at last by their key, so that the order is total and a page neither repeats nor
skips a row, whatever is added meanwhile. Empty values always stand last.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet

COUNT_LIMIT = 10_000
KINDS: dict[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "n": Decimal}


@dataclass(frozen=True)
class Term:
    """One field of an order."""

    path: str
    descending: bool
    nullable: bool
    nulls_first: bool = False

    def reversed(self) -> "Term":
        return Term(self.path, not self.descending, self.nullable, not self.nulls_first)

    def expression(self):
        nulls = ({"nulls_first": True} if self.nulls_first else {"nulls_last": True}) if self.nullable else {}
        return F(self.path).desc(**nulls) if self.descending else F(self.path).asc(**nulls)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})

    def beyond(self, value: Any) -> Q | None:
        """What stands after ``value`` in this order; None when nothing does."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if self.nulls_first else None
        further = Q(**{f"{self.path}__{'lt' if self.descending else 'gt'}": value})
        return further | Q(**{f"{self.path}__isnull": True}) if self.nullable and not self.nulls_first else further


@dataclass(frozen=True)
class Page:
    """Some rows, with the marks from which the page before and the page after begin (empty: there is none)."""

    rows: list
    before: str = ""
    after: str = ""


def terms(queryset: QuerySet, fields: Sequence[str]) -> list[Term]:
    """The order by these fields (``-`` for descending), made total by the key."""
    paths = [field.lstrip("-") for field in fields]
    named = [
        Term(path, field.startswith("-"), may_be_empty(queryset, path))
        for field, path in zip(fields, paths, strict=True)
    ]
    return named if "pk" in paths else [*named, Term("pk", bool(named) and named[0].descending, False)]


def may_be_empty(queryset: QuerySet, path: str) -> bool:
    if path in queryset.query.annotations:
        return True
    model, empty = queryset.model, False
    for name in path.split("__"):
        if name == "pk":
            continue
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        empty, model = empty or field.null, field.related_model or model
    return empty


def turn(queryset: QuerySet, fields: Sequence[str], *, size: int, after: str = "", before: str = "") -> Page:
    """Return one page of the rows in this order. A mark that nobody made counts as none."""
    order = terms(queryset, fields)
    mark = decoded(before or after, len(order))
    backward = bool(before) and mark is not None
    walked = [term.reversed() for term in order] if backward else order
    rows = queryset.order_by(*(term.expression() for term in walked))
    if mark is not None:
        rows = rows.filter(beyond(walked, mark))
    found = list(rows[: size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    is_first, is_last = (not more, False) if backward else (mark is None, not more)
    return Page(
        found,
        before="" if is_first or not found else encoded(found[0], order),
        after="" if is_last or not found else encoded(found[-1], order),
    )


def beyond(order: Sequence[Term], values: Sequence[Any]) -> Q:
    """Everything that stands after the row with these values."""
    found, same = Q(pk__in=[]), Q()
    for term, value in zip(order, values, strict=True):
        further = term.beyond(value)
        if further is not None:
            found |= same & further
        same &= term.same(value)
    return found


def value_of(row: Any, path: str) -> Any:
    return reduce(lambda thing, name: None if thing is None else getattr(thing, name), path.split("__"), row)


def encoded(row: Any, order: Sequence[Term]) -> str:
    values = [packed(value_of(row, term.path)) for term in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return {"n": str(value)} if isinstance(value, Decimal) else value


def decoded(mark: str, length: int) -> list | None:
    """Read a mark; None when it is empty, damaged, or belongs to another order."""
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        read = [
            KINDS[kind](text) if isinstance(value, dict) else value
            for value in values
            for kind, text in (value.items() if isinstance(value, dict) else [("", "")])
        ]
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, binascii.Error):
        return None
    return read if len(read) == length and not any(isinstance(value, list) for value in read) else None


def capped_count(rows: QuerySet) -> int:
    """How many rows there are; COUNT_LIMIT + 1 stands for "more than that"."""
    return rows.order_by()[: COUNT_LIMIT + 1].count()


def pages(rows: QuerySet, fields: Sequence[str], *, size: int) -> Iterator[list]:
    """All rows, a page at a time, so that a file of any length needs little memory."""
    page = turn(rows, fields, size=size)
    yield page.rows
    while page.after:
        page = turn(rows, fields, size=size, after=page.after)
        yield page.rows
