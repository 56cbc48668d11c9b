"""How a promise is made, changed and closed inside one posting: the plain form, which every database understands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from inventory.models import Bucket, Reservation, StockLevel, Variant
from inventory.services import listings
from inventory.services.ledger import (
    Kind,
    Place,
    Posting,
    booked_once,
    check_units,
    lack,
    lacking,
    parts_of,
    post,
)
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Channel, ChannelLocation, Location, User

SOURCE = "reservation"
State = Reservation.State


class PromiseDiffers(RuleBroken):
    """The holder has a promise on this level already, over another quantity. data: sku, promised, asked."""

    code = "promise_differs"
    status = 409


class ReservationClosed(RuleBroken):
    """The promise was handed over, given back or lapsed before. data: state."""

    code = "reservation_closed"
    status = 409


@dataclass(frozen=True)
class Demand:
    """Units of a variant that somebody wants from a location; None: wherever the channel will take them from."""

    variant: Variant
    location: Location | None
    quantity: int


@dataclass(frozen=True)
class Need:
    """Demand summed up: units of what is really counted, at one location or none."""

    variant: Variant
    location: Location | None
    quantity: int


def summed(demands: Sequence[Demand]) -> list[Need]:
    """Check and sum demand per variant and location, kits by their components, before anything else is checked."""
    for demand in demands:
        check_units(demand.variant, demand.quantity)
    parts = parts_of(demand.variant for demand in demands)
    units: dict[tuple[int, int], int] = {}
    things: dict[tuple[int, int], tuple[Variant, Location | None]] = {}
    for demand in demands:
        for variant, each in parts[demand.variant.pk]:
            key = (variant.pk, demand.location.pk if demand.location else 0)
            units[key] = units.get(key, 0) + each * demand.quantity
            things[key] = (variant, demand.location)
    return [Need(*things[key], units[key]) for key in sorted(units)]


@booked_once
def make(
    *,
    holder: str,
    demands: Sequence[Demand],
    channel: Channel | None,
    until: datetime | None,
    by: User | None,
    at: datetime,
) -> list[Reservation]:
    """See .reservations.reserve, whose plain form this is."""
    needs = summed(demands)
    routed = [need for need in needs if need.location]
    unrouted = [need for need in needs if need.location is None]
    shelves = places_of(unrouted, channel)
    posting = post(
        {(need.variant.pk, need.location.pk) for need in routed if need.location} | shelves,
        source=SOURCE, at=at, by=by, channel=channel, document=holder[:80],
    )  # fmt: skip
    held = {(row.variant_id, row.level_id): row for row in Reservation.objects.open().filter(holder=holder)}
    check_free(posting, needs, held, shelves)
    made = [hold(posting, need, holder, channel, until, held) for need in needs]
    posting.write()
    if shelves:
        listings.mark_dirty(shelves, at=at)
    fresh = [row for row, is_new in made if is_new]
    if fresh:
        record(
            "stock.reserved", subject=holder[:80], at=at, by=by, channel=channel,
            reservations=[row.public_id for row in fresh], units=sum(row.quantity for row in fresh),
        )  # fmt: skip
    return [row for row, _new in made]


def places_of(unrouted: Sequence[Need], channel: Channel | None) -> set[Place]:
    """Where unrouted demand may be taken from: the variant's levels at every location of its channel (or at all)."""
    if not unrouted:
        return set()
    levels = StockLevel.objects.filter(variant__in=[need.variant for need in unrouted])
    if channel:
        levels = levels.filter(location__in=ChannelLocation.objects.filter(channel=channel).values("location"))
    return set(levels.values_list("variant_id", "location_id"))


Held = dict[tuple[int, int | None], Reservation]


def check_free(posting: Posting, needs: Sequence[Need], held: Held, shelves: set[Place]) -> None:
    """Under the locks: raise NotEnoughStock unless every need can be met."""
    lacks = []
    taken: dict[int, int] = {}
    for need in needs:
        if need.location is None:
            if (need.variant.pk, None) in held:
                continue
            free = pooled(posting, need.variant, shelves) - taken.get(need.variant.pk, 0)
            if need.quantity > free:
                lacks.append({**lack_of(need, free), "location": _("all its locations together")})
            continue
        level = posting.level(need.variant, need.location)
        if (need.variant.pk, level.pk) in held:
            continue
        free = level.free
        if need.quantity > free:
            lacks.append(lack_of(need, free))
        elif (level.variant_id, level.location_id) in shelves:
            taken[need.variant.pk] = taken.get(need.variant.pk, 0) + need.quantity
    if lacks:
        raise lacking(lacks)


def lack_of(need: Need, free: int) -> dict:
    return {
        "sku": need.variant.sku,
        "location": need.location.name if need.location else "",
        "asked": need.quantity,
        "available": max(0, free),
    }


def pooled(posting: Posting, variant: Variant, shelves: set[Place]) -> int:
    """Free units over the locked shelves, less what unrouted demand will take from any of them."""
    own = [posting.levels[place] for place in shelves if place[0] == variant.pk]
    locations = {level.location_id for level in own}
    serving = ChannelLocation.objects.filter(location__in=locations).values("channel")
    waiting = Reservation.objects.unrouted().filter(variant=variant).filter(Q(channel=None) | Q(channel__in=serving))
    demand = waiting.aggregate(units=Sum("open_units"))["units"] or 0
    return sum(level.free for level in own) - demand


def hold(
    posting: Posting, need: Need, holder: str, channel: Channel | None, until: datetime | None, held: Held
) -> tuple[Reservation, bool]:
    """Keep checked units for a holder; the same promise again is that promise. Returns it and whether it is new."""
    level = posting.level(need.variant, need.location) if need.location else None
    known = held.get((need.variant.pk, level.pk if level else None))
    if known:
        return same(known, need), False
    promise = Reservation.objects.create(
        holder=holder, variant=need.variant, level=level, channel=channel, quantity=need.quantity, until=until,
        created_at=posting.at,
    )  # fmt: skip
    if level:
        name = promise.public_id
        posting.move(level, Bucket.RESERVED, need.quantity, Kind.RESERVE, external_id=name, leg="reserve")
    return promise, True


def same(known: Reservation, need: Need) -> Reservation:
    if known.quantity != need.quantity:
        raise differing(need.variant, known.quantity, need.quantity)
    return known


def differing(variant: Variant, promised: int, asked: int) -> PromiseDiffers:
    """The refusal for a holder who has a promise over another quantity."""
    return PromiseDiffers(
        _("%(promised)s of %(sku)s are held already, not %(asked)s.")
        % {"promised": promised, "sku": variant.sku, "asked": asked},
        sku=variant.sku,
        promised=promised,
        asked=asked,
    )


def opened(
    reservation: Reservation, *, by: User | None, at: datetime, also: Location | None = None
) -> tuple[Reservation, Posting]:
    """
    Lock the level of a promise (and another one), then the promise itself. Raises ReservationClosed.

    The level of a row never changes, so that it may be read before it is locked.
    """
    places: set[Place] = {(reservation.variant_id, also.pk)} if also else set()
    if reservation.level_id:
        level = StockLevel.objects.get(pk=reservation.level_id)
        places.add((level.variant_id, level.location_id))
    posting = post(
        places, source=SOURCE, at=at, by=by, channel=reservation.channel, document=reservation.holder[:80]
    )  # fmt: skip
    rows = Reservation.objects.select_for_update(of=("self",), no_key=True)
    promise = rows.select_related("variant", "level__location").get(pk=reservation.pk)
    return promise, posting


def check_open(promise: Reservation) -> None:
    if promise.state != State.OPEN:
        raise ReservationClosed(
            _("This promise is closed: %(state)s.") % {"state": promise.get_state_display()}, state=promise.state
        )


def part_of(promise: Reservation, quantity: int | None) -> int:
    """The open units that are meant: all of them, or a part. Raises ReservationClosed, NotEnoughStock."""
    check_open(promise)
    if quantity is None:
        return promise.open_units
    check_units(promise.variant, quantity)
    if quantity > promise.open_units:
        place = promise.level.location.name if promise.level else _("no location yet")
        raise lacking([{"sku": promise.variant.sku, "location": place, "asked": quantity,
                        "available": promise.open_units}])  # fmt: skip
    return quantity


def settle(promise: Reservation, state: str, units: int, *, at: datetime) -> None:
    """Count units as committed or released and close the promise with its last one; one row must change."""
    counter = "committed" if state == State.COMMITTED else "released"
    changes: dict[str, Any] = {counter: F(counter) + units}
    if units == promise.open_units:
        changes |= {"state": state, "closed_at": at}
    change(promise, **changes)


def change(promise: Reservation, **changes: Any) -> None:
    """Change a promise that is open; raise ReservationClosed when it is not (any more)."""
    if Reservation.objects.open().filter(pk=promise.pk).update(**changes) != 1:
        promise.refresh_from_db()
        check_open(promise)
    promise.refresh_from_db()


def give_back(promise: Reservation, posting: Posting, units: int, state: str, *, reason: str) -> None:
    """Make promised units free again; demand without a place only stops being counted."""
    name = f"{promise.public_id}:back:{promise.released + units}"
    settle(promise, state, units, at=posting.at)
    if promise.level:
        level = posting.levels[promise.level.variant_id, promise.level.location_id]
        posting.move(level, Bucket.RESERVED, -units, Kind.RELEASE, external_id=name, leg="release", reason=reason)
    else:
        listings.mark_dirty(places_of([Need(promise.variant, None, units)], promise.channel), at=posting.at)


def take_over(promise: Reservation, units: int, location: Location, posting: Posting) -> Reservation:
    """Keep units of a promise at another level, for the same holder; joins what the holder has there."""
    level = posting.level(promise.variant, location)
    free = level.free
    if units > free:
        raise lacking([lack(promise.variant, location, units, free)])
    there = Reservation.objects.open().filter(holder=promise.holder, level=level).first()
    if there:
        change(there, quantity=F("quantity") + units)
    else:
        there = Reservation.objects.create(
            holder=promise.holder, variant=promise.variant, level=level, channel=promise.channel, quantity=units,
            until=promise.until, created_at=posting.at,
        )  # fmt: skip
    name = f"{there.public_id}:from:{promise.public_id}:{promise.released}"
    posting.move(level, Bucket.RESERVED, units, Kind.RESERVE, external_id=name, leg="reserve")
    return there


def say(verb: str, promise: Reservation, posting: Posting, units: int) -> None:
    record(
        verb, subject=promise, at=posting.at, by=posting.by, channel=promise.channel,
        location=promise.level.location if promise.level else None, holder=promise.holder, units=units,
    )  # fmt: skip
