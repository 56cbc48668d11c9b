"""A list page as one URL shows it: which rows, columns, order and page, and the addresses of every other state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from omni import keyset, words
from omni.models import SavedView
from omni.navigation import Text, may

if TYPE_CHECKING:
    from omni.listing import Bulk, ListPage

PLACE = {"store"}  # kept whatever else changes, and no part of a saved view
PASSING = {"after", "before", "part", "export", "view"}  # never kept when something else changes


@dataclass(frozen=True)
class Choice:
    """A link to another state of the list. on: the list is in that state now."""

    label: Text
    href: str
    on: bool = False
    count: str = ""


class ListState:
    """Reads the URL. Everything is computed when the template asks for it."""

    def __init__(self, page: "ListPage", request: HttpRequest, rows: QuerySet):
        self.page = page
        self.request = request
        self.all_rows = rows
        self.query = request.GET

    # --- rows -----------------------------------------------------------------------------------------------------
    @cached_property
    def rows(self) -> QuerySet:
        return self.page.narrowed(self.all_rows, self.query, self.request)

    @cached_property
    def order(self) -> str:
        """The column that orders the list, with a minus when downwards."""
        wanted = self.query.get("order", "")
        return wanted if self.sortable(wanted.lstrip("-")) else self.page.order

    def sortable(self, name: str) -> bool:
        column = self.page.table.base_columns.get(name)
        return column is not None and column.orderable is not False

    @cached_property
    def order_fields(self) -> list[str]:
        name = self.order.lstrip("-")
        column = self.page.table.base_columns.get(name)
        paths = (column.order_by or (column.accessor or name,)) if column else (name,)
        fields = [str(path).replace(".", "__") for path in paths]
        return [flipped(field) for field in fields] if self.order.startswith("-") else fields

    @cached_property
    def turned(self) -> keyset.Page:
        marks = {name: self.query.get(name, "") for name in ("after", "before")}
        return keyset.turn(self.rows, self.order_fields, size=self.page.page_size, **marks)

    @cached_property
    def count(self) -> int:
        """How many rows match; not asked for when the only page shows them all."""
        whole = not (self.turned.before or self.turned.after)
        return len(self.turned.rows) if whole else keyset.capped_count(self.rows)

    @property
    def count_words(self) -> str:
        return counted(self.count)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chips or self.pressed or self.query.get("q"))

    # --- columns --------------------------------------------------------------------------------------------------
    @cached_property
    def columns(self) -> list[str]:
        """The columns shown, in the table's order."""
        known = [name for name, column in self.page.table.base_columns.items() if column.visible]
        wanted = [name for name in known if name in self.query.getlist("columns")]
        return wanted or [name for name in known if name not in self.page.hidden]

    @property
    def column_choices(self) -> list[Choice]:
        return [
            Choice(column.verbose_name or name, name, name in self.columns)
            for name, column in self.page.table.base_columns.items()
            if column.visible
        ]

    @cached_property
    def table(self):
        return self.table_of(self.turned.rows, self.columns)

    def table_of(self, rows: list, columns: list[str]):
        rest = [name for name in self.page.table.base_columns if name not in columns]
        table = self.page.table(rows, exclude=rest)
        table.request = self.request
        return table

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The header cells: sortable ones carry the address that sorts by them, or turns the order round."""
        now = self.order
        return [
            {
                "column": column,
                "href": self.here(order=flipped(now) if now.lstrip("-") == column.name else column.name)
                if self.sortable(column.name)
                else "",
                "sorted": ("descending" if now.startswith("-") else "ascending")
                if now.lstrip("-") == column.name
                else "",
            }
            for column in self.table.columns
        ]

    def values(self, step: int) -> Iterator[list]:
        """Headers and every row, as a file holds them."""
        extra = [name for name in self.page.always_exported if name in self.page.table.base_columns]
        columns = [*self.columns, *(name for name in extra if name not in self.columns)]
        for number, rows in enumerate(keyset.pages(self.rows, self.order_fields, size=step)):
            lines = self.table_of(rows, columns).as_values()
            headers = next(lines)
            if number == 0:
                yield headers
            yield from lines

    # --- filters --------------------------------------------------------------------------------------------------
    @cached_property
    def filter_form(self):
        return self.page.filters(self.query, queryset=self.all_rows, request=self.request).form

    @cached_property
    def chips(self) -> list[Choice]:
        """One removable chip for each filter that is set."""
        if not self.page.filters or not self.filter_form.is_valid():
            return []
        return [
            Choice(f"{field.label}: {said}", self.without(name), True)
            for name, field in self.filter_form.fields.items()
            if name not in self.pressed and (said := spoken(self.filter_form.cleaned_data.get(name), field))
        ]

    @cached_property
    def quick(self) -> list[Choice]:
        counts = self.page.quick_counts(self.all_rows)
        return [
            Choice(one.label, self.toggled(one.query), self.holds(one.query), counted(counts.get(f"quick_{number}")))
            for number, one in enumerate(self.page.quick)
        ]

    @cached_property
    def pressed(self) -> set[str]:
        """The filters that a quick filter stands for already."""
        return {name for one in self.page.quick if self.holds(one.query) for name in one.query}

    def holds(self, query) -> bool:
        return all(self.query.get(name) == value for name, value in query.items())

    def toggled(self, query) -> str:
        return self.here(**dict.fromkeys(query, "")) if self.holds(query) else self.here(**query)

    def without(self, name: str) -> str:
        """The address without one filter, whatever parameters it is made of."""
        return self.here(**{key: "" for key in self.query if key == name or key.startswith(f"{name}_")})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form carries along besides its own fields."""
        own = tuple(self.filter_form.fields) if self.page.filters else ()
        return self.parameters(lambda name: name in own or name.startswith(tuple(f"{field}_" for field in own)))

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the search field carries along."""
        return self.parameters(lambda name: name == "q")

    @property
    def without_columns(self) -> list[tuple[str, str]]:
        """What the choice of columns carries along."""
        return self.parameters(lambda name: name == "columns")

    def parameters(self, left_out: Callable[[str], bool]) -> list[tuple[str, str]]:
        found = ((name, value) for name, values in self.query.lists() for value in values)
        return [(name, value) for name, value in found if name not in PASSING and not left_out(name)]

    @property
    def bulk(self) -> list["Bulk"]:
        return [one for one in self.page.bulk if may(self.request.user, one.right)]

    # --- saved views ----------------------------------------------------------------------------------------------
    @cached_property
    def saved(self) -> list[SavedView]:
        return list(SavedView.objects.visible_to(self.request.user).filter(page=self.page.url_name).distinct())

    @cached_property
    def default_view(self) -> SavedView | None:
        """The view that one's role begins with, when the URL says nothing yet."""
        if set(self.query) - PLACE:
            return None
        return next((view for view in self.saved if view.role), None)

    @property
    def views(self) -> list[dict[str, Any]]:
        now = essence(self.query)
        counts = self.query.get("part") == "views"
        return [
            {
                "view": view,
                "href": self.address_of(view),
                "on": essence(QueryDict(view.query)) == now,
                "count": self.count_of(view) if counts else "",
            }
            for view in self.saved
        ]

    def count_of(self, view: SavedView) -> str:
        return counted(keyset.capped_count(self.page.narrowed(self.all_rows, QueryDict(view.query), self.request)))

    def address_of(self, view: SavedView) -> str:
        query = QueryDict(view.query, mutable=True)
        for name in PLACE & set(self.query):
            query[name] = self.query[name]
        return f"{self.request.path}?{query.urlencode()}"

    @property
    def own_views(self) -> list[SavedView]:
        """The views that this person may delete."""
        return [view for view in self.saved if view.owner_id == self.request.user.pk]

    @property
    def to_save(self) -> str:
        """What a saved view keeps of the URL."""
        return essence_query(self.query).urlencode()

    # --- addresses ------------------------------------------------------------------------------------------------
    def here(self, **changes: str) -> str:
        query = self.query.copy()
        for name in {*PASSING, *changes} & set(query):
            del query[name]
        for name, value in changes.items():
            if value:
                query[name] = value
        return f"{self.request.path}?{query.urlencode()}" if query else f"{self.request.path}?view=all"

    @property
    def cleared(self) -> str:
        """The address of the whole list, of the place that is looked at."""
        query = QueryDict(mutable=True)
        query.update({**{name: self.query[name] for name in PLACE & set(self.query)}, "view": "all"})
        return f"{self.request.path}?{query.urlencode()}"

    @property
    def before(self) -> str:
        return self.here(before=self.turned.before) if self.turned.before else ""

    @property
    def after(self) -> str:
        return self.here(after=self.turned.after) if self.turned.after else ""

    @property
    def csv(self) -> str:
        return self.here(export="csv")

    @property
    def xlsx(self) -> str:
        return self.here(export="xlsx")


def flipped(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def counted(count: int | None) -> str:
    """A count for people: "10,000+" above what is worth counting."""
    if count is None:
        return ""
    return words.number(count) if count <= keyset.COUNT_LIMIT else f"{words.number(keyset.COUNT_LIMIT)}+"


def essence_query(query: QueryDict) -> QueryDict:
    kept = query.copy()
    for name in (PASSING | PLACE) & set(kept):
        del kept[name]
    return kept


def essence(query: QueryDict) -> list[tuple[str, list[str]]]:
    """What makes two states of a list the same view."""
    return sorted((name, sorted(values)) for name, values in essence_query(query).lists() if any(values))


def spoken(value: Any, field) -> str:
    """A filter's value in words, empty when it is not set."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, slice):
        return " – ".join(spoken(end, field) or "…" for end in (value.start, value.stop))
    if isinstance(value, date):
        return words.day(value)
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return ", ".join(str(one) for one in value)
    labels = {str(key): str(label) for key, label in getattr(field, "choices", None) or () if not hasattr(key, "value")}
    return labels.get(str(value), str(value))
