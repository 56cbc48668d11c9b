"""Transfers: what left one location is on its way to another until it arrives or is written off as lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from inventory.models import Bucket, Transfer, TransferLine, Variant
from inventory.services.ledger import (
    Kind,
    NotEnoughStock,
    NotWholeUnits,
    Posting,
    booked_once,
    check_counted,
    check_units,
    lack,
    lacking,
    post,
)
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Location, User
from omni.services.work import close_work, open_work

__all__ = [
    "Arrival",
    "Cargo",
    "MoreThanSent",
    "NotEnoughStock",
    "WrongState",
    "cancel",
    "draft",
    "receive",
    "send",
    "ship",
]
SOURCE = "transfer"
WORK = "transfer.receive"
State = Transfer.State


class WrongState(RuleBroken):
    """The transfer is not in a state that allows this. data: state."""

    code = "wrong_state"
    status = 409


class MoreThanSent(RuleBroken):
    """More arrived or was lost than is still on its way. data: sku, on_the_way, given."""

    code = "more_than_sent"
    status = 409


@dataclass(frozen=True)
class Cargo:
    """Units of a variant to be sent."""

    variant: Variant
    quantity: int


@dataclass(frozen=True)
class Arrival:
    """Units of a variant that arrived, and units that are given up as lost on the way."""

    variant: Variant
    received: int
    lost: int = 0


@transaction.atomic
def ship(
    *, sender: Location, receiver: Location, cargo: Sequence[Cargo], key: str, by: User | None, at: datetime
) -> Transfer:
    """
    Write a transfer down and let it leave at once. key: its public id; the same key again is the same transfer.

    Raises NotEnoughStock (nothing left), WrongState, NotWholeUnits.
    """
    earlier = Transfer.objects.filter(public_id=key).first()
    if earlier:
        return earlier
    return send(
        transfer=draft(sender=sender, receiver=receiver, cargo=cargo, key=key, by=by, at=at),
        by=by,
        at=at,
    )


@transaction.atomic
def draft(
    *,
    sender: Location,
    receiver: Location,
    cargo: Sequence[Cargo],
    by: User | None,
    at: datetime,
    due_at: datetime | None = None,
    key: str = "",
) -> Transfer:
    """Write down what should go from one location to another; nothing moves yet. key: its public id, if given."""
    if sender == receiver:
        raise WrongState(_("A transfer goes from one location to another."), state=State.DRAFT)
    units: dict[int, Cargo] = {}
    for item in cargo:
        check_counted(item.variant)
        check_units(item.variant, item.quantity)
        before = units.get(item.variant.pk)
        units[item.variant.pk] = Cargo(item.variant, item.quantity + (before.quantity if before else 0))
    if not units:
        raise NotWholeUnits(_("A transfer has at least one line."))
    named = {"public_id": key} if key else {}
    transfer = Transfer.objects.create(
        sender=sender, receiver=receiver, created_by=by, created_at=at, due_at=due_at, **named
    )
    lines = [TransferLine(transfer=transfer, variant=item.variant, sent=item.quantity) for item in units.values()]
    TransferLine.objects.bulk_create(lines)
    record("transfer.drafted", subject=transfer, at=at, by=by, location=sender, lines=len(lines))
    return transfer


@booked_once
def send(*, transfer: Transfer, by: User | None, at: datetime) -> Transfer:
    """
    Let a transfer leave: off the sender's shelf, on its way to the receiver, who finds it on Today.

    Raises NotEnoughStock (nothing left), WrongState.
    """
    lines = list(transfer.lines.select_related("variant").order_by("variant_id"))
    posting = opened(transfer, lines, by=by, at=at)
    change(transfer, State.DRAFT, state=State.SENT, sent_at=at)
    sender, receiver = transfer.sender, transfer.receiver
    lacks = []
    for line in lines:
        level = posting.level(line.variant, sender)
        free = level.free
        if line.sent > free:
            lacks.append(lack(line.variant, sender, line.sent, free))
    if lacks:
        raise lacking(lacks)
    for line in lines:
        name = f"{transfer.public_id}:{line.pk}"
        out, on_the_way = posting.level(line.variant, sender), posting.level(line.variant, receiver)
        posting.move(out, Bucket.ON_HAND, -line.sent, Kind.TRANSFER_OUT, external_id=name, leg="out")
        posting.move(on_the_way, Bucket.IN_TRANSIT, line.sent, Kind.TRANSFER_OUT, external_id=name, leg="on_the_way")
    posting.write()
    open_work(
        WORK, subject=transfer, url=f"/transfers/{transfer.public_id}/", at=at, by=by, location=receiver,
        due_at=transfer.due_at, lines=len(lines), units=sum(line.sent for line in lines), sender=sender.name,
    )  # fmt: skip
    record("transfer.sent", subject=transfer, at=at, by=by, location=sender, units=sum(line.sent for line in lines))
    return transfer


@booked_once
def receive(
    *, transfer: Transfer, arrivals: Sequence[Arrival], by: User | None, at: datetime, key: str = ""
) -> Transfer:
    """
    Put what arrived on the receiver's shelf and write off what was lost; what remains is still on its way.

    key: the caller's name for this delivery; the same key again changes nothing.
    Raises MoreThanSent, WrongState, NotWholeUnits.
    """
    lines = {line.variant_id: line for line in transfer.lines.select_related("variant")}
    posting = opened(transfer, list(lines.values()), by=by, at=at)
    if key and posting.known([named(transfer, line, key) for line in lines.values()]):
        return transfer
    locked = Transfer.objects.select_for_update(of=("self",), no_key=True).get(pk=transfer.pk)
    if locked.state != State.SENT:
        raise wrong(locked)
    for line in TransferLine.objects.filter(transfer=transfer).select_related("variant"):
        lines[line.variant_id] = line
    for arrival in arrivals:
        book(posting, transfer, checked(arrival, lines), arrival, key)
    posting.write()
    finish(transfer, posting)
    return transfer


@transaction.atomic
def cancel(*, transfer: Transfer, by: User | None, at: datetime) -> Transfer:
    """Drop a transfer that has not left yet. Raises WrongState."""
    change(transfer, State.DRAFT, state=State.CANCELLED)
    record("transfer.cancelled", subject=transfer, at=at, by=by, location=transfer.sender)
    return transfer


def opened(transfer: Transfer, lines: Sequence[TransferLine], *, by: User | None, at: datetime) -> Posting:
    places = {(line.variant_id, place) for line in lines for place in (transfer.sender_id, transfer.receiver_id)}
    return post(places, source=SOURCE, at=at, by=by, document=f"transfer:{transfer.public_id}")


def change(transfer: Transfer, before: str, **changes: object) -> None:
    """Change a transfer that is in this state, or raise WrongState."""
    if Transfer.objects.filter(pk=transfer.pk, state=before).update(**changes) != 1:
        transfer.refresh_from_db()
        raise wrong(transfer)
    transfer.refresh_from_db()


def wrong(transfer: Transfer) -> WrongState:
    return WrongState(_("This transfer is %(state)s.") % {"state": transfer.get_state_display()}, state=transfer.state)


def checked(arrival: Arrival, lines: dict[int, TransferLine]) -> TransferLine:
    """The line that an arrival is about, which has that much on its way."""
    for units in (arrival.received, arrival.lost):
        if units:
            check_units(arrival.variant, units)
    line = lines.get(arrival.variant.pk)
    on_the_way = line.sent - line.received - line.lost if line else 0
    if line is None or arrival.received + arrival.lost > on_the_way:
        raise MoreThanSent(
            _("%(given)s of %(sku)s arrived or are lost, but %(on_the_way)s are on their way.")
            % {"given": arrival.received + arrival.lost, "sku": arrival.variant.sku, "on_the_way": on_the_way},
            sku=arrival.variant.sku,
            on_the_way=on_the_way,
            given=arrival.received + arrival.lost,
        )
    return line


def book(posting: Posting, transfer: Transfer, line: TransferLine, arrival: Arrival, key: str) -> None:
    level = posting.level(line.variant, transfer.receiver)
    name = named(transfer, line, key or str(line.received + line.lost))
    gone = arrival.received + arrival.lost
    posting.move(level, Bucket.IN_TRANSIT, -arrival.received, Kind.TRANSFER_IN, external_id=name, leg="on_the_way")
    posting.move(level, Bucket.IN_TRANSIT, -arrival.lost, Kind.LOST, external_id=name, leg="lost")
    posting.move(level, Bucket.ON_HAND, arrival.received, Kind.TRANSFER_IN, external_id=name, leg="in")
    line.received, line.lost = line.received + arrival.received, line.lost + arrival.lost
    if gone:
        changes = {"received": F("received") + arrival.received, "lost": F("lost") + arrival.lost}
        TransferLine.objects.filter(pk=line.pk).update(**changes)


def named(transfer: Transfer, line: TransferLine, key: str) -> str:
    return f"{transfer.public_id}:{line.pk}:{key}"


def finish(transfer: Transfer, posting: Posting) -> None:
    """Close a transfer of which nothing is on its way any more."""
    at, by = posting.at, posting.by
    lines = list(TransferLine.objects.filter(transfer=transfer))
    received, lost = sum(line.received for line in lines), sum(line.lost for line in lines)
    record("transfer.received", subject=transfer, at=at, by=by, location=transfer.receiver, units=received, lost=lost)
    if all(line.sent == line.received + line.lost for line in lines):
        change(transfer, State.SENT, state=State.RECEIVED, received_at=at)
        close_work(WORK, subject=transfer, at=at, by=by)
