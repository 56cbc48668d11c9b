"""Price lists: which there are, what they say, and why one price holds."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.filters.prices import PriceListFilters
from inventory.forms.prices import EndForm, PriceForm, PriceListForm
from inventory.models import Price, PriceList, Variant
from inventory.queries.prices import why_price
from inventory.services import prices
from inventory.tables.prices import PriceListTable, PriceTable
from inventory.views.answers import carried_out
from inventory.views.catalogue import CHANGE
from omni.access import StaffRequest, staff_view
from omni.listing import Empty, ListPage, Quick
from omni.models import Channel
from omni.money import to_decimal
from omni.navigation import shell

LISTS = ListPage(
    url_name="price_lists",
    title=_("Price lists"),
    table=PriceListTable,
    filters=PriceListFilters,
    order="-priority",
    search=("name__icontains", "code__iexact"),
    hidden=("currency",),
    quick=(Quick(_("Hold now"), {"state": "now"}), Quick(_("Begin later"), {"state": "later"})),
    empty=Empty(_("There are no price lists yet."), _("Import a file"), "imports"),
    template="inventory/prices/list.html",
)
PRICES = ListPage(
    url_name="price_list",
    title=_("Prices"),
    table=PriceTable,
    order="product",
    search=("variant__sku__iexact", "variant__gtins__code", "variant__product__name__icontains"),
    search_hint=_("Name, SKU or barcode"),
    empty=Empty(_("This list has no prices yet.")),
    template="inventory/prices/detail.html",
)
JUST_NOW = timedelta(minutes=2)


@staff_view("inventory.view_variant")
def price_lists(request: StaffRequest) -> HttpResponseBase:
    shell(request)
    rows = PriceList.objects.visible_to(request.user).select_related("channel").annotate(price_count=Count("prices"))
    return LISTS.answer(request, rows)


@staff_view(CHANGE, methods=["GET", "POST"])
def price_list_add(request: StaffRequest) -> HttpResponse:
    form = PriceListForm(request.POST or None, staff=request.user)
    made: list[PriceList] = []
    if request.method == "POST" and carried_out(form, lambda: made.append(create(request, form))):
        return redirect("price_list", made[0].code)
    return render(request, "inventory/prices/add.html", {"form": form}, status=422 if form.errors else 200)


def create(request: StaffRequest, form: PriceListForm) -> PriceList:
    now = timezone.now()
    values = {**form.cleaned_data, "starts_at": begins(form.cleaned_data["starts_at"], now)}
    return prices.create_price_list(by=request.user, at=now, **values)


def begins(chosen: datetime | None, now: datetime) -> datetime:
    """The moment chosen; the minute in which the form was filled in counts as now."""
    return now if chosen is None or now - JUST_NOW <= chosen <= now else chosen


@staff_view("inventory.view_variant")
def price_list(request: StaffRequest, code: str) -> HttpResponseBase:
    """What one list says."""
    return page(request, list_of(request, code))


@staff_view(CHANGE, methods=["GET", "POST"])
def price_set(request: StaffRequest, code: str) -> HttpResponseBase:
    """Write one price, in a drawer over the list."""
    found = list_of(request, code)
    variant = Variant.objects.visible_to(request.user).filter(public_id=request.GET.get("variant", "")).first()
    known = variant.prices.filter(price_list=found).first() if variant else None
    shown = {"variant": variant, "amount": decimal_of(known)}
    form = PriceForm(request.POST or None, initial=shown, price_list=found)
    if request.method == "POST" and carried_out(form, lambda: write(request, found, form)):
        messages.success(request, _("Saved."))
        return redirect("price_list", code)
    context: dict[str, Any] = {"form": form, "part": "inventory/prices/_price.html"}
    if request.headers.get("HX-Request"):
        return render(request, context["part"], {**context, "price_list": found})
    return page(request, found, status=422 if form.errors else 200, **context)


def decimal_of(price: Price | None) -> Decimal | None:
    return to_decimal(price.amount_minor, price.price_list.currency) if price else None


def write(request: StaffRequest, found: PriceList, form: PriceForm) -> None:
    amounts = {form.cleaned_data["variant"]: form.cleaned_data["amount"]}
    prices.set_prices(price_list=found, amounts=amounts, by=request.user, at=timezone.now())


@staff_view(CHANGE, methods=["GET", "POST"])
def price_list_end(request: StaffRequest, code: str) -> HttpResponseBase:
    """Let a list end: it says beforehand how many prices that takes away."""
    found = list_of(request, code)
    form = EndForm(request.POST or None)
    if request.method == "POST" and carried_out(form, lambda: end(request, found, form)):
        messages.success(request, _("Saved. The lists behind it take over."))
        return redirect("price_lists")
    context: dict[str, Any] = {"form": form, "part": "inventory/prices/_end.html", "count": found.prices.count()}
    if request.headers.get("HX-Request"):
        return render(request, context["part"], {**context, "price_list": found})
    return page(request, found, status=422 if form.errors else 200, **context)


def end(request: StaffRequest, found: PriceList, form: EndForm) -> None:
    now = timezone.now()
    ends = begins(form.cleaned_data["ends_at"], now)
    prices.end_price_list(price_list=found, ends_at=ends, by=request.user, at=now)


@staff_view("inventory.view_variant")
def price_why(request: StaffRequest, public_id: str) -> HttpResponse:
    """Why this price? Every list that has one, per channel that sells."""
    found = Variant.objects.visible_to(request.user).select_related("product")
    variant = get_object_or_404(found, public_id=public_id)
    channels: list[Channel | None] = [*Channel.objects.visible_to(request.user).selling()]
    chosen = next((one for one in channels if one and one.code == request.GET.get("channel")), None)
    context = {
        "variant": variant,
        "channels": channels,
        "channel": chosen,
        "grounds": why_price(variant, channel=chosen, at=timezone.now()),
    }
    if request.headers.get("HX-Request"):
        return render(request, "inventory/prices/_why.html", context)
    return render(request, "inventory/prices/why.html", context)


def page(request: StaffRequest, found: PriceList, status: int = 200, **context) -> HttpResponseBase:
    """The page of a list, with a drawer over it if there is one."""
    shell(request)
    rows = found.prices.select_related("price_list", "variant__product__category")
    response = PRICES.answer(request, rows, price_list=found, now=timezone.now(), **context)
    response.status_code = status if response.status_code == 200 else response.status_code
    return response


def list_of(request: StaffRequest, code: str) -> PriceList:
    return get_object_or_404(PriceList.objects.visible_to(request.user).select_related("channel"), code=code)
