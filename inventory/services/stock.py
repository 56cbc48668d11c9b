"""
Moving stock: receipts, adjustments and what is set apart; sales and returns are in .sales and named here, too.

Every function books once per (source, external_id): a repeat answers with the first result and changes nothing.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import Bucket, StockLevel, Variant
from inventory.services import shortages
from inventory.services.ledger import (
    Booked,
    ImplausibleQuantity,
    Kind,
    NotCounted,
    NotEnoughStock,
    NotWholeUnits,
    Posting,
    StaleStock,
    booked_once,
    check_counted,
    check_units,
    lack,
    lacking,
    post,
)
from inventory.services.sales import Sale, SaleLine, SoldLine, sell, take_back
from omni.activity import record
from omni.models import Channel, Location, Origin, User

__all__ = [
    "Booked",
    "ImplausibleQuantity",
    "NotCounted",
    "NotEnoughStock",
    "NotWholeUnits",
    "Sale",
    "SaleLine",
    "SoldLine",
    "StaleStock",
    "adjust",
    "expect",
    "put_back",
    "receive",
    "sell",
    "set_apart",
    "take_back",
]


@booked_once
def receive(
    *,
    variant: Variant,
    location: Location,
    quantity: int,
    source: str,
    external_id: str,
    by: User | None,
    at: datetime,
    expected: int = 0,
    document: str = "",
    recorded: datetime | None = None,
    origin: str = Origin.REAL,
) -> Booked:
    """
    Book goods that came in. expected: how many of them had been announced and stop being *incoming*.

    Raises NotWholeUnits, ImplausibleQuantity, NotCounted.
    """
    check_counted(variant)
    check_units(variant, quantity)
    posting, level = one(
        variant, location, source=source, at=at, by=by, document=document, recorded=recorded, origin=origin
    )
    if again := repeated(posting, level, external_id):
        return again
    posting.move(level, Bucket.ON_HAND, quantity, Kind.RECEIPT, external_id=external_id)
    arrived = min(expected, level.incoming)
    posting.move(level, Bucket.INCOMING, -arrived, Kind.EXPECT, external_id=external_id, leg="|arrived")
    return finished("stock.received", posting, level, units=quantity)


@booked_once
def expect(
    *,
    variant: Variant,
    location: Location,
    quantity: int,
    source: str,
    external_id: str,
    by: User | None,
    at: datetime,
    document: str = "",
) -> Booked:
    """Announce goods that will come in: they count as *incoming*, never as free."""
    check_counted(variant)
    check_units(variant, quantity)
    posting, level = one(variant, location, source=source, at=at, by=by, document=document)
    if again := repeated(posting, level, external_id):
        return again
    posting.move(level, Bucket.INCOMING, quantity, Kind.EXPECT, external_id=external_id)
    return finished("stock.expected", posting, level, units=quantity)


@booked_once
def adjust(
    *,
    variant: Variant,
    location: Location,
    reason: str,
    source: str,
    external_id: str,
    by: User | None,
    at: datetime,
    change: int | None = None,
    target: int | None = None,
    expected: int | None = None,
    channel: Channel | None = None,
    document: str = "",
    recorded: datetime | None = None,
    origin: str = Origin.REAL,
) -> Booked:
    """
    Correct what lies on a shelf, by ``change`` or to ``target`` units (give one of them).

    expected: what the writer believes is on hand; another figure is refused (compare-and-set). A fact about the shelf
    goes before promises: reserved units that are not there make the youngest reservations short.

    Raises StaleStock, NotEnoughStock (below zero), NotWholeUnits, ImplausibleQuantity, NotCounted.
    """
    check_counted(variant)
    check_correction(variant, change, target)
    posting, level = one(
        variant, location, source=source, at=at, by=by, channel=channel, document=document, recorded=recorded,
        origin=origin,
    )  # fmt: skip
    if again := repeated(posting, level, external_id):
        return again
    if expected is not None and expected != level.on_hand:
        raise StaleStock(
            _("You saw %(expected)s on hand, now there are %(actual)s. Look again.")
            % {"expected": expected, "actual": level.on_hand},
            expected=expected,
            actual=level.on_hand,
        )
    difference = change if change is not None else (target or 0) - level.on_hand
    if difference:
        check_units(variant, abs(difference))
    correct(posting, level, difference, Kind.ADJUSTMENT, external_id=external_id, reason=reason)
    return finished("stock.adjusted", posting, level, change=difference, reason=reason)


@booked_once
def set_apart(
    *,
    variant: Variant,
    location: Location,
    quantity: int,
    reason: str,
    source: str,
    external_id: str,
    by: User | None,
    at: datetime,
    document: str = "",
) -> Booked:
    """
    Keep free units from being sold (damaged, to be checked, on display). They stay on hand, *unavailable*.

    Raises NotEnoughStock when fewer units are free.
    """
    check_units(variant, quantity)
    posting, level = one(variant, location, source=source, at=at, by=by, document=document)
    if again := repeated(posting, level, external_id):
        return again
    free = level.free
    if quantity > free:
        raise lacking([lack(variant, location, quantity, free)])
    posting.move(level, Bucket.UNAVAILABLE, quantity, Kind.HOLD_BACK, external_id=external_id, reason=reason)
    return finished("stock.set_apart", posting, level, units=quantity, reason=reason)


@booked_once
def put_back(
    *,
    variant: Variant,
    location: Location,
    quantity: int,
    reason: str,
    source: str,
    external_id: str,
    by: User | None,
    at: datetime,
    document: str = "",
) -> Booked:
    """Put units that were set apart on sale again. Raises NotEnoughStock when fewer were set apart."""
    check_units(variant, quantity)
    posting, level = one(variant, location, source=source, at=at, by=by, document=document)
    if again := repeated(posting, level, external_id):
        return again
    if quantity > level.unavailable:
        raise lacking([lack(variant, location, quantity, level.unavailable)])
    posting.move(level, Bucket.UNAVAILABLE, -quantity, Kind.PUT_BACK, external_id=external_id, reason=reason)
    return finished("stock.put_back", posting, level, units=quantity, reason=reason)


def correct(posting: Posting, level: StockLevel, difference: int, kind: str, *, external_id: str, reason: str) -> None:
    """
    Book a correction of what is on hand. Below what is promised and set apart, promises become short first.

    Raises NotEnoughStock when it would leave less than nothing.
    """
    left = level.on_hand + difference
    if left < 0:
        raise lacking([lack(level.variant, level.location, -difference, level.on_hand)])
    promised = min(level.reserved, max(0, level.reserved + level.unavailable - left))
    shortages.shorten(posting, level, promised, external_id=external_id, leg="|short")
    apart = max(0, level.reserved + level.unavailable - left)
    posting.move(level, Bucket.UNAVAILABLE, -apart, kind, external_id=external_id, leg="|apart", reason=reason)
    posting.move(level, Bucket.ON_HAND, difference, kind, external_id=external_id, reason=reason)


def check_correction(variant: Variant, change: int | None, target: int | None) -> None:
    """A correction names a change other than zero, or a target of zero or more; in whole units, and plausible."""
    given = [figure for figure in (change, target) if figure is not None]
    whole = len(given) == 1 and isinstance(given[0], int) and not isinstance(given[0], bool)
    if not whole or change == 0 or (target is not None and target < 0):
        raise NotWholeUnits(
            _("A correction of %(sku)s names a change other than 0, or a target of 0 or more, in whole units.")
            % {"sku": variant.sku},
            sku=variant.sku,
            change=str(change),
            target=str(target),
        )


def one(variant: Variant, location: Location, **said: Any) -> tuple[Posting, StockLevel]:
    """Open a posting over one level."""
    posting = post([(variant.pk, location.pk)], **said)
    level = posting.level(variant, location)
    level.variant, level.location = variant, location
    return posting, level


def repeated(posting: Posting, level: StockLevel, external_id: str) -> Booked | None:
    """The first result, if this source has said so before."""
    rows = posting.known([external_id])
    return Booked(rows[0].level, tuple(rows), repeated=True) if rows else None


def finished(verb: str, posting: Posting, level: StockLevel, **figures: Any) -> Booked:
    rows = posting.write()
    if rows:
        record(
            verb, subject=level, at=posting.at, by=posting.by, channel=posting.channel, location=level.location,
            sequence=level.sequence, **figures,
        )  # fmt: skip
    return Booked(level, tuple(rows))
