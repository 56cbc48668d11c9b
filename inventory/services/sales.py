"""Sales and returns over a counter: facts, which are booked whatever the ledger thought was there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from inventory.models import Bucket, StockMovement, Variant
from inventory.services import shortages
from inventory.services.ledger import (
    LEG_END,
    Kind,
    Parts,
    Posting,
    booked_once,
    check_units,
    parts_of,
    post,
)
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Activity, Channel, Location, Origin, User

LONGEST_LEG = 16


class BadLeg(RuleBroken):
    """A leg that is too long, or holds the sign that separates ours from theirs. data: leg."""

    code = "bad_leg"


@dataclass(frozen=True)
class SaleLine:
    """One line of a receipt. ``(source, external_id, leg)`` makes it unique; amount in minor units of the currency."""

    variant: Variant
    quantity: int
    external_id: str
    leg: str = ""
    amount_minor: int | None = None
    currency: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.external_id, self.leg


@dataclass(frozen=True)
class SoldLine:
    """A line with the rows that it became; ``repeated`` when it had been booked before."""

    line: SaleLine
    movements: tuple[StockMovement, ...] = ()
    repeated: bool = False


@dataclass(frozen=True)
class Sale:
    """What one receipt became."""

    lines: tuple[SoldLine, ...]

    @property
    def movements(self) -> list[StockMovement]:
        return [row for line in self.lines for row in line.movements]

    @property
    def repeated(self) -> bool:
        """Whether every line had been booked before, so that nothing changed."""
        return all(line.repeated for line in self.lines)

    @property
    def found(self) -> int:
        """Units that the ledger did not know of."""
        return sum(row.quantity for row in self.movements if row.kind == Kind.FOUND)


@booked_once
def sell(
    *,
    location: Location,
    lines: Sequence[SaleLine],
    channel: Channel | None,
    source: str,
    document: str,
    by: User | None,
    at: datetime,
    recorded: datetime | None = None,
    origin: str = Origin.REAL,
) -> Sale:
    """
    Book a receipt. A sale at a till is a fact: it is never refused for lack of stock.

    What the ledger lacks is booked as *found* and a discrepancy opens; reserved units that went make the youngest
    reservations short. Kits are sold by their components. A line that was booked before changes nothing.

    at: when it was sold; recorded: when we came to know, if not now. document: typed reference of the receipt.
    Raises NotWholeUnits, ImplausibleQuantity.
    """
    parts = checked(lines)
    posting = post(
        places(lines, parts, location), source=source, at=at, by=by, channel=channel, document=document,
        recorded=recorded, origin=origin,
    )  # fmt: skip
    earlier = by_line(posting.known(line.external_id for line in lines))
    fresh = [line for line in lines if line.key not in earlier]
    for line in fresh:
        for variant, quantity, leg in taken(line, parts):
            level = posting.level(variant, location)
            shortages.take(posting, level, quantity, Kind.SALE, external_id=line.external_id, leg=leg)
    booked = by_line(posting.write())
    say("till.sold", posting, fresh, parts, location)
    return outcome(lines, earlier, booked)


@booked_once
def take_back(
    *,
    location: Location,
    lines: Sequence[SaleLine],
    channel: Channel | None,
    source: str,
    document: str,
    by: User | None,
    at: datetime,
    recorded: datetime | None = None,
    set_apart: str = "",
    origin: str = Origin.REAL,
) -> Sale:
    """
    Book returned goods back onto a shelf; kits come back by their components.

    set_apart: the reason for which they must not be sold again at once (damaged, to be checked); "" puts them on sale.
    Raises NotWholeUnits, ImplausibleQuantity.
    """
    parts = checked(lines)
    posting = post(
        places(lines, parts, location), source=source, at=at, by=by, channel=channel, document=document,
        recorded=recorded, origin=origin,
    )  # fmt: skip
    earlier = by_line(posting.known(line.external_id for line in lines))
    fresh = [line for line in lines if line.key not in earlier]
    for line in fresh:
        for variant, quantity, leg in taken(line, parts):
            level, key = posting.level(variant, location), line.external_id
            posting.move(level, Bucket.ON_HAND, quantity, Kind.RETURN, external_id=key, leg=leg, reason=set_apart)
            if set_apart:
                apart = shortages.leg_of(leg, "apart")
                posting.move(
                    level, Bucket.UNAVAILABLE, quantity, Kind.HOLD_BACK, external_id=key, leg=apart, reason=set_apart
                )
    booked = by_line(posting.write())
    say("till.returned", posting, fresh, parts, location)
    return outcome(lines, earlier, booked)


def checked(lines: Sequence[SaleLine]) -> Parts:
    """Check every line before anything is touched; return what each variant takes from stock."""
    for line in lines:
        check_units(line.variant, line.quantity)
        if len(line.leg) > LONGEST_LEG or LEG_END in line.leg:
            raise BadLeg(_("The leg %(leg)s is too long, or holds a |.") % {"leg": line.leg[:60]}, leg=line.leg[:60])
    return parts_of(line.variant for line in lines)


def places(lines: Sequence[SaleLine], parts: Parts, location: Location) -> set[tuple[int, int]]:
    return {(variant.pk, location.pk) for line in lines for variant, _units in parts[line.variant.pk]}


def taken(line: SaleLine, parts: Parts) -> list[tuple[Variant, int, str]]:
    """Variant, units and leg of every row that a line becomes."""
    own = parts[line.variant.pk]
    whole = len(own) == 1 and own[0][0].pk == line.variant.pk
    return [
        (variant, units * line.quantity, line.leg if whole else f"{line.leg}{LEG_END}{variant.pk}")
        for variant, units in own
    ]


def by_line(rows: Sequence[StockMovement]) -> dict[tuple[str, str], list[StockMovement]]:
    found: dict[tuple[str, str], list[StockMovement]] = {}
    for row in rows:
        found.setdefault((row.external_id, row.leg.split(LEG_END)[0]), []).append(row)
    return found


def outcome(
    lines: Sequence[SaleLine],
    earlier: dict[tuple[str, str], list[StockMovement]],
    booked: dict[tuple[str, str], list[StockMovement]],
) -> Sale:
    return Sale(
        tuple(
            SoldLine(line, tuple(earlier.get(line.key) or booked.get(line.key) or ()), line.key in earlier)
            for line in lines
        )
    )


def say(verb: str, posting: Posting, lines: Sequence[SaleLine], parts: Parts, location: Location) -> None:
    """One piece of news per currency: amounts in different currencies are never summed."""
    subject = posting.document or f"receipt:{posting.source}"[:80]
    counted = [line for line in lines if parts[line.variant.pk]]
    if not counted and Activity.objects.filter(verb=verb, subject=subject, location=location).exists():
        return
    named = sorted({line.currency for line in lines if line.currency}) or [""]
    for currency in named:
        own = [line for line in lines if (line.currency or named[0]) == currency]
        if own:
            record(
                verb, subject=subject, at=posting.at, by=posting.by, channel=posting.channel, location=location,
                units=sum(line.quantity for line in own if parts[line.variant.pk]), lines=len(own),
                amount_minor=sum(line.amount_minor or 0 for line in own), currency=currency,
                day=posting.at.astimezone(ZoneInfo(location.time_zone)).date().isoformat(), origin=posting.origin,
            )  # fmt: skip
