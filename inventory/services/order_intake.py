"""
Taking in many orders at once: each is promised wholly or not at all, in their order, under one set of locks.

On PostgreSQL in one statement (reserve_many_v1), elsewhere one after the other in one transaction; with equal results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from inventory.models import Reservation
from inventory.services import intake, promises
from inventory.services.ledger import NotEnoughStock, check_units, lacking, locked, parts_of
from inventory.services.promises import Demand, PromiseDiffers
from omni.db import on_postgresql, retry_conflicts
from omni.models import Channel, User
from omni.queue import poke

RESERVE = (
    "SELECT reserve_many_v1(%s::text[], %s::bigint[], %s::timestamptz[], %s, %s, "
    "%s::integer[], %s::bigint[], %s::bigint[], %s::integer[])"
)


@dataclass(frozen=True)
class Order:
    """What one holder wants promised; each demand with its location."""

    holder: str
    demands: Sequence[Demand]
    channel: Channel | None = None
    until: datetime | None = None


Outcome = list[Reservation] | NotEnoughStock | PromiseDiffers


@retry_conflicts
def reserve_many(*, orders: Sequence[Order], by: User | None, at: datetime) -> list[Outcome]:
    """
    Promise what many orders want, order by order; return for each its reservations, or the refusal it met.

    A refused order takes nothing, and those after it go on. An order whose holder has promises already is asked for
    like any other repeat. Raises NotWholeUnits, ImplausibleQuantity before anything is touched.
    """
    for order in orders:
        for demand in order.demands:
            check_units(demand.variant, demand.quantity)
            if demand.location is None:
                raise ValueError("every demand of a batch has a location")
    with transaction.atomic():
        lock_all(orders)
        again = repeated(orders)
        if on_postgresql():
            fresh = [number for number in range(len(orders)) if number not in again]
            done = dict(zip(fresh, in_one_statement([orders[n] for n in fresh], by=by, at=at), strict=True))
            return [done[n] if n in done else one(order, by=by, at=at) for n, order in enumerate(orders)]
        return [one(order, by=by, at=at) for order in orders]


def lock_all(orders: Sequence[Order]) -> None:
    """Lock every level of a plain batch in the global order before the first order is looked at; make none."""
    if on_postgresql():
        return
    demands = [demand for order in orders for demand in order.demands]
    parts = parts_of(demand.variant for demand in demands)
    places = {
        (part.pk, demand.location.pk)
        for demand in demands
        if demand.location
        for part, _units in parts[demand.variant.pk]
    }
    locked(sorted(places))


def repeated(orders: Sequence[Order]) -> set[int]:
    """Numbers of the orders whose holder holds something already, or comes twice in this batch."""
    holders = [order.holder for order in orders]
    held = set(Reservation.objects.open().filter(holder__in=holders).values_list("holder", flat=True))
    again: set[int] = set()
    for number, holder in enumerate(holders):
        if holder in held:
            again.add(number)
        held.add(holder)
    return again


def one(order: Order, *, by: User | None, at: datetime) -> Outcome:
    try:
        with transaction.atomic():
            return promises.make(
                holder=order.holder, demands=order.demands, channel=order.channel, until=order.until, by=by, at=at
            )
    except (NotEnoughStock, PromiseDiffers) as refused:
        return refused


def in_one_statement(orders: Sequence[Order], *, by: User | None, at: datetime) -> list[Outcome]:
    lines = [(number, demand) for number, order in enumerate(orders, 1) for demand in order.demands]
    if not lines:
        return [[] for _order in orders]
    answer = intake.ask(
        RESERVE,
        [order.holder for order in orders],
        [order.channel.pk if order.channel else None for order in orders],
        [order.until for order in orders],
        at,
        by.pk if by else None,
        [number for number, _demand in lines],
        [demand.variant.pk for _n, demand in lines],
        [demand.location.pk for _n, demand in lines if demand.location],
        [demand.quantity for _n, demand in lines],
    )
    if answer["marked"]:
        transaction.on_commit(partial(poke, "inventory.schedule_push"))
    lacks, made = by_order(answer["lacks"]), by_order(answer["made"])
    return [
        lacking([intake.lack_of(row) for row in lacks[number]])
        if number in lacks
        else made_for(order, made.get(number, []), at)
        for number, order in enumerate(orders, 1)
    ]


def by_order(rows: list[list[Any]]) -> dict[int, list[list[Any]]]:
    """Rows that begin with the number of their order, by that number."""
    grouped: dict[int, list[list[Any]]] = {}
    for number, *row in rows:
        grouped.setdefault(number, []).append(row)
    return grouped


def made_for(order: Order, rows: list[list[Any]], at: datetime) -> list[Reservation]:
    variants = {demand.variant.pk: demand.variant for demand in order.demands}
    said = {"holder": order.holder, "channel": order.channel, "until": order.until, "at": at}
    return [intake.promise_of(row, variants, **said) for row in rows]
