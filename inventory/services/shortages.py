"""When units are gone that somebody counted on: the youngest promises become short, and a discrepancy opens."""

from django.db.models import F

from inventory.models import Bucket, Discrepancy, Reservation, StockLevel
from inventory.services.ledger import Kind, Posting
from omni.activity import record


def take(posting: Posting, level: StockLevel, quantity: int, kind: str, *, external_id: str, leg: str) -> None:
    """
    Take units off a shelf that may hold fewer, because they are gone in fact: what the ledger lacks is *found* first.

    Free units go first, then reserved ones (the youngest reservations become short); what was set apart stays.
    """
    found = max(0, quantity - (level.on_hand - level.unavailable))
    if found:
        before = level.on_hand
        posting.move(level, Bucket.ON_HAND, found, Kind.FOUND, external_id=external_id, leg=leg_of(leg, "found"))
        open_discrepancy(posting, level, ours=before, found=found, sold=quantity)
    promised = max(0, quantity - level.free)
    shorten(posting, level, promised, external_id=external_id, leg=leg_of(leg, "short"))
    posting.move(level, Bucket.ON_HAND, -quantity, kind, external_id=external_id, leg=leg)


def shorten(posting: Posting, level: StockLevel, units: int, *, external_id: str, leg: str) -> None:
    """Take promised units away from the youngest reservations of a level; the oldest stay whole as long as they can."""
    if not units:
        return
    posting.move(level, Bucket.RESERVED, -units, Kind.SHORT, external_id=external_id, leg=leg)
    promises = Reservation.objects.open().filter(level=level, open_units__gt=0).order_by("pk")
    locked = list(promises.select_for_update(of=("self",), no_key=True))
    for promise in sorted(locked, key=lambda row: (row.created_at, row.pk), reverse=True):
        gone = min(units, promise.open_units)
        Reservation.objects.filter(pk=promise.pk).update(short=F("short") + gone)
        record(
            "reservation.short", subject=promise, at=posting.at, by=posting.by, location=level.location,
            channel=promise.channel, holder=promise.holder, units=gone,
        )  # fmt: skip
        units -= gone
        if not units:
            break


def open_discrepancy(posting: Posting, level: StockLevel, *, ours: int, found: int, sold: int) -> Discrepancy:
    """Note that more was sold than the ledger had. One stays open per shelf; a repeat adds to its evidence."""
    shelf = Discrepancy.objects.open().filter(
        cause=Discrepancy.Cause.FOUND, listing=None, variant_id=level.variant_id, location_id=level.location_id
    )
    evidence = {
        "at": posting.at.isoformat(),
        "document": posting.document,
        "ledger": ours,
        "found": found,
        "took": sold,
    }
    known = shelf.select_for_update(of=("self",), no_key=True).first()
    if known:
        events = [*known.evidence.get("found", []), evidence][-20:]
        shelf.filter(pk=known.pk).update(last_seen_at=posting.at, evidence={**known.evidence, "found": events})
        return known
    fresh = Discrepancy.objects.create(
        variant_id=level.variant_id, location_id=level.location_id, remote_sku=level.variant.sku, ours=ours,
        theirs=ours + found, cause=Discrepancy.Cause.FOUND, evidence={"found": [evidence]}, found_at=posting.at,
        last_seen_at=posting.at,
    )  # fmt: skip
    record(
        "stock.found", subject=level, at=posting.at, by=posting.by, location=level.location, channel=posting.channel,
        units=found, ledger=ours, discrepancy=fresh.public_id,
    )  # fmt: skip
    return fresh


def leg_of(leg: str, consequence: str) -> str:
    """The leg of a row that another row brought about."""
    return f"{leg}|{consequence}"
