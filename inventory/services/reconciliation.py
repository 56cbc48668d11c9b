"""
Runs of reconciliation: started, read, compared in shards, ended.

A run is read by the account's exchange (which then reads its sales, too, so that everything sold before the picture is
booked), and compared shard by shard, by as many jobs as there are lanes. Each shard is one transaction under its own
lock: a killed worker leaves it undone, and the next one does it again from the staged lines.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from inventory.models import (
    Discrepancy,
    Listing,
    ListingEvent,
    ListingState,
    ReconciliationRun,
    ReconciliationShard,
    StagedStock,
)
from inventory.services import comparing, snapshots
from omni.activity import record
from omni.db import on_postgresql
from omni.models import ConnectorAccount, JobRun, User
from omni.queue import enqueue

Guard = Callable[[], None]
State = ReconciliationRun.State
SUMS = ("compared", "agreed", "in_flight", "discrepancies", "pushed")
STALLED_AFTER = timedelta(minutes=15)
KEPT_FOR = timedelta(days=30)
JOBS_KEPT = timedelta(days=1)
LANES = 3


@transaction.atomic
def start(*, account: ConnectorAccount, full: bool, by: User | None, at: datetime) -> ReconciliationRun:
    """
    Begin to compare an account, or join the run that is under way (a full one is asked for when it has only begun).
    """
    ConnectorAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    run = ReconciliationRun.objects.unfinished().filter(account=account).first()
    if run is None:
        run = ReconciliationRun.objects.create(account=account, full=full, started_at=at)
        if full or by:
            record("reconciliation.started", subject=run, at=at, by=by, channel=account.channel, full=full)
    elif full and not run.full and run.state == State.READING:
        ReconciliationRun.objects.filter(pk=run.pk).update(full=True, asked_at=None, started_at=at)
        run.full, run.asked_at = True, None
    enqueue("inventory.exchange", key=f"exchange:{account.pk}", at=at, account=account.pk, by=by)
    return run


def wake(run: ReconciliationRun, *, at: datetime) -> None:
    """Ask once more for the exchange that this run waits for; one that waits already is enough."""
    if run.state == State.READING:
        enqueue("inventory.exchange", key=f"exchange:{run.account_id}", at=at, account=run.account_id)


def start_all(*, full: bool, at: datetime) -> int:
    """Begin with every account that is in use and lists anything. Returns how many."""
    accounts = ConnectorAccount.objects.working().filter(listings__ended_at=None, listings__isnull=False).distinct()
    return len([start(account=account, full=full, by=None, at=at) for account in accounts])


def key_of(run: ReconciliationRun, lane: int) -> str:
    return f"reconcile:{run.account_id}:{run.pk}:{lane}"


@transaction.atomic
def begin_comparing(run: ReconciliationRun, *, at: datetime) -> None:
    """The picture is whole and the sales before it are booked: cut it into shards and hand them out."""
    places = live_places(run.account) if run.full else open_places(run)
    for location_id in places:
        ReconciliationShard.objects.get_or_create(run=run, location_id=location_id)
    total = Listing.objects.live().filter(account=run.account).count()
    changed = ReconciliationRun.objects.filter(pk=run.pk, state=State.READING)
    if not changed.update(state=State.COMPARING, listings=total):
        return
    snapshots.count_lines()
    shards = list(run.shards.order_by("pk"))
    if not shards:
        finish(run, at=at)
    for lane in range(min(len(shards), LANES if on_postgresql() else 1)):
        hand_out(run, lane, at=at)


def hand_out(run: ReconciliationRun, lane: int, *, at: datetime) -> None:
    """Let one more worker take shards. Few lanes, so that pushes and sales never wait behind a big comparison."""
    enqueue("inventory.reconcile", key=key_of(run, lane), at=at, reconciliation=run.pk)


def live_places(account: ConnectorAccount) -> list[Any]:
    return list(
        Listing.objects.live().filter(account=account).order_by().values_list("location_id", flat=True).distinct()
    )


def open_places(run: ReconciliationRun) -> set[Any]:
    """Where something is open that the channel may not have mentioned."""
    states = ListingState.objects.filter(listing__account=run.account, listing__ended_at=None)
    strange = states.filter(Q(in_step=False) | Q(held=True)).values_list("listing__location_id", flat=True).distinct()
    known = Discrepancy.objects.open().filter(account=run.account).values_list("location_id", flat=True).distinct()
    return {*strange, *known}


def compare(*, run: ReconciliationRun, at: datetime, keep_going: Guard) -> int:
    """
    Compare shards that nobody has done or is doing; the last one ends the run. Safe to repeat after a kill.

    keep_going: called first in every transaction; raises when this worker must stop.
    """
    done = 0
    while compare_next(run, at=at, keep_going=keep_going):
        done += 1
    if not run.shards.filter(done_at=None).exists():
        finish(run, at=at)
    return done


def compare_next(run: ReconciliationRun, *, at: datetime, keep_going: Guard) -> bool:
    """Take one shard and compare it, in one transaction. Returns whether there was one."""
    with transaction.atomic():
        keep_going()
        if not ReconciliationRun.objects.filter(pk=run.pk, state=State.COMPARING).exists():
            return False
        free = run.shards.filter(done_at=None).select_for_update(skip_locked=True, of=("self",))
        shard = free.order_by("pk").first()
        if shard is None:
            return False
        if snapshots.is_lost(run, shard):
            read_again(run, at=at)
            return False
        comparing.compare_shard(run, shard, at=at)
    return True


@transaction.atomic
def read_again(run: ReconciliationRun, *, at: datetime) -> None:
    """The staged lines are gone (the database crashed): begin this run anew."""
    StagedStock.objects.filter(run=run).delete()
    run.shards.all().delete()
    ReconciliationRun.objects.filter(pk=run.pk).update(state=State.READING, asked_at=None, snapshot_at=None)
    enqueue("inventory.exchange", key=f"exchange:{run.account_id}", at=at, account=run.account_id)


def finish(run: ReconciliationRun, *, at: datetime) -> None:
    """Add the shards up, once."""
    with transaction.atomic():
        row = ReconciliationRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if row.state != State.COMPARING:
            return
        sums = row.shards.aggregate(**{name: Sum(name) for name in SUMS})
        live = ListingState.objects.filter(listing__account=row.account_id, listing__ended_at=None)
        out = live.filter(Q(in_step=False) | Q(dirty=True)).count() + live.filter(in_step=None, dirty=False).count()
        figures: dict[str, Any] = {name: value or 0 for name, value in sums.items()}
        figures["in_step"] = max(0, row.listings - out)
        ReconciliationRun.objects.filter(pk=row.pk).update(state=State.DONE, finished_at=at, **figures)
        if row.full or figures["discrepancies"]:
            record("reconciliation.finished", subject=row, at=at, channel=row.account.channel, full=row.full, **figures)
    forget_staged(run)


def forget_staged(run: ReconciliationRun) -> None:
    """Empty the staging table; at one stroke when nobody else has lines in it."""
    others = ReconciliationRun.objects.unfinished().exclude(pk=run.pk)
    if on_postgresql() and not others.exists():
        snapshots.empty_table()
    else:
        StagedStock.objects.filter(run=run).delete()


@transaction.atomic
def fail(run: ReconciliationRun, *, reason: str, at: datetime) -> None:
    """End a run that cannot go on, with a sentence for people."""
    if (
        ReconciliationRun.objects.unfinished()
        .filter(pk=run.pk)
        .update(state=State.FAILED, finished_at=at, error=reason[:500])
    ):
        record("reconciliation.failed", subject=run, at=at, channel=run.account.channel, outcome="failed")
        StagedStock.objects.filter(run=run).delete()


@transaction.atomic
def cancel(*, run: ReconciliationRun, by: User | None, at: datetime) -> bool:
    """Stop a run. What its finished shards found stands. Returns whether it was still under way."""
    changed = ReconciliationRun.objects.unfinished().filter(pk=run.pk)
    if not changed.update(state=State.CANCELLED, finished_at=at):
        return False
    jobs = JobRun.objects.filter(key__startswith=f"reconcile:{run.account_id}:{run.pk}:")
    jobs.filter(state=JobRun.State.RUNNING).update(cancel_asked=True)
    jobs.filter(state=JobRun.State.PENDING).update(state=JobRun.State.CANCELLED, finished_at=at)
    StagedStock.objects.filter(run=run).delete()
    record("reconciliation.cancelled", subject=run, at=at, by=by, channel=run.account.channel)
    return True


def tend(*, at: datetime) -> int:
    """Look after runs that nobody works on any more: hand their shards out again, give up on the oldest."""
    tended = 0
    waiting = ReconciliationRun.objects.unfinished().filter(state=State.READING, started_at__lt=at - STALLED_AFTER)
    for run in waiting.select_related("account"):
        tended += 1
        fail(run, reason=run.account.last_error or "The channel could not be read.", at=at)
    for run in ReconciliationRun.objects.unfinished().filter(state=State.COMPARING).select_related("account"):
        jobs = JobRun.objects.filter(key__startswith=f"reconcile:{run.account_id}:{run.pk}:")
        if jobs.unfinished().exists():
            continue
        tended += 1
        dead = jobs.filter(state=JobRun.State.DEAD).order_by("-pk").first()
        if dead or at - run.started_at > STALLED_AFTER:
            fail(run, reason=dead.last_error if dead else "No worker went on with it.", at=at)
        else:
            hand_out(run, 0, at=at)
    return tended


def forget_old(*, at: datetime) -> int:
    """Delete runs and events of listings past their time, and yesterday's finished jobs of the exchange."""
    ended = JobRun.objects.filter(state__in=[JobRun.State.DONE, JobRun.State.CANCELLED], finished_at__lt=at - JOBS_KEPT)
    ended.filter(task__in=["inventory.exchange", "inventory.push", "inventory.reconcile"]).delete()
    ListingEvent.objects.filter(at__lt=at - KEPT_FOR).delete()
    return ReconciliationRun.objects.filter(finished_at__lt=at - KEPT_FOR).delete()[0]
