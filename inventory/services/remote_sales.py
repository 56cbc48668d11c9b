"""
Sales that a channel made by itself, booked as facts.

A line is known by (account, order, line) and may be read many times: what stands sold now is compared with what was
booked before, and only the difference is booked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from inventory.models import Bucket, ListingEvent, StockLevel, StockMovement, Variant
from inventory.queries.places import Places, StrangePlace, find_listings
from inventory.services import listings, memory, stock, streams
from inventory.services.ledger import LEG_END, parts_of
from omni.connectors.base import ListingRef, RemoteSale
from omni.errors import RuleBroken
from omni.models import Channel, ConnectorAccount, Location, SetAside
from omni.services.inbound import set_aside

ORDERS_AT_ONCE = 200


class UnknownSku(RuleBroken):
    """The channel sold something that is not in the catalogue. data: sku."""

    code = "unknown_sku"


class UnknownLocation(RuleBroken):
    """The channel names a place that is linked with none of our locations. data: location."""

    code = "unknown_location"


@dataclass(frozen=True)
class Shop:
    """One account, with what is needed to understand its rows."""

    account: ConnectorAccount
    places: Places

    @property
    def source(self) -> str:
        return f"{self.account.kind}:{self.account.code}"

    @property
    def channel(self) -> Channel:
        return self.account.channel


def book_page(shop: Shop, sales: Sequence[RemoteSale], *, at: datetime, keep_going: Any) -> int:
    """Book what is new on a page, some orders a transaction; the caller commits the cursor after the last of them."""
    orders: dict[str, list[RemoteSale]] = {}
    for sale in sales:
        orders.setdefault(sale.order_id, []).append(sale)
    batches = [list(orders.values())[start : start + ORDERS_AT_ONCE] for start in range(0, len(orders), ORDERS_AT_ONCE)]
    booked = 0
    for batch in batches:
        with transaction.atomic():
            keep_going()
            booked += book(shop, [sale for order in batch for sale in order], at=at)
    return booked


def book(shop: Shop, sales: Sequence[RemoteSale], *, at: datetime) -> int:
    """Book these lines; what cannot be booked is set aside. Returns how many lines changed anything."""
    variants = {row.sku: row for row in Variant.objects.filter(sku__in={sale.sku for sale in sales})}
    before = booked_before(shop.source, sales, variants)
    fullest = fullest_places(shop, [row.pk for row in variants.values()]) if pooled(sales) else {}
    events, unplaced, booked = [], set[str](), 0
    known = find_listings(shop.account, {ref_of(sale) for sale in sales}, shop.places)
    for sale in sales:
        units, legs = before.get(external_id(sale), (0, 0))
        if sale.quantity == units:
            continue
        try:
            with transaction.atomic():
                book_line(shop, sale, variants, fullest, change=sale.quantity - units, legs=legs, at=at)
        except RuleBroken as broken:
            payload = {"stream": "orders", "sale": as_json(sale)}
            set_aside(
                kind=streams.ROW, account=shop.account, payload=payload, code=broken.code, reason=str(broken), at=at
            )
            continue
        booked += 1
        if ref_of(sale) in known:
            events.append(event_of(known[ref_of(sale)].pk, sale, change=sale.quantity - units))
        elif sale.location is None:
            unplaced.add(sale.sku)
    memory.learn(events)
    listings.mark_places(shop.account, unplaced, at=at)
    return booked


def book_line(
    shop: Shop,
    sale: RemoteSale,
    variants: dict[str, Variant],
    fullest: dict[int, Location],
    *,
    change: int,
    legs: int,
    at: datetime,
) -> None:
    """Book a difference: more sold is a sale, less a return."""
    variant = variants.get(sale.sku)
    if variant is None:
        raise UnknownSku(_("%(sku)s is not in the catalogue.") % {"sku": sale.sku}, sku=sale.sku)
    location = place_of(shop, sale, variant, fullest)
    same = not legs and abs(change) == abs(sale.quantity)
    line = stock.SaleLine(
        variant=variant,
        quantity=abs(change),
        external_id=external_id(sale),
        leg=f"change-{legs}" if legs else "",
        amount_minor=abs(sale.amount_minor) if same and sale.amount_minor is not None else None,
        currency=sale.currency or "",
    )
    verb = stock.sell if change > 0 else stock.take_back
    verb(
        location=location, lines=[line], channel=shop.channel, source=shop.source,
        document=f"remote:{shop.account.code}:{sale.order_id}"[:80], by=None, at=min(sale.placed_at, at), recorded=at,
    )  # fmt: skip


def place_of(shop: Shop, sale: RemoteSale, variant: Variant, fullest: dict[int, Location]) -> Location:
    """Where the units come from: the place the channel names, else the fullest of its locations."""
    try:
        named = shop.places.ours(sale.location)
    except StrangePlace as strange:
        raise UnknownLocation(
            _("%(place)s is linked with none of our locations.") % {"place": sale.location}, location=sale.location
        ) from strange
    found = named or fullest.get(variant.pk) or shop.channel.locations.order_by("pk").first()
    if found is None:
        raise UnknownLocation(_("The channel %(channel)s has no location to sell from.") % {"channel": shop.channel})
    return found


def pooled(sales: Iterable[RemoteSale]) -> bool:
    return any(sale.location is None for sale in sales)


def fullest_places(shop: Shop, variant_ids: list[int]) -> dict[int, Location]:
    """For each variant the location of the channel with most free units; of equals the first."""
    rows = StockLevel.objects.filter(variant__in=variant_ids, location__channels=shop.channel)
    found: dict[int, Location] = {}
    for row in rows.select_related("location").order_by(F("available").desc(), "location_id"):
        found.setdefault(row.variant_id, row.location)
    return found


def booked_before(source: str, sales: Sequence[RemoteSale], variants: dict[str, Variant]) -> dict[str, tuple[int, int]]:
    """Units that stand booked for each line, and in how many steps: one query for all."""
    rows = StockMovement.objects.filter(
        source=source,
        external_id__in={external_id(sale) for sale in sales},
        bucket=Bucket.ON_HAND,
        kind__in=(StockMovement.Kind.SALE, StockMovement.Kind.RETURN),
    ).values_list("external_id", "leg", "level__variant_id", "quantity")
    units: dict[tuple[str, int], int] = {}
    legs: dict[str, set[str]] = {}
    for key, leg, variant, quantity in rows:
        units[key, variant] = units.get((key, variant), 0) - quantity
        legs.setdefault(key, set()).add(leg.split(LEG_END)[0])
    parts = parts_of(variants.values())
    found = {}
    for sale in sales:
        variant_of = variants.get(sale.sku)
        key = external_id(sale)
        if variant_of and key in legs and parts[variant_of.pk]:
            component, each = parts[variant_of.pk][0]
            found[key] = (units.get((key, component.pk), 0) // each, len(legs[key]))
    return found


def event_of(listing_id: int, sale: RemoteSale, *, change: int) -> ListingEvent:
    return ListingEvent(
        listing_id=listing_id,
        kind=ListingEvent.Kind.SOLD,
        quantity=change,
        remote_version=sale.stock_version or "",
        reference=external_id(sale),
        at=sale.placed_at,
    )


def external_id(sale: RemoteSale) -> str:
    return f"{sale.order_id}:{sale.line_id}"[:160]


def ref_of(sale: RemoteSale) -> ListingRef:
    return ListingRef(sale.remote_id or sale.sku, sale.sku, sale.location)


def as_json(sale: RemoteSale) -> dict[str, Any]:
    return {**asdict(sale), "placed_at": sale.placed_at.isoformat(), "hints": dict(sale.hints)}


def from_json(values: dict[str, Any]) -> RemoteSale:
    return RemoteSale(**{**values, "placed_at": datetime.fromisoformat(values["placed_at"])})


def rebook(item: SetAside, shop: Shop, *, at: datetime) -> None:
    """Try a line again that was set aside. Raises what still refuses it."""
    sale = from_json(item.payload["sale"])
    variants = {row.sku: row for row in Variant.objects.filter(sku=sale.sku)}
    units, legs = booked_before(shop.source, [sale], variants).get(external_id(sale), (0, 0))
    if sale.quantity != units:
        fullest = fullest_places(shop, [row.pk for row in variants.values()])
        book_line(shop, sale, variants, fullest, change=sale.quantity - units, legs=legs, at=at)
        found = find_listings(shop.account, {ref_of(sale)}, shop.places)
        memory.learn([event_of(row.pk, sale, change=sale.quantity - units) for row in found.values()])
        if sale.location is None and not found:
            listings.mark_places(shop.account, {sale.sku}, at=at)
