"""Overview: what head office sees first. Every figure comes from rollups and leads to its rows."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from journeys.filters.figures import SalesDayFilters
from journeys.forms.periods import CHOICES, period_of
from journeys.models import SalesDay
from journeys.queries import figures
from journeys.queries.figures import Compared
from journeys.tables.figures import SalesDayTable
from omni.access import StaffRequest, staff_view
from omni.listing import Empty, ListPage
from omni.navigation import shell

DAYS = ListPage(
    url_name="overview_days",
    title=_("Sales by store and day"),
    table=SalesDayTable,
    filters=SalesDayFilters,
    order="-day",
    hidden=("lines",),
    empty=Empty(_("Nothing was sold yet.")),
    template="journeys/overview/days.html",
)
DEFINITIONS = {
    "sales": (_("Sales"), _("What customers paid in the period: receipts less coupons, tax as on the receipt.")),
    "baskets": (_("Baskets"), _("Receipts in the period, those of fuel and of quantity 0 included.")),
    "average": (_("Average basket"), _("Sales divided by baskets, both of the same period and channels.")),
    "in_step": (
        _("Stock in step"),
        _("Listings that show what they should, of all listings whose channel has told us what it shows."),
    ),
}


@staff_view("omni.view_overview")
def overview(request: StaffRequest) -> HttpResponse:
    """Tiles, sales by week and channel, stores, and what waits where."""
    place, today = shell(request)["shell"].place, timezone.localdate()
    period, form = period_of(request.GET, today)
    context = figures_of(request, place, period)
    context |= {
        "period": period, "period_form": form, "periods": {code: name for code, (name, _weeks) in CHOICES.items()},
        "step": figures.in_step(request.user),
        "waiting": figures.open_work(request.user, at=timezone.now(), location=place),
    }  # fmt: skip
    return render(request, "journeys/overview/page.html", context)


def figures_of(request: StaffRequest, place, period: figures.Period) -> dict:
    """What the sales part of the page needs, in one currency: the one with most baskets unless the address says."""
    every = figures.sales(request.user, location=place)
    named = figures.currencies(every)
    currency = request.GET.get("currency") if request.GET.get("currency") in named else (named or [""])[0]
    rows = every.filter(currency=currency)
    now, before = figures.total(rows, period), figures.total(rows, period.before)
    shown = figures.weeks_shown(period)
    channels = figures.channels_of(rows, shown)
    return {
        "currency": currency, "currencies": named, "now": now, "as_of": figures.as_of(rows),
        "sales": Compared(now.paid, before.paid), "baskets": Compared(now.baskets, before.baskets),
        "average": Compared(now.average, before.average), "shown": shown, "channels": channels,
        "weeks": figures.by_week(rows, shown, [channel for channel, _paid in channels]),
        "stores": figures.by_store(rows, shown, period),
    }  # fmt: skip


@staff_view("omni.view_overview")
def overview_why(request: StaffRequest, figure: str) -> HttpResponse:
    """What a figure means, what it counts and where its rows are."""
    if figure not in DEFINITIONS:
        raise Http404
    place = shell(request)["shell"].place
    period, _form = period_of(request.GET, timezone.localdate())
    title, definition = DEFINITIONS[figure]
    context = figures_of(request, place, period) | {
        "figure": figure, "why_title": title, "definition": definition, "period": period, "place": place,
        "step": figures.in_step(request.user) if figure == "in_step" else None,
    }  # fmt: skip
    htmx = getattr(request, "htmx", None)
    return render(request, "journeys/overview/_why.html" if htmx else "journeys/overview/why.html", context)


@staff_view("journeys.view_salesday")
def overview_days(request: StaffRequest) -> HttpResponseBase:
    """The rows behind the figures."""
    place = shell(request)["shell"].place
    rows = SalesDay.objects.visible_to(request.user).select_related("location", "channel")
    return DAYS.answer(request, rows.filter(location=place) if place else rows)
