"""
Comparing what three channels show with the ledger: 20 places each, one line in a hundred wrong.

At scale 1 it is 600,000 lines; the goal's 6 million are scale 10 (and a soak test). The limit copies the same lines
from a file into a scratch table and compares them in one statement, without knowing how to go on after a kill, what was
in flight, or whom to tell.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.utils import timezone

from bench import channel, worker, world
from bench.correctness import must
from bench.harness import Claim, compare
from inventory.models import Discrepancy, ReconciliationRun
from inventory.services import exchange, reconciliation
from omni.models import ConnectorAccount, Location

VARIANTS, PLACES, ACCOUNTS = 10_000, 20, 3
MOST_MB = 300
SCRATCH = """
DROP TABLE IF EXISTS bench_staged, bench_found;
CREATE UNLOGGED TABLE bench_staged (account_id bigint, sku text, place bigint, quantity int);
CREATE TABLE bench_found (listing_id bigint, ours int, theirs int)
"""
SET_BASED = """
INSERT INTO bench_found
SELECT listing.id, level.on_hand - level.reserved - level.unavailable, staged.quantity
FROM bench_staged staged
JOIN inventory_listing listing ON listing.account_id = staged.account_id AND listing.location_id = staged.place
    AND listing.remote_sku = staged.sku AND listing.ended_at IS NULL
JOIN inventory_stocklevel level ON level.variant_id = listing.variant_id AND level.location_id = listing.location_id
WHERE staged.quantity <> level.on_hand - level.reserved - level.unavailable
"""
FORGET = """
TRUNCATE inventory_discrepancy, inventory_listingevent, inventory_reconciliationrun, omni_jobrun, omni_connectorcursor,
    inventory_stagedstock CASCADE;
UPDATE inventory_listingstate SET version = 1, dirty = FALSE, dirty_since = NULL, in_step = TRUE, held = FALSE,
    seen_quantity = pushed_quantity
WHERE version <> 1 OR dirty OR held OR in_step IS NOT TRUE OR seen_quantity IS DISTINCT FROM pushed_quantity
"""


def claims(rounds: int, scale: float) -> Iterator[Claim]:
    variants = max(20, int(VARIANTS * scale))
    seed(variants)
    full: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        file = write_file(Path(folder) / "lines.tsv", variants)
        yield compare(
            f"reconcile full {variants * PLACES * ACCOUNTS:,} lines",
            ours=lambda: keep(full, ours(variants, full=True)),
            limit=lambda: copy_and_compare(file, variants),
            unit="s",
            rounds=rounds,
            goal=round(1 / 1.3, 3),
            less_is_better=True,
        )
    spent, peaks = iter([run["seconds"] for run in full]), iter([run["peak_mb"] for run in full])
    yield compare(
        "reconcile incremental 1 % changed (limit: full / 10)",
        ours=lambda: ours(variants, full=False)["seconds"],
        limit=lambda: next(spent) / 10,
        unit="s",
        rounds=rounds,
        goal=1.0,
        less_is_better=True,
    )
    yield compare(
        "reconcile memory of the worker at its peak",
        ours=lambda: next(peaks),
        limit=lambda: MOST_MB,
        unit="MB",
        rounds=rounds,
        goal=1.0,
        less_is_better=True,
    )


def keep(runs: list[dict[str, float]], run: dict[str, float]) -> float:
    runs.append(run)
    return run["seconds"]


def seed(variants: int) -> None:
    world.empty()
    places = world.places(PLACES)
    world.catalogue(variants)
    world.stock(at=places)
    config = {"variants": variants, "places": PLACES}
    for number in range(ACCOUNTS):
        account = world.account(f"bench-{number}", at=places, per_shelf=True, kind=channel.KIND)
        ConnectorAccount.objects.filter(pk=account.pk).update(config=config)
    world.execute(SCRATCH)


def wrong_lines(variants: int) -> int:
    return ACCOUNTS * sum(channel.differs(row) for row in range(variants * PLACES))


def ours(variants: int, *, full: bool) -> dict[str, float]:
    """One run over every account in a worker of its own; everything that is wrong must be found."""
    world.execute(FORGET)
    run = worker.run("reconcile", "full" if full else "changed", database=world.url())
    must(run["found"] == wrong_lines(variants), f"{run['found']} of {wrong_lines(variants)} wrong lines were found")
    return run


def reconcile_all(*, full: bool) -> int:
    """What the worker does: read every account's picture, then compare it. Returns how many discrepancies are open."""
    channel.register()
    for account in ConnectorAccount.objects.working().select_related("channel").order_by("pk"):
        run = reconciliation.start(account=account, full=full, by=None, at=timezone.now())
        exchange.exchange(account=account, at=timezone.now(), keep_going=nobody_stops_it)
        run.refresh_from_db()
        reconciliation.compare(run=run, at=timezone.now(), keep_going=nobody_stops_it)
    done = ReconciliationRun.objects.filter(state=ReconciliationRun.State.DONE).count()
    must(done == ConnectorAccount.objects.count(), f"only {done} runs came to their end")
    return Discrepancy.objects.open().count()


def nobody_stops_it() -> None:
    """No other worker takes this job over."""


def write_file(file: Path, variants: int) -> Path:
    """The picture of every account, as COPY reads it."""
    keys = [0, *Location.objects.order_by("pk").values_list("pk", flat=True)]
    with file.open("w") as out:
        for account in ConnectorAccount.objects.order_by("pk"):
            out.writelines(
                f"{account.pk}\t{sku}\t{keys[place]}\t{units}\n"
                for sku, place, units in channel.lines(variants, PLACES, full=True)
            )
    return file


def copy_and_compare(file: Path, variants: int) -> float:
    world.execute("TRUNCATE bench_staged, bench_found")
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        with file.open("rb") as lines, cursor.copy("COPY bench_staged FROM STDIN") as copy:
            while block := lines.read(1 << 18):
                copy.write(block)
        cursor.execute("ANALYZE bench_staged")
        cursor.execute(SET_BASED)
    seconds = time.perf_counter() - begun
    found = world.scalar("SELECT COUNT(*) FROM bench_found")
    must(found == wrong_lines(variants), f"the limit found {found} of {wrong_lines(variants)} wrong lines")
    return seconds
