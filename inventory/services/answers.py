"""
What a channel says to our writes, kept per listing.

The newest version wins: an answer to an older write changes nothing, and what we owe is only settled by an answer to
the version that is still the newest. A refused compare-and-set is looked at twice: a sale that explains it may be on
its way; what stays unexplained is a conflict for a person.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from inventory.models import Discrepancy, Listing, ListingEvent, ListingState
from inventory.queries.places import Places, find_listings
from inventory.services import findings, memory
from omni.activity import record
from omni.connectors.base import WriteResult
from omni.connectors.versions import is_newer
from omni.db import update_many
from omni.models import ConnectorAccount

Kind = ListingEvent.Kind
MOST_TRIES = 12
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
CONFLICTS_BEFORE_A_PERSON = 2
SETTLED = [
    "version", "pushed_version", "pushed_quantity", "pushed_at", "sent_version", "dirty", "dirty_since", "attempts",
    "next_try_at", "last_error", "given_up", "held", "in_step", "seen_quantity", "seen_version", "seen_at",
]  # fmt: skip


@dataclass
class Settling:
    """One batch of answers on its way into the database."""

    account: ConnectorAccount
    at: datetime
    events: list[ListingEvent] = field(default_factory=list)
    conflicts: list[tuple[Listing, ListingState, WriteResult]] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)

    def note(self, kind: str, state: ListingState, result: WriteResult, quantity: int | None) -> None:
        self.events.append(
            ListingEvent(
                listing_id=state.listing_id, kind=kind, quantity=quantity, version=result.version,
                remote_version=result.actual_version or "", reference=result.detail[:160], at=self.at,
            )
        )  # fmt: skip


def settle(*, account: ConnectorAccount, places: Places, results: Sequence[WriteResult], at: datetime) -> int:
    """Take answers in. Returns how many listings were confirmed. Inside a transaction only."""
    listings = find_listings(account, {result.ref for result in results}, places)
    states = memory.lock_states(row.pk for row in listings.values())
    batch = Settling(account, at)
    for result in sorted(results, key=lambda one: one.version):
        listing = listings.get(result.ref)
        if listing is not None and listing.pk in states:
            take(batch, listing, states[listing.pk], result)
    update_many(list(states.values()), SETTLED)
    memory.learn(batch.events)
    for listing, state, result in batch.conflicts:
        open_conflict(batch, listing, state, result)
    findings.close_confirmed(batch.confirmed, at=at)
    return len(batch.confirmed)


def take(batch: Settling, listing: Listing, state: ListingState, result: WriteResult) -> None:
    """Let one answer change one listing's state."""
    if result.version < state.pushed_version or result.version > state.version:
        return
    if result.outcome == "accepted":
        owe_nothing(state, result.version)
    elif result.outcome == "applied":
        confirm(batch, state, result)
    elif result.outcome == "conflict":
        meet_conflict(batch, listing, state, result)
    elif result.outcome == "rejected":
        meet_refusal(batch, state, result)
    else:
        try_again(state, "unknown_outcome", at=batch.at)


def owe_nothing(state: ListingState, version: int) -> None:
    """Clear what we owe, unless something newer came."""
    if state.version == version:
        state.dirty, state.dirty_since = False, None


def confirm(batch: Settling, state: ListingState, result: WriteResult) -> None:
    told = state.sent_quantity if result.version == state.sent_version else result.actual
    state.pushed_version, state.pushed_at = result.version, batch.at
    state.sent_version = max(state.sent_version, result.version)
    state.pushed_quantity = told if told is not None else result.actual
    state.attempts, state.next_try_at, state.last_error, state.given_up = 0, None, "", False
    owe_nothing(state, result.version)
    shown = result.actual if result.actual is not None else state.pushed_quantity
    batch.note(Kind.APPLIED, state, result, shown)
    batch.confirmed.append(state.listing_id)


def meet_conflict(batch: Settling, listing: Listing, state: ListingState, result: WriteResult) -> None:
    """The channel has something else than we thought. Wait once for the sale that explains it, then ask a person."""
    if result.version == state.sent_version and result.actual == state.sent_quantity:
        confirm(batch, state, result)  # changed to the very figure that we wanted
        return
    stop_awaiting(state)
    if known_by_now(state, result):
        state.next_try_at = None  # a sale that we have read since explains it: try at once, with that
        return
    batch.note(Kind.CONFLICT, state, result, result.actual)
    try_again(state, "conflict", at=batch.at)
    if state.attempts >= CONFLICTS_BEFORE_A_PERSON:
        state.held, state.in_step = True, False
        batch.conflicts.append((listing, state, result))


def known_by_now(state: ListingState, result: WriteResult) -> bool:
    """Whether what the channel changed to is what we know it has, from its sales."""
    if not result.actual_version:
        return result.actual == state.seen_quantity
    return state.seen_version == result.actual_version or is_newer(state.seen_version, result.actual_version)


def meet_refusal(batch: Settling, state: ListingState, result: WriteResult) -> None:
    """Refused for good, unless only our counting of versions lies behind the channel's."""
    stop_awaiting(state)
    if result.code == "older_version":
        if result.version == state.version:
            state.version = max(state.version + 1, int(batch.at.timestamp()))
            state.next_try_at = None
        return
    batch.note(Kind.REJECTED, state, result, result.actual)
    state.last_error, state.given_up, state.in_step = result.code or "rejected", True, False
    record(
        "listing.given_up", subject=f"listing:{state.listing_id}", at=batch.at, channel=batch.account.channel,
        code=state.last_error,
    )  # fmt: skip


def stop_awaiting(state: ListingState) -> None:
    """The answer came, and it was no: we owe it again."""
    state.sent_version, state.dirty = state.pushed_version, True


def try_again(state: ListingState, code: str, *, at: datetime) -> None:
    """Once more after a pause that doubles, with jitter; after the last try it is given up, in sight."""
    state.attempts += 1
    state.dirty, state.last_error = True, code
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (state.attempts - 1))
    state.next_try_at = at + pause * random.uniform(0.5, 1)
    state.given_up = state.attempts >= MOST_TRIES


def open_conflict(batch: Settling, listing: Listing, state: ListingState, result: WriteResult) -> None:
    """Both values, for a person: ours was not written, theirs stands."""
    ListingState.objects.filter(pk=state.pk).update(
        seen_quantity=result.actual, seen_version=result.actual_version or "", seen_at=batch.at
    )
    findings.find(
        listing,
        findings.Finding(
            cause=Discrepancy.Cause.CONFLICT, ours=state.sent_quantity, theirs=result.actual,
            their_version=result.actual_version or "", snapshot_at=batch.at,
            evidence={"told": state.pushed_quantity, "told_at": when(state.pushed_at), "version_told": result.version},
        ),
        at=batch.at, run=None,
    )  # fmt: skip


def when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
