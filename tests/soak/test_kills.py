"""Workers are killed in the middle of pushes and reconciliations; the next one goes on, and nothing is told twice."""

import random

import pytest
from django.db import connections
from django.utils import timezone

from inventory.models import ReconciliationRun
from inventory.queries.integrity import findings
from inventory.queries.listings import shown_on
from inventory.services import reconciliation, stock
from tests.factories.inventory import make_listing, make_stock, make_variant
from tests.factories.omni import make_account, make_channel, make_location
from tests.soak import channel
from tests.soak.workers import kill_one_after, time_passes, until_nothing_is_left

SKUS = 30


class Shop:
    """An account whose channel remembers every write, over one shelf of thirty SKUs."""

    def __init__(self, file):
        channel.register()
        self.file, self.shelf = file, make_location()
        file.touch()
        self.account = make_account(
            channel=make_channel(locations=[self.shelf]), kind=channel.KIND, config={"file": str(file)}, policy="push"
        )
        self.variants = [make_variant(f"KILL-{number}") for number in range(SKUS)]
        for variant in self.variants:
            make_stock(variant=variant, location=self.shelf, on_hand=50)
            make_listing(variant, account=self.account, clean=False, remote_id=variant.sku)

    def receive(self, variant, name: str) -> None:
        stock.receive(variant=variant, location=self.shelf, quantity=1, source="soak", external_id=name, by=None,
                      at=timezone.now())  # fmt: skip

    def reconcile(self) -> None:
        reconciliation.start(account=self.account, full=True, by=None, at=timezone.now())

    def should_show(self) -> dict[str, int]:
        skus = dict(self.account.listings.values_list("pk", "remote_sku"))
        return {skus[row.listing_id]: row.quantity for row in shown_on(self.account, at=timezone.now())}


def repeated_or_older(entries) -> list[tuple]:
    """Writes that were no news: told before, or older than what was. What was edited there may be told once more."""
    last: dict[str, int] = {}
    wrong = []
    for sku, version, units in entries:
        if version is None:
            last[sku] = last.get(sku, 0) - 1
        elif version <= last.get(sku, 0):
            wrong.append((sku, version, units))
        else:
            last[sku] = version
    return wrong


def test_a_repeated_and_an_older_write_are_caught():
    told = [("A", 1, 5), ("A", 3, 6)]
    assert repeated_or_older(told) == []
    assert repeated_or_older([*told, ("A", 3, 6)]) == [("A", 3, 6)]
    assert repeated_or_older([*told, ("A", 2, 4)]) == [("A", 2, 4)]
    assert repeated_or_older([*told, ("A", None, 9), ("A", 3, 6)]) == []


@pytest.mark.postgres
@pytest.mark.timeout(240)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "kills", [pytest.param(4, id="4 kills"), pytest.param(50, id="50 kills", marks=pytest.mark.soak)]
)
def test_a_killed_worker_loses_nothing_and_repeats_nothing(kills, tmp_path):
    shop, chance = Shop(tmp_path / "writes.jsonl"), random.Random(kills)
    for kill in range(kills):
        for n, variant in enumerate(chance.sample(shop.variants, 12)):
            shop.receive(variant, f"{kill}:{n}")
        there = channel.shown(shop.file)
        if there:
            channel.note(shop.file, [(chance.choice(sorted(there)), None, chance.randint(0, 9))])
        shop.reconcile()
        kill_one_after(chance.uniform(0.05, 1.2))
        time_passes()
    until_nothing_is_left()
    shop.reconcile()
    until_nothing_is_left()

    assert repeated_or_older(channel.noted(shop.file)) == []
    assert channel.shown(shop.file) == shop.should_show()
    assert ReconciliationRun.objects.unfinished().count() == 0
    assert ReconciliationRun.objects.order_by("pk").last().state == ReconciliationRun.State.DONE
    assert findings() == []
    connections.close_all()
