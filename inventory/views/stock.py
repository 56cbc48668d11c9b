"""Looking at stock: the list, one variant, why a figure is what it is, and the rows behind it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from inventory.filters.stock import MovementFilters, StockFilters
from inventory.models import StockMovement, Variant
from inventory.queries import availability, prices, stock
from inventory.tables.stock import MovementTable, StockTable
from omni.access import StaffRequest, staff_view
from omni.listing import Empty, ListPage, Quick
from omni.models import Channel
from omni.navigation import shell

STOCK = ListPage(
    url_name="stock",
    title=_("Stock"),
    table=StockTable,
    filters=StockFilters,
    order="-sold",
    search=("sku__iexact", "gtins__code", "product__name__icontains", "product__brand__icontains"),
    search_hint=_("Name, brand, SKU or barcode"),
    quick=(
        Quick(_("In stock"), {"state": "here"}),
        Quick(_("Sold out"), {"state": "out"}),
        Quick(_("Low"), {"state": "low"}),
        Quick(_("Never counted"), {"state": "uncounted"}),
    ),
    hidden=("category", "places"),
    empty=Empty(_("There are no products yet."), _("Import a file"), "imports"),
    template="inventory/stock/list.html",
)
MOVEMENTS = ListPage(
    url_name="stock_movements",
    title=_("Movements"),
    table=MovementTable,
    filters=MovementFilters,
    order="-occurred_at",
    hidden=("reason", "actor"),
    empty=Empty(_("Nothing has moved yet.")),
    template="inventory/stock/movements.html",
)


@staff_view("inventory.view_stocklevel")
def stock_list(request: StaffRequest) -> HttpResponseBase:
    """Every variant with its stock, the fastest first."""
    shell(request)
    rows = Variant.objects.visible_to(request.user).open().select_related("product__category", "pace").distinct()
    return STOCK.answer(request, rows)


@staff_view("inventory.view_stocklevel")
def stock_item(request: StaffRequest, public_id: str) -> HttpResponse:
    """One variant: what each channel may promise, what lies where, and how it went."""
    variant = variant_of(request, public_id)
    return render(request, "inventory/stock/detail.html", page_of(request, variant, timezone.now()))


def page_of(request: StaffRequest, variant: Variant, now: datetime) -> dict:
    """What the page of a variant shows around any drawer."""
    zone = ZoneInfo(timezone.get_current_timezone_name())
    return {
        "variant": variant,
        "figures": availability.per_channel(variant, at=now),
        "shelves": stock.shelves(variant, at=now),
        "weeks": stock.weeks(variant, at=now, zone=zone),
        "promises": stock.open_reservations(variant)[:20],
        "quote": prices.price_of(variant, channel=None, at=now),
        "own_places": {place.pk for place in shell(request)["shell"].places},
        "now": now,
    }


@staff_view("inventory.view_stocklevel")
def stock_why(request: StaffRequest, public_id: str) -> HttpResponse:
    """Why is this number what it is? The sum with its rules and rows, now or at a past time."""
    variant = variant_of(request, public_id)
    now = timezone.now()
    at = asked_time(request.GET.get("at", ""), now)
    channel = get_object_or_404(Channel.objects.visible_to(request.user), code=request.GET.get("channel", ""))
    place = next((one for one in channel.locations.all() if one.code == request.GET.get("location")), None)
    why = availability.why(variant, channel, at=at, location=place)
    places = [place.pk] if place else [one.pk for one in channel.locations.all()]
    begins = stock.first_movement_at(variant) or now
    zone = ZoneInfo(place.time_zone if place else timezone.get_current_timezone_name())
    context = {
        "variant": variant,
        "channel": channel,
        "place": place,
        "why": why,
        "at": at,
        "is_now": at == now,
        "ruler": ruler(variant, places, begins, now, at, zone),
        "rows": stock.movements_behind(variant, locations=places, at=at)[:12],
    }
    if request.headers.get("HX-Request"):
        return render(request, "inventory/stock/_why.html", context)
    return render(request, "inventory/stock/why.html", {**page_of(request, variant, now), **context})


@staff_view("inventory.view_stocklevel")
def stock_movements(request: StaffRequest, public_id: str) -> HttpResponseBase:
    """All rows of the ledger for one variant."""
    variant = variant_of(request, public_id)
    rows = StockMovement.objects.visible_to(request.user).filter(level__variant=variant)
    if place := shell(request)["shell"].place:
        rows = rows.filter(level__location=place)
    rows = rows.select_related("level__location", "channel", "actor")
    return MOVEMENTS.answer(request, rows, variant=variant)


def variant_of(request: StaffRequest, public_id: str) -> Variant:
    found = Variant.objects.visible_to(request.user).select_related("product__category", "pace")
    return get_object_or_404(found, public_id=public_id)


def asked_time(text: str, now: datetime) -> datetime:
    """The time asked for: a moment, or the end of a day in the reader's zone; anything else, and the future, is now."""
    moment = parse_datetime(text) if "T" in text else None
    if moment is None and (day := parse_date(text) if len(text) == 10 else None):
        moment = datetime.combine(day, datetime.max.time())
    if moment is None:
        return now
    return min(moment if timezone.is_aware(moment) else timezone.make_aware(moment), now)


def ruler(variant: Variant, places: list[int], begins: datetime, now: datetime, at: datetime, zone: ZoneInfo) -> dict:
    """The time ruler: a bar per day, and which day is looked at. Bars are shares of the ruler, for SVG attributes."""
    first, last = begins.astimezone(zone).date(), now.astimezone(zone).date()
    days = max((last - first).days + 1, 1)
    moved = stock.moved_per_day(variant, locations=places, since=begins, until=now, zone=zone)
    most = max(moved.values(), default=1)
    bars = [
        {
            "x": f"{100 * (day - first).days / days:.2f}",
            "y": 26 - round(24 * units / most),
            "h": round(24 * units / most),
        }
        for day, units in moved.items()
    ]
    return {
        "bars": bars,
        "width": f"{max(75 / days, 0.3):.2f}",
        "first": first,
        "last": days - 1,
        "value": (at.astimezone(zone).date() - first).days,
    }
