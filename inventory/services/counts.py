"""Counts: somebody looks at a shelf without knowing what the ledger says, and the ledger follows."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from inventory.models import Count, Discrepancy, StockLevel
from inventory.services import findings
from inventory.services.ledger import (
    Kind,
    NotWholeUnits,
    StaleStock,
    booked_once,
    check_units,
    post,
    save_balances,
)
from inventory.services.stock import correct
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import User
from omni.services.work import close_work, open_work

__all__ = ["CountClosed", "StaleStock", "book", "cancel", "request"]
WORK = "count"
State = Count.State


class CountClosed(RuleBroken):
    """The count was booked or cancelled before. data: state."""

    code = "count_closed"
    status = 409


@booked_once
def request(
    *,
    level: StockLevel,
    reason: str,
    due_at: datetime | None,
    by: User | None,
    at: datetime,
    discrepancy: Discrepancy | None = None,
) -> Count:
    """Ask the store to count a shelf: it lands on its Today. Asked for already: the same count comes back."""
    post([(level.variant_id, level.location_id)], source=WORK, at=at)
    count, fresh = Count.objects.get_or_create(
        level=level, state=State.OPEN,
        defaults={"reason": reason, "requested_by": by, "requested_at": at, "due_at": due_at},
    )  # fmt: skip
    item = open_work(
        WORK, subject=count, url=f"/counts/{count.public_id}/", at=at, by=by, location=level.location, due_at=due_at,
        sku=level.variant.sku, name=str(level.variant), variant=level.variant.public_id, reason=reason,
    )  # fmt: skip
    if discrepancy:
        Discrepancy.objects.open().filter(pk=discrepancy.pk).update(work_item=item)
    if fresh:
        record("count.requested", subject=count, at=at, by=by, location=level.location, reason=reason)
    return count


@booked_once
def book(*, count: Count, counted: int, sequence: int, by: User | None, at: datetime) -> Count:
    """
    Book what was counted: everything that lies on the shelf, promised and set apart included.

    sequence: the level's version when the counter began. If the shelf moved since, nothing is booked: count again.
    Closes the work item and the discrepancies that asked for it, and ends that the level's start was assumed.

    Raises StaleStock (data: expected and actual sequence), CountClosed, NotWholeUnits, ImplausibleQuantity.
    """
    if not isinstance(counted, int) or isinstance(counted, bool) or counted < 0:
        raise NotWholeUnits(_("A count is a whole number of units, 0 or more."), quantity=str(counted))
    level = StockLevel.objects.select_related("variant", "location").get(pk=count.level_id)
    posting = post(
        [(level.variant_id, level.location_id)], source=WORK, at=at, by=by, document=f"count:{count.public_id}"
    )
    variant, location = level.variant, level.location
    level = posting.level(variant, location)
    level.variant, level.location = variant, location
    check_open(count)
    if level.sequence != sequence:
        raise StaleStock(
            _("This shelf moved while you counted. Count it again."), expected=sequence, actual=level.sequence
        )
    expected = level.on_hand
    if counted != expected:
        check_units(variant, abs(counted - expected))
    correct(posting, level, counted - expected, Kind.COUNT, external_id=count.public_id, reason=count.reason)
    level.assumed, level.counted_at = False, at
    posting.write()
    save_balances([level])
    close(count, State.DONE, counted=counted, expected=expected, sequence=sequence, counted_by=by, counted_at=at)
    settle(count, by=by, at=at)
    record(
        "stock.counted", subject=level, at=at, by=by, location=location, counted=counted, expected=expected,
        count=count.public_id,
    )  # fmt: skip
    return count


@transaction.atomic
def cancel(*, count: Count, by: User | None, at: datetime, reason: str = "") -> Count:
    """Take a count off the list without counting. Raises CountClosed."""
    close(count, State.CANCELLED)
    close_work(WORK, subject=count, at=at, by=by, outcome="cancelled")
    record("count.cancelled", subject=count, at=at, by=by, location=count.level.location, reason=reason)
    return count


def check_open(count: Count) -> None:
    """The level's lock is held: nobody books this count meanwhile."""
    count.refresh_from_db()
    if count.state != State.OPEN:
        raise CountClosed(
            _("This count is closed: %(state)s.") % {"state": count.get_state_display()}, state=count.state
        )


def close(count: Count, state: str, **figures: object) -> None:
    changed = Count.objects.open().filter(pk=count.pk).update(state=state, **figures)
    if changed != 1:
        check_open(count)
    count.refresh_from_db()


def settle(count: Count, *, by: User | None, at: datetime) -> None:
    """Close the work item, the discrepancies that wait for it, and what was found on this shelf."""
    level, item = count.level, Q(work_item__kind=WORK, work_item__subject=f"count:{count.public_id}")
    shelf = Q(cause=Discrepancy.Cause.FOUND, listing=None, variant=level.variant_id, location=level.location_id)
    waiting = Discrepancy.objects.open().filter(item | shelf).order_by("pk")
    findings.close_counted(list(waiting), by=by, at=at)
    close_work(WORK, subject=count, at=at, by=by)
