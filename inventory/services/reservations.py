"""
Promises: units kept for one holder, from the first acknowledged step to the hand-over.

``open`` becomes ``committed``, ``released`` or ``expired``, once: by an UPDATE whose condition must match one row. The
check and the reservation happen under the same locks (on PostgreSQL: in one statement, see .intake).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import Bucket, Reservation
from inventory.services import intake, promises
from inventory.services.ledger import Kind, NotEnoughStock, booked_once
from inventory.services.order_intake import Order, reserve_many
from inventory.services.promises import Demand, PromiseDiffers, ReservationClosed
from omni.activity import record
from omni.db import on_postgresql, retry_conflicts
from omni.models import Channel, Location, User

__all__ = [
    "Demand",
    "NotEnoughStock",
    "Order",
    "PromiseDiffers",
    "ReservationClosed",
    "commit",
    "convert",
    "expire",
    "extend",
    "move",
    "release",
    "release_lapsed",
    "reserve",
    "reserve_many",
    "route",
]
State = Reservation.State


@retry_conflicts
def reserve(
    *,
    holder: str,
    demands: Sequence[Demand],
    channel: Channel | None,
    until: datetime | None,
    by: User | None,
    at: datetime,
) -> list[Reservation]:
    """
    Promise units to a holder (``cart:8F3K2``, ``order:…``), all of them or none.

    Demand is summed per variant and location, kits by their components. A demand without a location is unrouted: it is
    held against the free units of all the channel's locations until ``route`` gives it a place. The same holder asking
    again for the same level is the same promise.
    until: when a promise to a cart lapses; None for orders.

    Raises NotEnoughStock (data: lacks), PromiseDiffers, NotWholeUnits, ImplausibleQuantity.
    """
    in_one_statement = on_postgresql() and demands and all(demand.location for demand in demands)
    form = intake.reserve if in_one_statement else promises.make
    return form(holder=holder, demands=demands, channel=channel, until=until, by=by, at=at)


@booked_once
def commit(
    *, reservation: Reservation, by: User | None, at: datetime, quantity: int | None = None, key: str = ""
) -> Reservation:
    """
    Hand promised units over: they leave the shelf. quantity: units, all that are open when None.

    key: the caller's name for this hand-over; the same key again changes nothing.
    Raises ReservationClosed, NotEnoughStock (more than is open).
    """
    promise, posting = promises.opened(reservation, by=by, at=at)
    name = f"{promise.public_id}:{key or 'commit'}"
    if key and posting.known([name]):
        return promise
    units = promises.part_of(promise, quantity)
    if promise.level is None or not units:
        raise ReservationClosed(_("There is nothing to hand over: no unit lies ready for it."), state=promise.state)
    name = name if key else f"{name}:{promise.committed + units}"
    level = posting.levels[promise.level.variant_id, promise.level.location_id]
    promises.settle(promise, State.COMMITTED, units, at=at)
    posting.move(level, Bucket.RESERVED, -units, Kind.COMMIT, external_id=name, leg="promise")
    posting.move(level, Bucket.ON_HAND, -units, Kind.COMMIT, external_id=name)
    posting.write()
    promises.say("reservation.committed", promise, posting, units)
    return promise


@booked_once
def release(
    *, reservation: Reservation, by: User | None, at: datetime, quantity: int | None = None, reason: str = ""
) -> Reservation:
    """Give promised units back to everybody, all that are open when quantity is None. Raises ReservationClosed."""
    promise, posting = promises.opened(reservation, by=by, at=at)
    units = promises.part_of(promise, quantity)
    promises.give_back(promise, posting, units, State.RELEASED, reason=reason)
    posting.write()
    promises.say("reservation.released", promise, posting, units)
    return promise


@booked_once
def expire(*, reservation: Reservation, at: datetime) -> Reservation:
    """Let a promise lapse whose time is over. Raises ReservationClosed, also when its time is not over yet."""
    promise, posting = promises.opened(reservation, by=None, at=at)
    units = promises.part_of(promise, None)
    if promise.until is None or promise.until > at:
        raise ReservationClosed(_("This promise has not lapsed."), state=promise.state)
    promises.give_back(promise, posting, units, State.EXPIRED, reason="lapsed")
    posting.write()
    promises.say("reservation.expired", promise, posting, units)
    return promise


def release_lapsed(*, at: datetime, limit: int = 500) -> int:
    """Let promises lapse whose time is over, each in its own transaction. Returns how many; safe to run twice."""
    freed = 0
    for promise in Reservation.objects.lapsed(at).order_by("until", "pk")[:limit]:
        try:
            expire(reservation=promise, at=at)
            freed += 1
        except ReservationClosed:
            continue
    return freed


@transaction.atomic
def extend(*, reservation: Reservation, until: datetime | None, by: User | None, at: datetime) -> Reservation:
    """Give a promise more (or less) time; None for no limit. Raises ReservationClosed."""
    promises.change(reservation, until=until)
    record("reservation.extended", subject=reservation, at=at, by=by, until=until.isoformat() if until else None)
    return reservation


@transaction.atomic
def convert(*, holder: str, into: str, by: User | None, at: datetime) -> list[Reservation]:
    """
    Turn what a cart holds into what an order holds, in place: the same rows, a new holder, no time limit.

    A repeat finds the rows under their new holder. Raises ReservationClosed when nothing is held under either.
    """
    held = Reservation.objects.open().filter(holder=holder).order_by("pk")
    rows = list(held.select_for_update(of=("self",), no_key=True))
    if rows:
        Reservation.objects.filter(pk__in=[row.pk for row in rows]).update(holder=into, until=None)
        order = into if len(into) <= 40 else ""
        record("reservation.converted", subject=into, at=at, by=by, order=order, cart=holder, reservations=len(rows))
    now = list(Reservation.objects.open().filter(holder=into).order_by("pk"))
    if not now:
        raise ReservationClosed(_("Nothing is held for %(holder)s any more.") % {"holder": holder}, state="")
    return now


@booked_once
def route(
    *, reservation: Reservation, location: Location, by: User | None, at: datetime, quantity: int | None = None
) -> Reservation:
    """
    Give unrouted demand (or a part of it) a place: it ends here and is promised there, at once.

    Raises NotEnoughStock (and nothing changed), ReservationClosed.
    """
    return shifted(reservation, location, by=by, at=at, quantity=quantity, reason="routed")


@booked_once
def move(
    *, reservation: Reservation, location: Location, by: User | None, at: datetime, quantity: int | None = None
) -> Reservation:
    """
    Move a promise (or a part of it) to another location: released here and reserved there, with the check, at once.

    Raises NotEnoughStock (and nothing changed), ReservationClosed.
    """
    return shifted(reservation, location, by=by, at=at, quantity=quantity, reason="moved")


def shifted(
    reservation: Reservation, location: Location, *, by: User | None, at: datetime, quantity: int | None, reason: str
) -> Reservation:
    promise, posting = promises.opened(reservation, by=by, at=at, also=location)
    units = promises.part_of(promise, quantity)
    if (promise.level and promise.level.location_id == location.pk) or not units:
        return promise
    promises.give_back(promise, posting, units, State.RELEASED, reason=reason)
    there = promises.take_over(promise, units, location, posting)
    posting.write()
    promises.say(f"reservation.{reason}", there, posting, units)
    return there
