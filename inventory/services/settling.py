"""
Deciding about a discrepancy: keep ours, take theirs, count it, or leave it.

Each decision is refused when the discrepancy is not what the person saw, and is recorded with who and when.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from inventory.models import Discrepancy, Listing, ListingState, StockLevel
from inventory.services import counts, findings, memory, stock
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Location, User

Cause = Discrepancy.Cause
Outcome = Discrepancy.Outcome
COUNT_WITHIN = timedelta(hours=2)
REASON = "discrepancy"


class AlreadySettled(RuleBroken):
    """Somebody decided before, or it went by itself."""

    code = "already_settled"
    status = 409


class ChangedMeanwhile(RuleBroken):
    """The figures are not those that the person saw. data: ours, theirs."""

    code = "changed_meanwhile"
    status = 409


class NotPossible(RuleBroken):
    """This answer does not fit this kind of discrepancy."""

    code = "not_possible"


@dataclass(frozen=True)
class Seen:
    """The figures on the screen of whoever decides."""

    ours: int | None
    theirs: int | None


def locked(discrepancy: Discrepancy, seen: Seen | None) -> Discrepancy:
    """Lock the listing's state, then the discrepancy; refuse what is settled or no longer what was seen."""
    if discrepancy.listing_id:
        memory.lock_states([discrepancy.listing_id])
    row = Discrepancy.objects.select_for_update(of=("self",)).get(pk=discrepancy.pk)
    if row.settled_at:
        raise AlreadySettled(_("This one is settled already."))
    if seen is not None and (row.ours, row.theirs) != (seen.ours, seen.theirs):
        raise ChangedMeanwhile(
            _("The figures changed while you looked: ours is %(ours)s now, theirs %(theirs)s. Look again.")
            % {"ours": dash(row.ours), "theirs": dash(row.theirs)},
            ours=row.ours,
            theirs=row.theirs,
        )
    return row


def dash(units: int | None) -> str:
    return "–" if units is None else str(units)


@transaction.atomic
def keep_ours(*, discrepancy: Discrepancy, by: User | None, at: datetime, seen: Seen | None = None) -> None:
    """
    Send our figure, only if the channel still has what was seen there. It is settled when the channel confirms.

    Raises AlreadySettled, ChangedMeanwhile, NotPossible.
    """
    row = locked(discrepancy, seen)
    if row.listing_id is None:
        raise NotPossible(_("Nothing of ours is listed there under %(sku)s.") % {"sku": row.remote_sku})
    if row.cause == Cause.NOT_LISTED:
        Listing.objects.filter(pk=row.listing_id).update(remote_id="")
    ListingState.objects.filter(listing_id=row.listing_id).update(
        version=F("version") + 1, dirty=True, dirty_since=at, held=False, given_up=False, attempts=0,
        next_try_at=None, seen_quantity=row.theirs, seen_version=row.their_version, in_step=False,
    )  # fmt: skip
    Discrepancy.objects.filter(pk=row.pk).update(outcome=Outcome.KEPT_OURS, settled_by=by)
    note("discrepancy.kept_ours", row, by=by, at=at)


@transaction.atomic
def take_theirs(
    *,
    discrepancy: Discrepancy,
    by: User | None,
    at: datetime,
    seen: Seen | None = None,
    location: Location | None = None,
    expected: int | None = None,
) -> None:
    """
    Book the gap as an adjustment, at the listing's own shelf or (pooled) at the location the person chose.

    expected: units on hand that the person saw there; other figures are refused.
    Raises AlreadySettled, ChangedMeanwhile, NotPossible and what inventory.services.stock.adjust raises.
    """
    row = locked(discrepancy, seen)
    place = row.location or location or fullest(row)
    if row.listing_id is None or row.theirs is None or row.ours is None or place is None or row.variant is None:
        raise NotPossible(_("There is no figure of theirs to take."))
    change = row.theirs - row.ours
    if change:
        stock.adjust(
            variant=row.variant, location=place, change=change, expected=expected, reason=REASON,
            source=f"discrepancy:{row.public_id}", external_id=f"take-theirs:{row.ours}:{row.theirs}", by=by, at=at,
            channel=row.account.channel if row.account else None, document=f"discrepancy:{row.public_id}",
        )  # fmt: skip
    ListingState.objects.filter(listing_id=row.listing_id).update(
        held=False, given_up=False, attempts=0, next_try_at=None, seen_quantity=row.theirs,
        seen_version=row.their_version,
    )  # fmt: skip
    settle(row, Outcome.TOOK_THEIRS, by=by, at=at)


def fullest(row: Discrepancy) -> Location | None:
    """Of the channel's locations the one with most of it on hand."""
    if row.account is None or row.variant_id is None:
        return None
    levels = StockLevel.objects.filter(variant=row.variant_id, location__channels=row.account.channel_id)
    found = levels.order_by("-on_hand", "location_id").select_related("location").first()
    return found.location if found else None


@transaction.atomic
def count_it(
    *,
    discrepancy: Discrepancy,
    by: User | None,
    at: datetime,
    location: Location | None = None,
    due_at: datetime | None = None,
) -> None:
    """
    Ask the store to count. The discrepancy stays open until the count is booked; then ours is right by definition.

    Raises AlreadySettled, NotPossible.
    """
    row = locked(discrepancy, None)
    place = row.location or location or fullest(row)
    level = StockLevel.objects.filter(variant=row.variant_id, location=place).first() if place else None
    if level is None:
        raise NotPossible(_("None of our locations ever held it: there is no shelf to count."))
    counts.request(level=level, reason=REASON, due_at=due_at or at + COUNT_WITHIN, by=by, at=at, discrepancy=row)
    note("discrepancy.count_asked", row, by=by, at=at)


@transaction.atomic
def leave(*, discrepancy: Discrepancy, reason: str, by: User | None, at: datetime) -> None:
    """Close it as it is. The next snapshot opens it again if the figures still differ."""
    row = locked(discrepancy, None)
    if not reason.strip():
        raise NotPossible(_("Say why it may stay as it is; others will read it."))
    Discrepancy.objects.filter(pk=row.pk).update(evidence={**row.evidence, "left_because": reason.strip()[:200]})
    settle(row, Outcome.SKIPPED, by=by, at=at)


def settle(row: Discrepancy, outcome: str, *, by: User | None, at: datetime) -> None:
    Discrepancy.objects.filter(pk=row.pk).update(settled_by=by)
    row.settled_by = by
    findings.close(row, outcome=outcome, at=at)


def alike(discrepancy: Discrepancy) -> list[Discrepancy]:
    """Open and undecided discrepancies of the same cause at the same account, this one included."""
    same = Discrepancy.objects.open().filter(account=discrepancy.account, cause=discrepancy.cause, outcome="")
    return list(same.order_by("pk"))


def decide_for_all(
    *, discrepancies: Iterable[Discrepancy], decide: Callable[[Discrepancy], None]
) -> tuple[int, list[str]]:
    """Give one answer to many, each in its own transaction. Returns (how many, why the others were refused)."""
    done, refused = 0, []
    for discrepancy in discrepancies:
        try:
            decide(discrepancy)
        except RuleBroken as broken:
            refused.append(f"{discrepancy.remote_sku}: {broken}")
        else:
            done += 1
    return done, refused


def note(verb: str, row: Discrepancy, *, by: User | None, at: datetime) -> None:
    record(
        verb, subject=row, at=at, by=by, location=row.location, channel=row.account.channel if row.account else None,
        ours=row.ours, theirs=row.theirs, cause=row.cause,
    )  # fmt: skip
