"""
What a channel has, for all we know: its confirmations and its own sales folded into ``ListingState.seen``.

Where the channel counts versions, its events form a chain: the next version is the next event, whatever the order in
which we read them. A gap in the chain means that something happened there which nobody told us.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from inventory.models import ListingEvent, ListingState
from omni.connectors.versions import number
from omni.db import update_many

Kind = ListingEvent.Kind
FOLDED = ["seen_quantity", "seen_version", "seen_at", "in_step"]


def lock_states(listing_ids: Iterable[int]) -> dict[int, ListingState]:
    """Lock states in the global order (ascending key). Inside a transaction only."""
    rows = ListingState.objects.filter(listing_id__in=set(listing_ids)).order_by("listing_id")
    return {row.listing_id: row for row in rows.select_for_update(of=("self",), no_key=True)}


def learn(events: Sequence[ListingEvent]) -> None:
    """Write events down and fold them into what we know of their listings. Inside a transaction only."""
    ListingEvent.objects.bulk_create(events)
    told = [event for event in events if event.kind in (Kind.APPLIED, Kind.SOLD)]
    states = lock_states(event.listing_id for event in told)
    by_listing: dict[int, list[ListingEvent]] = {}
    for event in told:
        by_listing.setdefault(event.listing_id, []).append(event)
    chained = {
        pk: rows for pk, rows in by_listing.items() if all(number(row.remote_version) is not None for row in rows)
    }
    unread = unfolded({pk: states[pk] for pk in chained})
    for pk, rows in by_listing.items():
        if pk in chained:
            fold_chain(states[pk], unread.get(pk, []))
        else:
            fold_in_time(states[pk], rows)
        states[pk].in_step = in_step(states[pk])
    update_many(list(states.values()), FOLDED)


def unfolded(states: dict[int, ListingState]) -> dict[int, list[ListingEvent]]:
    """Events with a version beyond the one seen, by listing, in the order of versions."""
    rows = ListingEvent.objects.filter(listing_id__in=states, kind__in=(Kind.APPLIED, Kind.SOLD))
    found: dict[int, list[ListingEvent]] = {}
    for row in rows.order_by("-pk")[: 50 * max(1, len(states))]:
        version = number(row.remote_version)
        if version is not None and version > (number(states[row.listing_id].seen_version) or 0):
            found.setdefault(row.listing_id, []).append(row)
    for events in found.values():
        events.sort(key=lambda row: (number(row.remote_version) or 0, row.pk))
    return found


def fold_chain(state: ListingState, events: list[ListingEvent]) -> None:
    """A confirmation says what is there; a sale counts when it is the very next version."""
    confirmed = [index for index, event in enumerate(events) if event.kind == Kind.APPLIED]
    start = confirmed[-1] if confirmed else 0
    for event in events[start:]:
        if event.kind == Kind.APPLIED:
            know(state, event.quantity, event.remote_version, event.at)
        elif number(event.remote_version) == (number(state.seen_version) or 0) + 1 and state.seen_quantity is not None:
            know(state, state.seen_quantity - (event.quantity or 0), event.remote_version, event.at)


def fold_in_time(state: ListingState, events: list[ListingEvent]) -> None:
    """Without versions, time decides: a sale after the last look is not in it yet."""
    for event in sorted(events, key=lambda row: row.at):
        if event.kind == Kind.APPLIED:
            know(state, event.quantity, event.remote_version, event.at)
        elif state.seen_quantity is not None and (state.seen_at is None or event.at > state.seen_at):
            state.seen_quantity -= event.quantity or 0


def know(state: ListingState, quantity: int | None, version: str, at: datetime | None) -> None:
    state.seen_quantity, state.seen_version, state.seen_at = quantity, version, at


def in_step(state: ListingState) -> bool:
    """Whether the channel has what we last decided that it should show."""
    return state.seen_quantity is not None and state.seen_quantity == state.pushed_quantity and not state.dirty
