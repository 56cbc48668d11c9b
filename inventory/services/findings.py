"""Writing discrepancies down: found, found again, gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from inventory.models import Discrepancy, Listing, ListingState, ReconciliationRun
from inventory.services import memory
from omni.activity import record
from omni.models import User

Cause = Discrepancy.Cause
Outcome = Discrepancy.Outcome


@dataclass(frozen=True)
class Finding:
    """What was found about one listing. Quantities in whole units; ``theirs`` None: not shown there at all."""

    cause: str
    ours: int | None
    theirs: int | None
    their_version: str = ""
    snapshot_at: datetime | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        return {
            "cause": self.cause, "ours": self.ours, "theirs": self.theirs, "their_version": self.their_version,
            "snapshot_at": self.snapshot_at, "evidence": self.evidence,
        }  # fmt: skip


def find(listing: Listing, finding: Finding, *, at: datetime, run: ReconciliationRun | None) -> Discrepancy:
    """Open a discrepancy of a listing, or bring the open one up to date."""
    open_one = Discrepancy.objects.open().filter(listing=listing)
    known = open_one.first()
    if known is None:
        known = unsaved(listing, finding, at=at, run=run)
        known.save()
        if finding.cause != Cause.IN_FLIGHT:
            tell(known, at=at)
        return known
    refresh(known, finding, at=at)
    return known


def unsaved(listing: Listing, finding: Finding, *, at: datetime, run: ReconciliationRun | None) -> Discrepancy:
    return Discrepancy(
        account_id=listing.account_id, listing=listing, variant_id=listing.variant_id,
        location_id=listing.location_id, remote_sku=listing.remote_sku, found_at=at, last_seen_at=at, first_run=run,
        **finding.as_fields(),
    )  # fmt: skip


def refresh(known: Discrepancy, finding: Finding, *, at: datetime) -> bool:
    """Bring an open discrepancy up to date; when nothing changed, nothing is written. Returns whether it changed."""
    same = (known.cause, known.ours, known.theirs, known.their_version) == (
        finding.cause, finding.ours, finding.theirs, finding.their_version,
    )  # fmt: skip
    if same:
        return False
    became_real = known.cause == Cause.IN_FLIGHT and finding.cause != Cause.IN_FLIGHT
    changes: dict[str, Any] = {**finding.as_fields(), "last_seen_at": at}
    if became_real:
        changes["found_at"] = at
    if known.outcome and (known.theirs, known.their_version) != (finding.theirs, finding.their_version):
        changes |= {"outcome": "", "settled_by": None}
    Discrepancy.objects.filter(pk=known.pk).update(**changes)
    for name, value in changes.items():
        setattr(known, name, value)
    if became_real:
        tell(known, at=at)
    return True


def tell(found: Discrepancy, *, at: datetime) -> None:
    record(
        "discrepancy.found", subject=found, at=at, channel=found.account.channel if found.account else None,
        location=found.location, cause=found.cause, ours=found.ours, theirs=found.theirs,
    )  # fmt: skip


def close_confirmed(listing_ids: Sequence[int], *, at: datetime) -> int:
    """The channel confirmed our figure: what was in flight has landed, and what we kept is kept."""
    return close_gone(Discrepancy.objects.open().filter(listing_id__in=in_step(listing_ids)), at=at)


def in_step(listing_ids: Sequence[int]) -> list[int]:
    states = ListingState.objects.filter(listing_id__in=listing_ids, in_step=True, held=False)
    return list(states.values_list("listing_id", flat=True))


def close_gone(gone: Iterable[Discrepancy], *, at: datetime) -> int:
    """
    Close discrepancies that are no longer there: as a person decided, else as *gone by itself*.

    What was only in flight was never a discrepancy, and leaves no trace.
    """
    rows = list(gone)
    landed = [row.pk for row in rows if row.cause == Cause.IN_FLIGHT and not row.outcome]
    Discrepancy.objects.filter(pk__in=landed).delete()
    for row in rows:
        if row.pk not in landed:
            close(row, outcome=row.outcome or Outcome.VANISHED, at=at)
    return len(rows)


def close_counted(found: Sequence[Discrepancy], *, by: User | None, at: datetime) -> None:
    """Somebody counted: ours is right by definition, and is sent over what the channel had. Inside a transaction."""
    states = memory.lock_states(row.listing_id for row in found if row.listing_id)
    for row in Discrepancy.objects.open().filter(pk__in=[row.pk for row in found]).order_by("pk").select_for_update():
        Discrepancy.objects.filter(pk=row.pk).update(settled_by=by)
        row.settled_by = by
        close(row, outcome=Outcome.COUNTED, at=at)
    ListingState.objects.filter(listing_id__in=states).update(
        version=F("version") + 1, dirty=True, dirty_since=Coalesce(F("dirty_since"), Value(at)), given_up=False,
        attempts=0, next_try_at=None,
    )  # fmt: skip


def close(found: Discrepancy, *, outcome: str, at: datetime) -> None:
    """Close one for good and let its listing be pushed again."""
    Discrepancy.objects.filter(pk=found.pk, settled_at=None).update(outcome=outcome, settled_at=at)
    if found.listing_id:
        ListingState.objects.filter(listing_id=found.listing_id, held=True).update(held=False)
    record(
        "discrepancy.settled", subject=found, at=at, by=found.settled_by, location=found.location,
        channel=found.account.channel if found.account else None, outcome=outcome, cause=found.cause,
    )  # fmt: skip
