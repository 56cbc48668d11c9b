"""
The exchange engine beside a real Vendure in which real shoppers buy.

The shop is the judge of what it shows, the shoppers of what they bought; our ledger must say the same.
"""

import json
import time
from collections import Counter, defaultdict

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone

from inventory.models import Discrepancy, Listing, ListingState, ReconciliationRun, StockMovement
from inventory.queries import integrity
from inventory.queries.listings import shown_on
from inventory.services import exchange, pushing, reconciliation, stock
from omni.models import ConnectorAccount, SetAside

pytestmark = [pytest.mark.peers, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
ORDERS, WORKERS = 24, 4
LOOP_SECONDS = 120
Cause = Discrepancy.Cause


def no_guard() -> None:
    """A worker that nobody stops."""


class Omni:
    """Omni connected to the shop, with its own jobs done by hand, one after the other."""

    def __init__(self, url: str):
        self.url = url
        self.connect()
        self.account = ConnectorAccount.objects.get(code="vendure-shop")

    def connect(self) -> None:
        call_command(
            "connect_vendure", url=f"{self.url}/admin-api", username="superadmin", password="superadmin",
            take_over=True, verbosity=0,
        )  # fmt: skip

    def exchange(self) -> dict[str, int]:
        return exchange.exchange(account=self.account, at=timezone.now(), keep_going=no_guard)

    def push(self) -> dict[str, int]:
        return pushing.push(account=self.account, at=timezone.now(), now=timezone.now, keep_going=no_guard)

    def reconcile(self, *, full: bool = True) -> ReconciliationRun:
        run = reconciliation.start(account=self.account, full=full, by=None, at=timezone.now())
        self.exchange()
        run.refresh_from_db()
        reconciliation.compare(run=run, at=timezone.now(), keep_going=no_guard)
        run.refresh_from_db()
        assert run.state == ReconciliationRun.State.DONE, run.error
        return run

    def fill_another_place_than_the_shop_sells_from(self) -> None:
        """A delivery to one store: we book sales there, while the shop, which tells no place, sells from its first."""
        place = self.account.location_links.order_by("-remote_id").first().location
        for listing in Listing.objects.live().filter(account=self.account, location=place).select_related("variant"):
            stock.receive(
                variant=listing.variant, location=place, quantity=100, source="test",
                external_id=f"delivery:{listing.pk}", by=None, at=timezone.now(),
            )  # fmt: skip
        self.push()

    def shown(self) -> Counter[str]:
        """What our ledger says that the shop should show, by SKU, over all its places."""
        skus = dict(Listing.objects.live().filter(account=self.account).values_list("pk", "remote_sku"))
        found: Counter[str] = Counter()
        for row in shown_on(self.account, at=timezone.now()):
            found[skus[row.listing_id]] += row.quantity
        return found

    def sold(self) -> dict[tuple[str, str], int]:
        """Units by (order, SKU), as the ledger booked them."""
        rows = StockMovement.objects.filter(source="vendure:vendure-shop", kind="sale", bucket="on_hand")
        units: dict[tuple[str, str], int] = defaultdict(int)
        for key, sku, quantity in rows.values_list("external_id", "level__variant__sku", "quantity"):
            units[key.split(":")[0], sku] -= quantity
        return dict(units)


@pytest.fixture
def omni(vendure):
    return Omni(vendure.url)


def available_there(vendure) -> Counter[str]:
    """Available units by SKU, told by the shop's own script."""
    found: Counter[str] = Counter()
    for line in vendure.script("vendure.py", "dump").splitlines():
        sku, _place, on_hand, allocated = line.split("\t")
        found[sku] += int(on_hand) - int(allocated)
    return found


def bought(output: str) -> dict[tuple[str, str], int]:
    """What the shoppers say they bought: units by (order, SKU)."""
    units: dict[tuple[str, str], int] = defaultdict(int)
    for line in output.splitlines():
        order = json.loads(line)
        for item in order["lines"]:
            units[order["code"], item["productVariant"]["sku"]] += item["quantity"]
    return dict(units)


def state_of_everything(account: ConnectorAccount) -> tuple:
    """All that a second run could change."""
    states = ListingState.objects.filter(listing__account=account).order_by("pk")
    total = StockMovement.objects.aggregate(units=Sum("quantity"))["units"]
    return (
        list(states.values_list("pk", "version", "pushed_version", "pushed_quantity", "dirty", "in_step", "held")),
        StockMovement.objects.count(), total, SetAside.objects.count(), Discrepancy.objects.count(),
    )  # fmt: skip


def test_a_shop_is_connected_with_what_it_has_and_counts_orders_from_now(vendure, omni):
    assert omni.account.location_links.exclude(location=None).count() == 3
    assert Listing.objects.live().filter(account=omni.account).count() == len(available_there(vendure)) * 3
    assert omni.shown() == available_there(vendure)

    assert omni.exchange()["sales"] == 0, "what was ordered before is in the stock that we took over"
    run = omni.reconcile()

    assert (run.discrepancies, run.in_flight, run.in_step) == (0, 0, run.listings)
    assert integrity.findings() == []


def test_shoppers_buy_while_we_exchange_push_and_reconcile_and_nothing_is_lost_or_twice(vendure, omni):
    omni.fill_another_place_than_the_shop_sells_from()
    shoppers = vendure.shoppers(ORDERS, WORKERS, PEER_FIRST=str(int(time.time())))
    deadline, found = time.monotonic() + LOOP_SECONDS, []
    while shoppers.poll() is None:
        assert time.monotonic() < deadline, "the shoppers never end"
        omni.exchange()
        omni.push()
        omni.reconcile(full=len(found) % 2 == 0)
        found.append(list(Discrepancy.objects.open().values_list("remote_sku", "cause", "ours", "theirs")))
    output, errors = shoppers.communicate()
    assert shoppers.returncode == 0, errors

    omni.exchange()
    omni.push()
    last = omni.reconcile()

    truth = bought(output)
    assert len({order for order, _sku in truth}) == ORDERS
    assert omni.sold() == truth, "each order once, and whole"
    assert omni.shown() == available_there(vendure)
    strange = [row for rows in found for row in rows if row[1] not in (Cause.IN_FLIGHT, Cause.OVERSOLD)]
    assert strange == []
    assert (last.discrepancies, last.in_flight, last.in_step) == (0, 0, last.listings)
    assert integrity.findings() == []
    assert not SetAside.objects.exists()

    before = state_of_everything(omni.account)
    omni.exchange()
    assert omni.push() == {"told": 0, "same": 0}
    omni.reconcile()
    omni.connect()
    assert state_of_everything(omni.account) == before
