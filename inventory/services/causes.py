"""
Why a channel shows another figure than the ledger: the likely cause, from facts alone.

Pure: the same facts always give the same cause. All figures are whole units.
"""

from dataclasses import dataclass
from datetime import datetime

from inventory.models import Discrepancy
from omni.connectors.versions import is_newer, number

Cause = Discrepancy.Cause


@dataclass(frozen=True)
class Facts:
    """
    One listing at the moment of a snapshot.

    theirs: what the snapshot shows (None: a full snapshot without it). ours: what it should show now, ours_then: as of
    the snapshot. seen: what we thought the channel had, with its version and time. sent: a write without an answer yet.
    owed: a change that has not been sent. oversold: units sold there beyond what there was to sell.
    """

    ours: int
    ours_then: int
    theirs: int | None
    their_version: str = ""
    snapshot_at: datetime | None = None
    seen: int | None = None
    seen_version: str = ""
    seen_at: datetime | None = None
    sent: int | None = None
    awaited: bool = False
    owed: bool = False
    conflict: bool = False
    oversold: int = 0


def cause_of(facts: Facts) -> str | None:
    """Return the likely cause, or None when there is no discrepancy."""
    if facts.theirs is None:
        return missing(facts)
    if facts.oversold or facts.theirs < 0:
        return Cause.OVERSOLD
    if facts.theirs == facts.ours:
        return None
    if facts.conflict and not explained(facts):
        return Cause.CONFLICT
    if is_stale(facts) or explained(facts):
        return Cause.IN_FLIGHT
    if number(facts.their_version) is not None and is_newer(facts.their_version, facts.seen_version):
        return Cause.EDITED_THERE
    return Cause.DRIFT


def missing(facts: Facts) -> str | None:
    """Not in a full snapshot: on its way there, confirmed since it was taken, or not listed."""
    never_told = facts.seen is None and (facts.owed or facts.awaited)
    since = bool(facts.seen_at and facts.snapshot_at and facts.seen_at > facts.snapshot_at)
    return Cause.IN_FLIGHT if never_told or since else Cause.NOT_LISTED


def is_stale(facts: Facts) -> bool:
    """The channel has moved on since this snapshot, as we have heard from it meanwhile."""
    if number(facts.their_version) is not None and number(facts.seen_version) is not None:
        return is_newer(facts.seen_version, facts.their_version)
    return bool(facts.seen_at and facts.snapshot_at and facts.seen_at > facts.snapshot_at)


def explained(facts: Facts) -> bool:
    """They show what they should for all that they were told; the newest is on its way."""
    if facts.awaited and facts.theirs == facts.sent:
        return True
    if facts.seen is None:
        return facts.owed or facts.awaited
    if facts.theirs == facts.seen:
        return True
    return facts.theirs == facts.ours_then and number(facts.their_version) is None
