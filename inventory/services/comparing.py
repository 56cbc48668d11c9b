"""
Comparing one shard of a snapshot with the ledger, set-based.

The database finds the listings that do not plainly agree; only these are looked at one by one. What agrees and was in
step before is not written at all, so that a run over unchanged stock changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from inventory.models import (
    Discrepancy,
    Listing,
    ListingEvent,
    ListingState,
    ReconciliationRun,
    ReconciliationShard,
    StagedStock,
    StockMovement,
    Variant,
)
from inventory.queries.listings import shown_on, shown_sql
from inventory.services import findings, memory
from inventory.services.causes import Facts, cause_of
from omni.connectors.versions import is_newer, number
from omni.db import update_many
from omni.models import ConnectorAccount

Cause = Discrepancy.Cause
AT_ONCE = 2000
FEW = 5000
MOST_STRANGE = 5000
PUSHED_WITHOUT_ASKING = {Cause.DRIFT, Cause.EDITED_THERE, Cause.NOT_LISTED}
STATE_FIELDS = [
    "version", "dirty", "dirty_since", "in_step", "held", "seen_quantity", "seen_version", "seen_at", "next_try_at",
]  # fmt: skip
CANDIDATES = """
SELECT listing.id, COALESCE(ours.quantity, 0), staged.quantity, staged.version, staged.seen_at
FROM inventory_listing listing
JOIN inventory_listingstate state ON state.listing_id = listing.id
LEFT JOIN ({shown}) ours ON ours.listing_id = listing.id
LEFT JOIN inventory_stagedstock staged
    ON staged.run_id = %(run)s AND staged.remote_sku = listing.remote_sku AND staged.location_id {here}
WHERE listing.account_id = %(account)s AND listing.ended_at IS NULL AND listing.location_id {here}
  AND (staged.quantity <> COALESCE(ours.quantity, 0) OR state.in_step IS NOT TRUE OR state.held {missing}
       OR EXISTS (SELECT 1 FROM inventory_discrepancy open
                  WHERE open.listing_id = listing.id AND open.settled_at IS NULL))
"""
MISSING = "OR staged.quantity IS NULL"
STRANGE = """
SELECT staged.remote_sku, staged.quantity, staged.version, staged.seen_at FROM inventory_stagedstock staged
WHERE staged.run_id = %(run)s AND staged.location_id {here} AND NOT EXISTS (
    SELECT 1 FROM inventory_listing listing
    WHERE listing.account_id = %(account)s AND listing.remote_sku = staged.remote_sku
      AND listing.ended_at IS NULL AND listing.location_id {here})
LIMIT %(most)s
"""


@dataclass(frozen=True)
class Row:
    """A listing that does not plainly agree. theirs None: the snapshot does not name it."""

    listing_id: int
    ours: int
    theirs: int | None
    their_version: str
    seen_at: datetime | None


@dataclass
class Tally:
    """What a shard came to."""

    compared: int = 0
    in_flight: int = 0
    discrepancies: int = 0
    pushed: int = 0

    def as_fields(self) -> dict[str, int]:
        agreed = max(0, self.compared - self.in_flight - self.discrepancies)
        return {
            "compared": self.compared, "agreed": agreed, "in_flight": self.in_flight,
            "discrepancies": self.discrepancies, "pushed": self.pushed,
        }  # fmt: skip


@dataclass
class Shard:
    """One shard being compared, and what is to be written about it."""

    run: ReconciliationRun
    location_id: int | None
    covered: bool
    at: datetime
    tally: Tally = field(default_factory=Tally)
    states: dict[int, ListingState] = field(default_factory=dict)
    fresh: list[Discrepancy] = field(default_factory=list)
    gone: list[Discrepancy] = field(default_factory=list)
    events: list[ListingEvent] = field(default_factory=list)

    @property
    def account(self) -> ConnectorAccount:
        return self.run.account

    @property
    def here(self) -> dict[str, str]:
        return {"here": "IS NULL" if self.location_id is None else "= %(location)s"}

    @property
    def params(self) -> dict[str, Any]:
        return {"run": self.run.pk, "account": self.run.account_id, "location": self.location_id, "most": MOST_STRANGE}


def compare_shard(run: ReconciliationRun, row: ReconciliationShard, *, at: datetime) -> Tally:
    """Compare one shard and write down what was found. Inside one transaction."""
    shard = Shard(run, row.location_id, row.covered and run.full, at)
    strange = strangers(shard)
    shard.tally.compared = row.staged
    for rows in candidates(shard):
        look_at(shard, rows)
    note_strangers(shard, strange)
    ReconciliationShard.objects.filter(pk=row.pk).update(done_at=at, **shard.tally.as_fields())
    return shard.tally


def candidates(shard: Shard) -> Iterator[list[Row]]:
    """The listings that do not plainly agree, some thousands at a time."""
    ids = None if shard.covered else in_question(shard)
    if ids is not None and not ids:
        return
    few = ids if ids is not None and len(ids) <= FEW else None
    shown, params = shown_sql(shard.account, at=shard.at, listing_ids=few, here=shard.here["here"])
    missing = MISSING if shard.covered else ""
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES.format(shown=shown, missing=missing, **shard.here), {**params, **shard.params})
        found = [Row(row[0], int(row[1]), row[2], row[3] or "", moment(row[4])) for row in cursor.fetchall()]
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def in_question(shard: Shard) -> list[int]:
    """Listings of this shard that the snapshot names or that do not agree as it is."""
    live = Listing.objects.live().filter(account=shard.account, location_id=shard.location_id)
    named = StagedStock.objects.filter(run=shard.run, location_id=shard.location_id).values("remote_sku")
    open_ones = Discrepancy.objects.open().filter(account=shard.account, listing__isnull=False).values("listing_id")
    strange = Q(state__in_step=False) | Q(state__held=True) | Q(pk__in=open_ones)
    return sorted({*live.filter(remote_sku__in=named).values_list("pk", flat=True),
                   *live.filter(strange).values_list("pk", flat=True)})  # fmt: skip


def look_at(shard: Shard, rows: Sequence[Row]) -> None:
    """Judge some listings and write what follows."""
    ids = [row.listing_id for row in rows]
    shard.states = memory.lock_states(ids)
    then = shown_then(shard, ids)
    known = {found.listing_id: found for found in Discrepancy.objects.open().filter(listing__in=ids)}
    listings = Listing.objects.in_bulk(ids)
    shard.fresh, shard.gone, shard.events = [], [], []
    before = {pk: snapshot_of(state) for pk, state in shard.states.items()}
    for row in rows:
        if row.listing_id in shard.states:
            judge(shard, row, listings[row.listing_id], known.get(row.listing_id), then.get(row.listing_id, row.ours))
    Discrepancy.objects.bulk_create(shard.fresh, batch_size=500)
    ListingEvent.objects.bulk_create(shard.events, batch_size=500)
    update_many([state for pk, state in shard.states.items() if snapshot_of(state) != before[pk]], STATE_FIELDS)
    findings.close_gone(shard.gone, at=shard.at)


def snapshot_of(state: ListingState) -> tuple:
    return tuple(getattr(state, name) for name in STATE_FIELDS)


def shown_then(shard: Shard, ids: list[int]) -> dict[int, int]:
    """What these listings should have shown when the picture was taken; empty when nothing moved since."""
    taken = shard.run.snapshot_at
    if taken is None or not StockMovement.objects.filter(occurred_at__gt=taken).exists():
        return {}
    return {row.listing_id: row.quantity for row in shown_on(shard.account, at=taken, listing_ids=ids)}


def judge(shard: Shard, row: Row, listing: Listing, known: Discrepancy | None, ours_then: int) -> None:
    """Decide about one listing."""
    state, pictured = shard.states[row.listing_id], row.theirs is not None
    if not pictured and not shard.covered:
        if state.seen_quantity is None:
            return
        row = Row(row.listing_id, row.ours, state.seen_quantity, state.seen_version, state.seen_at)
        shard.tally.compared += 1
    elif not pictured:
        row = Row(row.listing_id, row.ours, None, "", shard.run.snapshot_at)
        shard.tally.compared += 1
    facts, doubt = facts_of(row, state, known, ours_then), in_doubt(state, row, listing)
    cause = cause_of(replace(facts, seen=None) if doubt else facts)
    if known and cause and (known.outcome or state.held):
        cause = known.cause if known.cause != Cause.IN_FLIGHT else cause
    if pictured and not doubt:
        see(state, row)
    if cause is None:
        agree(shard, state, known)
    elif cause == Cause.IN_FLIGHT:
        be_patient(shard, state, row, listing, known, facts)
    else:
        disagree(shard, state, row, listing, known, facts, cause)


def in_doubt(state: ListingState, row: Row, listing: Listing) -> bool:
    """A change is owed to one of several places, and no version tells what the channel did there meanwhile."""
    return state.dirty and listing.location_id is not None and not (state.seen_version or row.their_version)


def facts_of(row: Row, state: ListingState, known: Discrepancy | None, ours_then: int) -> Facts:
    return Facts(
        ours=row.ours, ours_then=ours_then, theirs=row.theirs, their_version=row.their_version,
        snapshot_at=row.seen_at, seen=state.seen_quantity, seen_version=state.seen_version, seen_at=state.seen_at,
        sent=state.sent_quantity, awaited=state.sent_version > state.pushed_version, owed=state.dirty,
        conflict=bool(known and known.cause == Cause.CONFLICT), oversold=max(0, -(state.seen_quantity or 0)),
    )  # fmt: skip


def see(state: ListingState, row: Row) -> None:
    """Remember what the picture shows, unless we have heard newer things since."""
    old = is_newer(state.seen_version, row.their_version)
    if number(row.their_version) is None:
        old = bool(state.seen_at and row.seen_at and state.seen_at > row.seen_at)
    if not old and (state.seen_quantity, state.seen_version) != (row.theirs, row.their_version):
        memory.know(state, row.theirs, row.their_version, row.seen_at)


def agree(shard: Shard, state: ListingState, known: Discrepancy | None) -> None:
    state.in_step, state.held = True, False
    if known:
        shard.gone.append(known)


def be_patient(
    shard: Shard, state: ListingState, row: Row, listing: Listing, known: Discrepancy | None, facts: Facts
) -> None:
    """They show what they were told; the newer figure is on its way, or is sent on its way now."""
    shard.tally.in_flight += 1
    state.in_step = state.seen_quantity == row.ours
    if not facts.owed and not facts.awaited and not state.in_step:
        owe(shard, state)
    if facts.seen is not None:
        write_down(shard, row, listing, known, finding(shard, state, row, facts, Cause.IN_FLIGHT))


def disagree(
    shard: Shard,
    state: ListingState,
    row: Row,
    listing: Listing,
    known: Discrepancy | None,
    facts: Facts,
    cause: str,
) -> None:
    """A discrepancy: pushed where the account's policy allows, else kept for a person."""
    shard.tally.discrepancies += 1
    state.in_step = False
    found = write_down(shard, row, listing, known, finding(shard, state, row, facts, cause))
    if found.outcome:
        return
    if shard.account.policy == ConnectorAccount.Policy.PUSH and cause in PUSHED_WITHOUT_ASKING:
        found.outcome = Discrepancy.Outcome.KEPT_OURS
        if found.pk:
            Discrepancy.objects.filter(pk=found.pk).update(outcome=found.outcome)
        state.held = False
        owe(shard, state)
    else:
        state.held = True


def owe(shard: Shard, state: ListingState) -> None:
    """Have the newest figure sent; with a new version, so that no older write overtakes it."""
    state.version, state.dirty, state.dirty_since, state.next_try_at = state.version + 1, True, shard.at, None
    shard.tally.pushed += 1


def finding(shard: Shard, state: ListingState, row: Row, facts: Facts, cause: str) -> findings.Finding:
    return findings.Finding(
        cause=cause, ours=row.ours, theirs=row.theirs, their_version=row.their_version, snapshot_at=row.seen_at,
        evidence={
            "told": state.pushed_quantity, "told_at": iso(state.pushed_at), "thought": facts.seen,
            "thought_version": facts.seen_version, "ours_then": facts.ours_then, "compared_at": iso(shard.at),
        },
    )  # fmt: skip


def write_down(
    shard: Shard, row: Row, listing: Listing, known: Discrepancy | None, found: findings.Finding
) -> Discrepancy:
    """Open a discrepancy or refresh the open one; a new picture of it is an event of the listing."""
    if known is not None:
        changed = findings.refresh(known, found, at=shard.at)
    else:
        known, changed = findings.unsaved(listing, found, at=shard.at, run=shard.run), True
        shard.fresh.append(known)
    if changed and row.theirs is not None and row.seen_at and found.cause != Cause.IN_FLIGHT:
        shard.events.append(
            ListingEvent(
                listing_id=listing.pk, kind=ListingEvent.Kind.SHOWN, quantity=row.theirs,
                remote_version=row.their_version, at=row.seen_at,
            )
        )  # fmt: skip
    return known


def strangers(shard: Shard) -> list[tuple[str, int, str, datetime | None]]:
    """What the channel shows and we do not list there."""
    with connection.cursor() as cursor:
        cursor.execute(STRANGE.format(**shard.here), shard.params)
        return [(sku, quantity, version or "", moment(at)) for sku, quantity, version, at in cursor.fetchall()]


def note_strangers(shard: Shard, rows: Sequence[tuple[str, int, str, datetime | None]]) -> None:
    """One open discrepancy for each unknown SKU; those that are no longer shown are gone."""
    open_ones = Discrepancy.objects.open().filter(
        account=shard.account, listing=None, location_id=shard.location_id, cause=Cause.UNKNOWN_SKU
    )
    known = {found.remote_sku: found for found in open_ones}
    shown = {sku for sku, *_rest in rows}
    variants = {row.sku: row for row in Variant.objects.filter(sku__in=shown)}
    fresh = []
    for sku, quantity, version, seen_at in rows:
        shard.tally.discrepancies += 1
        found = findings.Finding(
            cause=Cause.UNKNOWN_SKU, ours=None, theirs=quantity, their_version=version, snapshot_at=seen_at,
            evidence={"in_catalogue": sku in variants, "compared_at": iso(shard.at)},
        )  # fmt: skip
        if sku in known:
            findings.refresh(known[sku], found, at=shard.at)
        else:
            fresh.append(
                Discrepancy(
                    account=shard.account, variant=variants.get(sku), location_id=shard.location_id, remote_sku=sku,
                    found_at=shard.at, last_seen_at=shard.at, first_run=shard.run, **found.as_fields(),
                )
            )  # fmt: skip
    Discrepancy.objects.bulk_create(fresh, batch_size=500)
    if shard.covered and len(rows) < MOST_STRANGE:
        findings.close_gone([found for sku, found in known.items() if sku not in shown], at=shard.at)


def moment(value: datetime | str | None) -> datetime | None:
    """A time as the database gives it (SQLite: text in UTC)."""
    found = parse_datetime(value) if isinstance(value, str) else value
    return make_aware(found) if found is not None and is_naive(found) else found


def iso(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
