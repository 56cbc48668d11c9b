"""Reading a channel's picture of its stock into the staging table, a page a transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q

from inventory.models import Listing, ReconciliationRun, ReconciliationShard, StagedStock
from inventory.queries.places import StrangePlace, ref_of
from inventory.services import streams
from inventory.services.remote_sales import Shop
from omni.connectors.base import Batch, ChannelConnector, Page, RemoteStock, RowProblem
from omni.db import insert_rows, on_postgresql

Guard = Callable[[], None]
State = ReconciliationRun.State
FEED_WAITS = {True: timedelta(seconds=60), False: timedelta(seconds=3)}
REST_WITHIN = timedelta(seconds=10)
OLD_WILL_DO_AFTER = timedelta(seconds=20)
ASKED_AT_ONCE = 2000
COLUMNS = ("run_id", "remote_sku", "location_id", "quantity", "version", "seen_at")


class NoSnapshot(Exception):
    """The channel was asked for its picture and sent none in time."""


def read(shop: Shop, connector: ChannelConnector, run: ReconciliationRun, *, at: datetime, keep_going: Guard) -> bool:
    """
    Stage what the channel shows. Returns whether the picture is whole; else ask again later.

    Raises NoSnapshot when a full one does not come, and ConnectorError.
    """
    if run.asked_at is None:
        ask(connector, run, at=at, keep_going=keep_going)
    if connector.capabilities.stock_query:
        read_by_asking(shop, connector, run, at=at, keep_going=keep_going)
        drop_superseded(run)  # a worker killed after it had read leaves its lines to the next one, who reads again
        return True
    read_stream(shop, connector, run, at=at, keep_going=keep_going)
    if is_whole(shop, run, at=at):
        drop_superseded(run)
        return True
    if run.full and run.asked_at and at - run.asked_at > FEED_WAITS[True]:
        raise NoSnapshot
    return False


def ask(connector: ChannelConnector, run: ReconciliationRun, *, at: datetime, keep_going: Guard) -> None:
    connector.request_snapshot(full=run.full)
    with transaction.atomic():
        keep_going()
        ReconciliationRun.objects.filter(pk=run.pk).update(asked_at=at)
    run.asked_at = at


def read_by_asking(
    shop: Shop, connector: ChannelConnector, run: ReconciliationRun, *, at: datetime, keep_going: Guard
) -> None:
    """Sweep through everything for a full run; for an incremental one ask for what may have changed."""
    if run.full:
        read_stream(shop, connector, run, at=at, keep_going=keep_going)
        return
    refs = [ref_of(listing, shop.places) for listing in in_question(run)]
    cursor, more = None, bool(refs)
    while more:
        page = connector.stock(refs, cursor)
        with transaction.atomic():
            keep_going()
            stage(shop, run, page, at=at)
        cursor, more = page.next_cursor, page.has_more


def in_question(run: ReconciliationRun) -> list[Listing]:
    """Listings that changed, or do not agree, since the run before."""
    rows = Listing.objects.live().filter(account=run.account)
    moved = Q(state__pushed_at__gte=run.started_at - timedelta(minutes=5)) | Q(state__dirty=True)
    strange = Q(state__in_step=False) | Q(discrepancies__settled_at=None, discrepancies__isnull=False)
    return list(rows.filter(moved | strange).distinct().order_by("pk")[:ASKED_AT_ONCE])


def read_stream(
    shop: Shop, connector: ChannelConnector, run: ReconciliationRun, *, at: datetime, keep_going: Guard
) -> None:
    more = True
    while more:
        page = connector.stock(None, streams.cursor_of(shop.account, "stock"))
        with transaction.atomic():
            keep_going()
            stage(shop, run, page, at=at)
            streams.leave(shop.account, "stock", page, at=at)
        connector.acknowledge(page)
        more = page.has_more


def stage(shop: Shop, run: ReconciliationRun, page: Page[RemoteStock], *, at: datetime) -> None:
    """Put a page into the staging table, and count it to the shards it belongs to. Inside a transaction only."""
    rows, counts = [], dict[int | None, int]()
    strange: dict[str, RowProblem] = {}
    for item in page.items:
        try:
            place = shop.places.ours(item.ref.location)
        except StrangePlace:
            name = item.ref.location or ""
            strange[name] = RowProblem(1, "location", "unknown_location", name)
            continue
        key = place.pk if place else None
        rows.append((run.pk, item.ref.sku, key, item.available, item.version or "", item.seen_at))
        counts[key] = counts.get(key, 0) + 1
    insert_rows(StagedStock, COLUMNS, rows)
    for problem in strange.values():
        streams.keep_problem(shop.account, "stock", page.batch.name if page.batch else "", problem, at=run.started_at)
    if page.batch:
        covered = covered_by(shop, run, page.batch, at=at)
        for key in {*counts, *covered}:
            count_shard(run, key, staged=counts.get(key, 0), covered=key in covered)
        newest = max(page.batch.taken_at, run.snapshot_at or page.batch.taken_at)
        ReconciliationRun.objects.filter(pk=run.pk).update(snapshot_at=newest)
        run.snapshot_at = newest


def covered_by(shop: Shop, run: ReconciliationRun, batch: Batch, *, at: datetime) -> set[int | None]:
    """The shards of which a finished full batch tells everything; an old one that still lay there does not count."""
    old = batch.taken_at < run.started_at and at - run.started_at < OLD_WILL_DO_AFTER
    if old or not (batch.full and batch.complete):
        return set()
    if batch.location is not None:
        place = shop.places.by_remote.get(batch.location)
        return {place.pk} if place else set()
    return set(Listing.objects.live().filter(account=run.account).values_list("location_id", flat=True).distinct())


def count_shard(run: ReconciliationRun, location_id: Any, *, staged: int, covered: bool) -> None:
    shard, _made = ReconciliationShard.objects.get_or_create(run=run, location_id=location_id)
    changes = {"staged": F("staged") + staged} | ({"covered": True} if covered else {})
    ReconciliationShard.objects.filter(pk=shard.pk).update(**changes)


def is_whole(shop: Shop, run: ReconciliationRun, *, at: datetime) -> bool:
    """A full picture covers every shard of the account; of changes there is nothing to wait for but the channel."""
    if not run.full:
        waited = run.asked_at is not None and at - run.asked_at >= FEED_WAITS[False]
        return waited or run.shards.exists()
    if not run.shards.filter(covered=True).exists():
        return False
    places = set(Listing.objects.live().filter(account=run.account).values_list("location_id", flat=True).distinct())
    covered = set(run.shards.filter(covered=True).values_list("location_id", flat=True))
    return places <= covered or (run.snapshot_at is not None and at - run.snapshot_at > REST_WITHIN)


def drop_superseded(run: ReconciliationRun) -> int:
    """Of several pictures of one listing keep the newest."""
    table = StagedStock._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*), COUNT(DISTINCT seen_at) FROM {table} WHERE run_id = %s",  # noqa: S608 own names
            [run.pk],
        )
        _rows, times = cursor.fetchone()
        if times < 2:
            return 0
        cursor.execute(
            f"""DELETE FROM {table} WHERE run_id = %s AND id NOT IN (
                SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY remote_sku, location_id
                    ORDER BY seen_at DESC, id DESC) AS place FROM {table} WHERE run_id = %s) ranked
                WHERE place = 1)""",  # noqa: S608 own names
            [run.pk, run.pk],
        )
        dropped = cursor.rowcount
        if dropped:
            recount(run)
    return dropped


def recount(run: ReconciliationRun) -> None:
    counts = dict(
        StagedStock.objects.filter(run=run).order_by().values_list("location_id").annotate(rows=Count("remote_sku"))
    )
    for shard in run.shards.all():
        ReconciliationShard.objects.filter(pk=shard.pk).update(staged=counts.get(shard.location_id, 0))


def is_lost(run: ReconciliationRun, shard: ReconciliationShard) -> bool:
    """Whether staged lines are gone: an unlogged table is empty after a crash of the database."""
    lines = StagedStock.objects.filter(run=run, location_id=shard.location_id)
    return lines.count() < shard.staged


def count_lines() -> None:
    """Let PostgreSQL know what was staged: a plan made for an empty table takes many times longer."""
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {StagedStock._meta.db_table}")


def empty_table() -> None:
    """PostgreSQL only: forget every staged line at once."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {StagedStock._meta.db_table}")
