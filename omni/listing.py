"""
List pages, declared in one place each and all alike.

    STOCK = ListPage(
        url_name="stock", title=_("Stock"), table=StockTable, filters=StockFilters, order="name",
        search=("sku__iexact", "name__icontains"), quick=(Quick(_("Low"), {"low": "1"}),),
        hidden=("gtin",), empty=Empty(_("No products yet."), _("Import a file"), "imports"),
    )

    @staff_view("inventory.view_variant")
    def stock(request):
        return STOCK.answer(request, Variant.objects.visible_to(request.user))

That gives search (?q=), filters with removable chips, quick filters, order (?order=), columns (?columns=), pages
without OFFSET (?after=, ?before=), saved views, a file of exactly what the screen shows (?export=csv or xlsx) and, with
``bulk``, a bar for many rows. All state is in the URL. A page of its own extends ``components/list_page.html`` and is
named as ``template``; ``answer(request, rows, **context)`` hands the context to it.

The table is a django_tables2 Table; a column is sortable when its ``order_by`` (or accessor) names database fields.
``rows`` must be a queryset of model instances. A bulk action's view finds its rows with ``LIST.chosen(request, rows)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils.text import slugify
from django_filters import FilterSet
from django_tables2 import Table

from omni import exporting
from omni.htmx import page_or_part
from omni.list_state import ListState
from omni.navigation import Text

EXPORT_STEP = 2_000


@dataclass(frozen=True)
class Quick:
    """A filter that is one press away. query: the parameters it sets. count: counts the rows that it would show."""

    label: Text
    query: Mapping[str, str]
    count: Q | None = None


@dataclass(frozen=True)
class Bulk:
    """Something that is done to many rows: a form posted to ``url_name``, whose page shows a preview first."""

    label: Text
    url_name: str
    icon: str = "pencil"
    right: str | None = None


@dataclass(frozen=True)
class Empty:
    """What an empty list says: one sentence, one action."""

    sentence: Text
    action: Text = ""
    url_name: str = ""


@dataclass(frozen=True)
class ListPage:
    """The declaration of a list page; see the module's docstring."""

    url_name: str
    title: Text
    table: type[Table]
    order: str
    empty: Empty
    filters: type[FilterSet] | None = None
    search: tuple[str, ...] = ()
    search_hint: Text = ""
    quick: tuple[Quick, ...] = ()
    hidden: tuple[str, ...] = ()
    always_exported: tuple[str, ...] = ("origin",)
    bulk: tuple[Bulk, ...] = ()
    page_size: int = 50
    template: str = "components/list_page.html"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, request: HttpRequest, rows: QuerySet, **context: Any) -> HttpResponseBase:
        """Answer the page, its table alone (HTMX), the counts of its saved views, or a file."""
        state = ListState(self, request, rows)
        if state.default_view:
            return HttpResponseRedirect(state.address_of(state.default_view))
        if request.GET.get("export") in exporting.FORMATS:
            return self.export(state)
        part = "components/_views.html" if request.GET.get("part") == "views" else "components/_list.html"
        return page_or_part(request, self.template, part, {**self.extra, **context, "list": state})

    def export(self, state: ListState) -> HttpResponseBase:
        """What the screen shows, all pages of it, in the same order, and where each row comes from."""
        return exporting.file_response(
            state.values(EXPORT_STEP), name=slugify(str(self.url_name)), form=state.request.GET["export"]
        )

    def chosen(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """The rows that a bulk form means: those ticked, or all that its filter finds."""
        if request.POST.get("all") == "1":
            return self.narrowed(rows, QueryDict(request.POST.get("query", "")), request)
        return rows.filter(pk__in=[key for key in request.POST.getlist("row") if key.isdigit()])

    def narrowed(self, rows: QuerySet, query: QueryDict, request: HttpRequest) -> QuerySet:
        """The rows that search and filters leave."""
        text = query.get("q", "").strip()
        if text and self.search:
            rows = rows.filter(reduce(or_, (Q(**{lookup: text}) for lookup in self.search)))
        if self.filters:
            rows = self.filters(query, queryset=rows, request=request).qs
        return rows

    def quick_counts(self, rows: QuerySet) -> dict[str, int]:
        """How many rows each counted quick filter shows, in one question."""
        asked = {
            f"quick_{n}": Count("pk", filter=one.count, distinct=True)
            for n, one in enumerate(self.quick)
            if one.count is not None
        }
        return rows.order_by().aggregate(**asked) if asked else {}
