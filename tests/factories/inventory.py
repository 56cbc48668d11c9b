"""Plain functions that make the rows of inventory. Stock is made by booking it, so that the ledger always adds up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from inventory.models import (
    Category,
    ChannelBuffer,
    KitComponent,
    Listing,
    ListingState,
    Product,
    SafetyStockRule,
    StockLevel,
    Variant,
)
from inventory.services import reservations, stock
from omni.models import Channel, ConnectorAccount, Location
from tests.factories.omni import NOON, make_account, make_location

number = count(1)


def make_category(code: str = "", *, parent: Category | None = None, **values: Any) -> Category:
    code = code or f"category-{next(number)}"
    values = {"code": code, "name": code.title(), **values}
    return Category.objects.add_child(parent, values) if parent else Category.objects.add_root(values)


def make_product(code: str = "", **values: Any) -> Product:
    code = code or f"P{next(number)}"
    return Product.objects.create(code=code, **{"name": f"Product {code}", **values})


def make_variant(sku: str = "", *, product: Product | None = None, category: Category | None = None, **values: Any):
    sku = sku or f"SKU{next(number)}"
    product = product or make_product(category=category)
    return Variant.objects.create(sku=sku, product=product, **values)


def make_kit(components: Mapping[Variant, int], sku: str = "", **values: Any) -> Variant:
    """A variant that is sold as these units of others."""
    kit = make_variant(sku, **values)
    for component, quantity in components.items():
        KitComponent.objects.create(kit=kit, component=component, quantity=quantity)
    return kit


def make_stock(
    *,
    variant: Variant | None = None,
    location: Location | None = None,
    on_hand: int = 0,
    reserved: int = 0,
    unavailable: int = 0,
    at: datetime = NOON,
    **values: Any,
) -> StockLevel:
    """A level with these figures, each of them booked. values: other columns, such as reorder_point or assumed."""
    variant, location = variant or make_variant(), location or make_location()
    said: dict[str, Any] = {"variant": variant, "location": location, "by": None, "at": at}
    if on_hand:
        stock.receive(**said, quantity=on_hand, source="factory", external_id=f"receipt-{next(number)}")
    if unavailable:
        name = f"apart-{next(number)}"
        stock.set_apart(**said, quantity=unavailable, reason="damaged", source="factory", external_id=name)
    if reserved:
        make_reservation(variant=variant, location=location, quantity=reserved, at=at)
    level, _made = StockLevel.objects.get_or_create(variant=variant, location=location)
    if values:
        StockLevel.objects.filter(pk=level.pk).update(**values)
    level.refresh_from_db()
    return level


def make_reservation(*, variant: Variant, location: Location | None, quantity: int = 1, at: datetime = NOON, **values):
    """One open promise; without a location it is unrouted demand. values: holder, channel, until."""
    demand = reservations.Demand(variant, location, quantity)
    said = {"holder": f"factory:{next(number)}", "channel": None, "until": None, **values}
    return reservations.reserve(demands=[demand], by=None, at=at, **said)[0]


def make_listing(
    variant: Variant,
    *,
    account: ConnectorAccount | None = None,
    location: Location | None = None,
    at: datetime = NOON,
    clean: bool = True,
    **values: Any,
) -> Listing:
    """A live listing with its state; ``clean``: pushed as it is, nothing owed."""
    account = account or make_account()
    values = {"remote_sku": variant.sku, "listed_at": at, **values}
    listing = Listing.objects.create(account=account, variant=variant, location=location, **values)
    ListingState.objects.create(listing=listing, dirty=not clean, pushed_version=1 if clean else 0)
    return listing


def make_safety_stock(units: int, **values: Any) -> SafetyStockRule:
    """A safety stock rule. values: variant, category, location, group, starts_at, ends_at, name."""
    values = {"name": f"safety {next(number)}", "starts_at": NOON - timedelta(days=30), **values}
    return SafetyStockRule.objects.create(units=units, **values)


def make_buffer(channel: Channel, **values: Any) -> ChannelBuffer:
    """A channel buffer. values: units or percent, variant, category, starts_at, ends_at, name."""
    values = {"name": f"buffer {next(number)}", "starts_at": NOON - timedelta(days=30), **values}
    return ChannelBuffer.objects.create(channel=channel, **values)
