"""Keeping the rollups of sales: from history, and from the news of each sale."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F

from journeys.models import SalesDay
from omni.db import insert_rows
from omni.loading import complete_journey as source
from omni.models import Channel, Location, Origin
from omni.services.loading import TILLS, Load, Shard


@dataclass
class DaySum:
    """What one store sold on one day."""

    paid: int = 0
    discount: int = 0
    lines: int = 0
    units: int = 0
    baskets: set[int] = field(default_factory=set)


def load_sales_days(task: Load) -> list[Shard]:
    """Totals per store and day, from every line: those without units and fuel, too, or they would not add up."""
    size = source.lines(stores=task.stores, first=task.first, last=task.last).num_rows // 10
    return [Shard("all", size, partial(make_sales_days, task))]


def make_sales_days(task: Load) -> dict[str, int]:
    sums = day_sums(task)
    stores = dict(Location.objects.values_list("code", "pk"))
    tills = Channel.objects.get(code=TILLS).pk
    rows = (
        (day + timedelta(weeks=task.weeks), stores[f"store-{store}"], tills, source.CURRENCY, Origin.REAL.value,
         total.paid, total.discount, len(total.baskets), total.lines, total.units, task.at)
        for (store, day), total in sums.items()
    )  # fmt: skip
    names = [
        "day", "location_id", "channel_id", "currency", "origin", "paid_minor", "discount_minor", "baskets", "lines",
        "units", "updated_at",
    ]  # fmt: skip
    insert_rows(SalesDay, names, rows)
    return {"baskets": sum(len(total.baskets) for total in sums.values())}


def day_sums(task: Load) -> dict[tuple[int, date], DaySum]:
    lines = source.lines(stores=task.stores, first=task.first, last=task.last)
    names = ["store_id", "day", "basket_id", "quantity", "paid_minor", "discount_minor", "is_fuel"]
    sums: dict[tuple[int, date], DaySum] = {}
    for store, day, basket, quantity, paid, discount, fuel in zip(*(lines[n].to_pylist() for n in names), strict=True):
        total = sums.setdefault((store, day), DaySum())
        total.paid += paid
        total.discount += discount
        total.lines += 1
        total.units += 0 if fuel else quantity
        total.baskets.add(basket)
    return sums


@transaction.atomic
def add_sale(
    *, day: date, location: Location, channel: Channel, currency: str, amount_minor: int, lines: int, units: int,
    at: datetime, origin: str = Origin.REAL, back: bool = False,
) -> None:  # fmt: skip
    """
    Add one basket to its day. Amounts are what the customer paid, in minor units of ``currency``.

    back: goods taken back; money and units go off the day, and no basket is counted.
    """
    row, _fresh = SalesDay.objects.get_or_create(
        day=day, location=location, channel=channel, currency=currency, origin=origin, defaults={"updated_at": at}
    )
    sign = -1 if back else 1
    SalesDay.objects.filter(pk=row.pk).update(
        paid_minor=F("paid_minor") + sign * abs(amount_minor), units=F("units") + sign * abs(units),
        baskets=F("baskets") + (0 if back else 1), lines=F("lines") + lines, updated_at=at,
    )  # fmt: skip
