"""
Movements as programmes report them: one line, or up to a thousand of which the good ones are taken.

A line is known by (source, external_id, leg). Said again, it changes nothing; said differently, it is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import StockMovement, Variant
from inventory.services import stock
from inventory.services.ledger import ImplausibleQuantity, Kind, lock_levels, parts_of
from omni.errors import RuleBroken
from omni.models import Channel, ConnectorAccount, Location
from omni.services.inbound import set_aside

ASIDE = "stock.movement"
BOOKED, REPEATED, REFUSED, SET_ASIDE = "booked", "repeated", "refused", "set_aside"


class ExternalIdReused(RuleBroken):
    """This source has used this id (and leg) for something else. data: external_id."""

    code = "external_id_reused"
    status = 409


@dataclass(frozen=True)
class Teller:
    """Who reports: its name in the ledger, and its account, if it has one."""

    source: str
    account: ConnectorAccount | None = None


@dataclass(frozen=True)
class Line:
    """
    One reported movement. ``kind``: sale, return, receipt or adjustment.

    quantity: whole units, for all but adjustments, which name a change or a target. expected: on hand as last seen.
    set_apart: of a return, why it must not be sold again at once. at: when it happened.
    """

    kind: str
    variant: Variant
    location: Location
    external_id: str
    at: datetime
    leg: str = ""
    quantity: int = 0
    change: int | None = None
    target: int | None = None
    expected: int | None = None
    reason: str = ""
    set_apart: str = ""
    document: str = ""
    amount_minor: int | None = None
    currency: str = ""
    channel: Channel | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.external_id, self.leg

    @property
    def receipt(self) -> tuple[Any, ...]:
        """What lines of one receipt have in common."""
        return self.kind, self.location.pk, self.document, self.at, self.channel and self.channel.pk, self.set_apart


@dataclass(frozen=True)
class Outcome:
    """What became of one line: booked, repeated, refused or set aside (for a person to look at)."""

    state: str
    movements: tuple[StockMovement, ...] = ()
    code: str = ""
    sentence: str = ""
    errors: tuple[dict[str, str], ...] = ()


@transaction.atomic
def book(*, line: Line, teller: Teller, at: datetime) -> Outcome:
    """
    Book one line; an implausible quantity is set aside with its reason.

    Raises what the rule of its kind raises (StaleStock, NotEnoughStock, …), and ExternalIdReused.
    """
    try:
        return BOOKERS[line.kind]([line], teller, at)[0]
    except ImplausibleQuantity as broken:
        return aside(line, teller, broken, at=at)


@transaction.atomic
def book_all(*, lines: Sequence[Line], teller: Teller, at: datetime) -> list[Outcome]:
    """
    Book the lines that can be booked, and say of every other one why not. Returns one outcome a line, in order.

    All levels are locked first, in the global order. Lines of one receipt that follow each other are booked together.
    """
    parts = parts_of(line.variant for line in lines)
    lock_levels((variant.pk, line.location.pk) for line in lines for variant, _units in parts[line.variant.pk])
    outcomes: list[Outcome] = []
    for receipt in receipts(lines):
        outcomes += together(receipt, teller, at) or [apart(line, teller, at) for line in receipt]
    return outcomes


def receipts(lines: Sequence[Line]) -> list[list[Line]]:
    """Cut the lines into runs that are booked by one call: one receipt, in which no key comes twice."""
    runs: list[list[Line]] = []
    for line in lines:
        last = runs[-1] if runs else []
        joins = bool(last) and line.kind in TOGETHER and last[0].receipt == line.receipt
        if joins and line.key not in {other.key for other in last}:
            last.append(line)
        else:
            runs.append([line])
    return runs


def together(receipt: list[Line], teller: Teller, at: datetime) -> list[Outcome]:
    """Book a receipt whole; nothing (and an empty list) when a rule refuses any of its lines."""
    if len(receipt) == 1:
        return []
    try:
        with transaction.atomic():
            return BOOKERS[receipt[0].kind](receipt, teller, at)
    except RuleBroken:
        return []


def apart(line: Line, teller: Teller, at: datetime) -> Outcome:
    """Book one line by itself; a refusal concerns it alone."""
    try:
        return book(line=line, teller=teller, at=at)
    except RuleBroken as broken:
        return refusal(broken)


def refusal(broken: RuleBroken) -> Outcome:
    return Outcome(REFUSED, code=broken.code, sentence=str(broken), errors=tuple(broken.data.get("errors", ())))


def aside(line: Line, teller: Teller, broken: RuleBroken, *, at: datetime) -> Outcome:
    """Keep a line that a person should look at, whole enough to be booked later."""
    set_aside(
        kind=ASIDE,
        account=teller.account,
        payload=payload_of(line, teller),
        code=broken.code,
        reason=str(broken),
        at=at,
    )
    return Outcome(SET_ASIDE, code=broken.code, sentence=str(broken))


def payload_of(line: Line, teller: Teller) -> dict[str, Any]:
    """A line in codes and plain values; what it does not say is left out."""
    said = {
        "kind": line.kind, "sku": line.variant.sku, "location": line.location.code, "external_id": line.external_id,
        "leg": line.leg, "at": line.at.isoformat(), "quantity": line.quantity, "change": line.change,
        "target": line.target, "expected": line.expected, "reason": line.reason, "set_apart": line.set_apart,
        "document": line.document, "amount_minor": line.amount_minor, "currency": line.currency,
        "channel": line.channel.code if line.channel else "", "source": teller.source,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value not in ("", None)}


def sold(lines: Sequence[Line], teller: Teller, at: datetime) -> list[Outcome]:
    first = lines[0]
    sale = stock.sell(
        location=first.location, lines=sale_lines(lines), channel=first.channel, source=teller.source,
        document=first.document, by=None, at=first.at,
    )  # fmt: skip
    return [settled(line, done.movements, done.repeated) for line, done in zip(lines, sale.lines, strict=True)]


def returned(lines: Sequence[Line], teller: Teller, at: datetime) -> list[Outcome]:
    first = lines[0]
    back = stock.take_back(
        location=first.location, lines=sale_lines(lines), channel=first.channel, source=teller.source,
        document=first.document, by=None, at=first.at, set_apart=first.set_apart,
    )  # fmt: skip
    return [settled(line, done.movements, done.repeated) for line, done in zip(lines, back.lines, strict=True)]


def sale_lines(lines: Sequence[Line]) -> list[stock.SaleLine]:
    return [
        stock.SaleLine(line.variant, line.quantity, line.external_id, line.leg, line.amount_minor, line.currency)
        for line in lines
    ]


def received(lines: Sequence[Line], teller: Teller, at: datetime) -> list[Outcome]:
    (line,) = lines
    booked = stock.receive(
        variant=line.variant, location=line.location, quantity=line.quantity, source=teller.source,
        external_id=line.external_id, by=None, at=line.at, document=line.document,
    )  # fmt: skip
    return [settled(line, booked.movements, booked.repeated)]


def adjusted(lines: Sequence[Line], teller: Teller, at: datetime) -> list[Outcome]:
    (line,) = lines
    booked = stock.adjust(
        variant=line.variant, location=line.location, change=line.change, target=line.target, expected=line.expected,
        reason=line.reason, source=teller.source, external_id=line.external_id, by=None, at=line.at,
        channel=line.channel, document=line.document,
    )  # fmt: skip
    return [settled(line, booked.movements, booked.repeated)]


def settled(line: Line, rows: Sequence[StockMovement], repeated: bool) -> Outcome:
    """What was booked; a repeat must have said the same the first time, or ExternalIdReused is raised."""
    if repeated and not same(line, rows):
        raise ExternalIdReused(
            _("%(external_id)s was used for another movement. Each movement needs an id of its own.")
            % {"external_id": line.external_id},
            external_id=line.external_id,
        )
    return Outcome(REPEATED if repeated else BOOKED, tuple(rows))


def same(line: Line, rows: Sequence[StockMovement]) -> bool:
    """Whether these rows are what the line says: its kind, its place, its units (of kits and targets: the kind)."""
    main = [row for row in rows if row.kind == KINDS[line.kind] and row.bucket == "on_hand"]
    if not main:
        return False
    places = {(row.level.variant_id, row.level.location_id) for row in main}
    of_itself = len(main) == 1 and (line.variant.pk, line.location.pk) in places
    if not of_itself:
        return bool(line.kind in TOGETHER and "|" in main[0].leg and main[0].level.location_id == line.location.pk)
    units = {"sale": -line.quantity, "adjustment": line.change}.get(line.kind, line.quantity)
    return units is None or main[0].quantity == units


TOGETHER = {"sale", "return"}
KINDS = {"sale": Kind.SALE, "return": Kind.RETURN, "receipt": Kind.RECEIPT, "adjustment": Kind.ADJUSTMENT}
BOOKERS: dict[str, Callable[[Sequence[Line], Teller, datetime], list[Outcome]]] = {
    "sale": sold,
    "return": returned,
    "receipt": received,
    "adjustment": adjusted,
}
