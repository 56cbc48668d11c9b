"""The till: scan or type, see the price, sell. The receipt being made lives in the URL and the form, nowhere else."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from inventory.models import StockLevel, Variant
from inventory.queries import prices
from inventory.queries.prices import Quote
from inventory.services.stock import SaleLine, sell
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.htmx import scanned
from omni.ids import public_id
from omni.models import Channel, Location, User
from omni.navigation import shell

MOST_LINES = 100


@dataclass(frozen=True)
class ReceiptLine:
    """One line of the receipt being made."""

    variant: Variant
    quantity: int
    quote: Quote | None
    level: StockLevel | None

    @property
    def amount_minor(self) -> int | None:
        return self.quote.amount_minor * self.quantity if self.quote else None


@staff_view("inventory.sell_at_till")
def till(request: StaffRequest) -> HttpResponse:
    """The till of one store with the receipt that the URL holds; adds what was scanned."""
    around = shell(request)["shell"]
    places = [place for place in around.places if place.kind == Location.Kind.STORE]
    place = around.place or (places[0] if places else None)
    wanted = quantities(request.GET.getlist("line"))
    code = request.GET.get("code", "").strip()
    found = find(request.user, code) if code else []
    if len(found) == 1:
        wanted[found[0].sku] = wanted.get(found[0].sku, 0) + 1
        code, found = "", []
    receipt = receipt_of(request.user, wanted, place)
    context = {
        "place": place,
        "places": places,
        "code": code,
        "found": found,
        "receipt": receipt,
        "key": request.GET.get("key") or public_id(),
    }
    answer = render(request, template_for(request), {**context, **totals(receipt)})
    return scanned(answer, ok=not code) if "code" in request.GET else answer


@staff_view("inventory.sell_at_till", methods=["POST"])
def till_sell(request: StaffRequest) -> HttpResponse:
    """Sell what the form holds, once per receipt, and begin a new one."""
    place = get_object_or_404(Location.objects.visible_to(request.user), code=request.POST.get("store", ""))
    key = request.POST.get("key", "")[:40] or public_id()
    receipt = receipt_of(request.user, quantities(request.POST.getlist("line")), place)
    context = {"place": place, "places": [place], "receipt": receipt, "key": key, **totals(receipt)}
    lines = [sale_line(line, key, number) for number, line in enumerate(receipt, 1)]
    channel = till_channel(request.user, place)
    try:
        sale = sell(
            location=place, lines=lines, channel=channel, source="till", document=f"receipt:{key}", by=request.user,
            at=timezone.now(),
        )  # fmt: skip
    except RuleBroken as broken:
        return render(request, template_for(request), {**context, "refusal": str(broken)}, status=422)
    sold = {"sold": sale, "sold_receipt": receipt, "sold_total": context["total"], "sold_key": key}
    return render(request, template_for(request), {**context, **sold, "receipt": [], "total": None, "key": public_id()})


def template_for(request: StaffRequest) -> str:
    return "inventory/till/_till.html" if request.headers.get("HX-Request") else "inventory/till/page.html"


def quantities(lines: list[str]) -> dict[str, int]:
    """Read ``SKU*units`` of the form, in its order; a line of no units is taken off."""
    wanted: dict[str, int] = {}
    for line in lines[:MOST_LINES]:
        sku, _sign, units = line.rpartition("*")
        if sku and units.isdecimal() and 0 < int(units) < 100_000:
            wanted[sku] = wanted.get(sku, 0) + int(units)
    return wanted


def find(staff: User, code: str) -> list[Variant]:
    """The one variant that a code names, or the fastest of those that the words may mean."""
    variants = Variant.objects.visible_to(staff).open().select_related("product", "pace")
    exact = list(variants.filter(sku=code)[:1]) or list(variants.filter(gtins__code=code)[:1])
    return exact or list(variants.matching(code).order_by("-pace__sold_28d", "sku")[:8])


def receipt_of(staff: User, wanted: dict[str, int], place: Location | None) -> list[ReceiptLine]:
    at = timezone.now()
    known = Variant.objects.visible_to(staff).filter(sku__in=wanted).select_related("product")
    variants = {variant.sku: variant for variant in known}
    keys = [variant.pk for variant in variants.values()]
    quotes = prices.prices_of(keys, channel=till_channel(staff, place), at=at)
    shelf = StockLevel.objects.visible_to(staff).filter(variant__in=keys, location=place)
    levels = {level.variant_id: level for level in shelf}
    return [
        ReceiptLine(variants[sku], units, quotes.get(variants[sku].pk), levels.get(variants[sku].pk))
        for sku, units in wanted.items()
        if sku in variants
    ]


def totals(receipt: list[ReceiptLine]) -> dict:
    """The sum in its currency; lines without a price are counted, not guessed."""
    priced = [line for line in receipt if line.quote]
    return {
        "total": sum(line.amount_minor or 0 for line in priced),
        "currency": priced[0].quote.currency if priced and priced[0].quote else "",
        "units": sum(line.quantity for line in receipt),
        "without_price": len(receipt) - len(priced),
    }


def till_channel(staff: User, place: Location | None) -> Channel | None:
    """The channel of the tills that serve this place."""
    if place is None:
        return None
    return Channel.objects.visible_to(staff).selling().filter(hue=Channel.Hue.TILL, locations=place).first()


def sale_line(line: ReceiptLine, key: str, number: int) -> SaleLine:
    return SaleLine(
        variant=line.variant,
        quantity=line.quantity,
        external_id=f"{key}:{number}",
        amount_minor=line.amount_minor,
        currency=line.quote.currency if line.quote else "",
    )
