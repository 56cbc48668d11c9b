"""Pushes to a channel that fails in every way a channel can, and workers that are killed."""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from inventory.models import Discrepancy, ListingState, ReconciliationRun
from inventory.services import comparing, exchange, pushing, reconciliation, stock
from omni import queue
from omni.connectors.errors import ConnectorError
from omni.models import ConnectorAccount, JobRun, RemoteLocationLink
from omni.services.health import AccountAway
from tests.factories.exchange import no_guard
from tests.factories.fake_channel import KIND, FakeChannel, register
from tests.factories.inventory import make_listing, make_stock, make_variant
from tests.factories.omni import make_account, make_channel, make_location

pytestmark = pytest.mark.django_db(transaction=True)


class Shop:
    """Two stores shown shelf by shelf on a fake channel."""

    def __init__(self, folder, *, skus: int = 4):
        self.fake = FakeChannel(folder)
        self.stores = [make_location(), make_location()]
        channel = make_channel(locations=self.stores, pooled=False)
        self.account = make_account(channel=channel, kind=KIND, config={"folder": str(folder)})
        for store in self.stores:
            RemoteLocationLink.objects.create(account=self.account, remote_id=store.code, location=store)
        self.levels = [make_stock(location=store, variant=make_variant(), on_hand=9)
                       for store in self.stores for _n in range(skus // 2)]  # fmt: skip
        self.listings = [
            make_listing(row.variant, account=self.account, location=row.location, clean=False,
                         remote_id=row.variant.sku)
            for row in self.levels
        ]  # fmt: skip

    def be(self, *moods: str) -> None:
        (self.fake.folder / "moods").write_text(" ".join(moods))

    def push(self, seconds: float = 0) -> dict:
        at = timezone.now() + timedelta(seconds=seconds)
        account = ConnectorAccount.objects.get(pk=self.account.pk)
        return pushing.push(account=account, at=at, now=lambda: at, keep_going=no_guard)

    def sell(self, number: int, units: int = 1) -> None:
        level = self.levels[number]
        line = stock.SaleLine(level.variant, units, f"r{number}-{units}")
        stock.sell(location=level.location, lines=[line], channel=None, source="till", document="", by=None,
                   at=timezone.now())  # fmt: skip

    def shown(self) -> list[int]:
        items = self.fake.items()
        return [items.get((row.remote_sku, row.location.code), (0, 0))[0] for row in self.listings]

    def in_step(self) -> bool:
        return not ListingState.objects.exclude(in_step=True, dirty=False).exists()


@pytest.fixture
def shop(tmp_path, monkeypatch):
    register(monkeypatch)
    return Shop(tmp_path)


def test_all_are_told_in_bulks_and_nothing_twice(shop):
    assert shop.push() == {"told": 4, "same": 0}
    assert shop.push() == {"told": 0, "same": 0}

    assert shop.shown() == [9, 9, 9, 9]
    assert shop.in_step()


def test_versions_only_grow_and_an_older_never_overwrites_a_newer(shop, monkeypatch):
    shop.push()
    send, raced = FakeChannel.write_stock, []

    def sell_meanwhile(self, writes, key):
        if not raced:
            raced.append(True)
            shop.sell(0, 2)
        return send(self, writes, key)

    monkeypatch.setattr(FakeChannel, "write_stock", sell_meanwhile)
    shop.sell(0, 1)
    shop.push()

    assert shop.shown()[0] == 6
    assert shop.in_step()
    versions = [row["version"] for row in shop.fake.writes() if row["sku"] == shop.listings[0].remote_sku]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("mood", ["down", "throttled", "garbage"])
def test_a_failing_channel_loses_nothing_and_is_told_later(shop, mood):
    shop.be(mood)
    with pytest.raises(ConnectorError):
        shop.push()
    assert ListingState.objects.filter(dirty=True, given_up=False).count() == 4

    shop.push(70)

    assert shop.shown() == [9, 9, 9, 9]
    assert shop.in_step()


def test_a_throttled_account_is_left_alone_until_its_time(shop):
    shop.be("throttled")
    with pytest.raises(ConnectorError):
        shop.push()

    with pytest.raises(AccountAway):
        shop.push(5)

    account = ConnectorAccount.objects.get(pk=shop.account.pk)
    assert account.failures_in_row == 0


def test_five_failures_open_the_circuit_and_one_probe_closes_it(shop):
    shop.be(*["down"] * 5)
    for _n in range(5):
        with pytest.raises(ConnectorError):
            shop.push()
    with pytest.raises(AccountAway):
        shop.push(30)

    shop.push(61)

    account = ConnectorAccount.objects.get(pk=shop.account.pk)
    assert (account.failures_in_row, account.closed_until) == (0, None)


def test_a_lost_answer_is_asked_after_before_anything_is_repeated(shop):
    shop.be("lost")
    with pytest.raises(ConnectorError):
        shop.push()
    written = len(shop.fake.writes())

    shop.push(60)

    again = [
        row for row in shop.fake.writes()[written:] if row["sku"] in {r["sku"] for r in shop.fake.writes()[:written]}
    ]
    assert again == [], "what had been written was not written again"
    assert shop.in_step()


def test_what_changed_there_is_never_overwritten_without_a_person(shop):
    shop.push()
    shop.fake.put(shop.listings[0].remote_sku, shop.stores[0].code, 50)
    shop.sell(0)

    for seconds in (0, 10, 20):
        shop.push(seconds)

    assert shop.shown()[0] == 50
    found = Discrepancy.objects.get()
    assert (found.cause, found.ours, found.theirs) == ("conflict", 8, 50)


def run_and_be_killed(act) -> None:
    """Do something in a process of its own, which kills itself in the middle (SIGKILL)."""
    child = os.fork()
    if not child:
        connection.connection = None  # the parent's connection is not ours to use or to close
        try:
            act()
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the worker should have been killed"


def take_over() -> None:
    """The lease runs out, and the sweep hands the job to another worker, as often as it takes."""
    for _round in range(10):
        JobRun.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))
        queue.sweep(at=timezone.now())
        for job in JobRun.objects.filter(state="pending"):
            queue.known_task(job.task)(job.pk)


@pytest.mark.postgres
def test_a_worker_killed_in_mid_push_is_taken_over_and_nothing_is_told_twice(shop):
    shop.be("dies")
    job = queue.enqueue("inventory.push", key="push:1", at=timezone.now(), account=shop.account.pk)

    run_and_be_killed(lambda: queue.known_task(job.task)(job.pk))
    assert ListingState.objects.filter(dirty=True).exists()
    ListingState.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    take_over()

    told = [(row["sku"], row["version"]) for row in shop.fake.writes()]
    assert len(told) == len(set(told)), "no figure was written twice"
    assert shop.shown() == [9, 9, 9, 9]
    assert shop.in_step()


def compared_by(shop, *, killed: bool) -> tuple:
    for number in (0, 3):
        shop.fake.put(shop.listings[number].remote_sku, shop.listings[number].location.code, 20 + number)
    run = reconciliation.start(account=shop.account, full=True, by=None, at=timezone.now())
    exchange.exchange(account=shop.account, at=timezone.now(), keep_going=no_guard)
    JobRun.objects.filter(task="inventory.exchange").delete()
    if killed:
        job = JobRun.objects.filter(task="inventory.reconcile").order_by("pk").first()

        def work() -> None:
            compare, done = comparing.compare_shard, []

            def die_at_the_end_of_the_second(*args, **kwargs):
                compare(*args, **kwargs)
                done.append(True)
                if len(done) == 2:
                    os.kill(os.getpid(), 9)

            comparing.compare_shard = die_at_the_end_of_the_second
            queue.known_task(job.task)(job.pk)

        run_and_be_killed(work)
    take_over()
    run = ReconciliationRun.objects.get(pk=run.pk)
    found = Discrepancy.objects.order_by("listing").values_list("listing__location__code", "ours", "theirs", "cause")
    return (run.state, run.compared, run.agreed, run.discrepancies, [row[1:] for row in found])


@pytest.mark.postgres
def test_a_worker_killed_in_mid_reconciliation_leaves_the_same_end(shop):
    shop.push()

    assert compared_by(shop, killed=True) == ("done", 4, 2, 2, [(9, 20, "edited_there"), (9, 23, "edited_there")])


def test_a_reconciliation_that_nobody_kills(shop):
    shop.push()

    assert compared_by(shop, killed=False) == ("done", 4, 2, 2, [(9, 20, "edited_there"), (9, 23, "edited_there")])
