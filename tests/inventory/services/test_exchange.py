"""Omni and the stand-in shop over files: what one sells, the other shows."""

from datetime import datetime, timedelta

import pytest

from inventory.models import Discrepancy, StockLevel, StockMovement
from inventory.services import settling, stock
from omni.demo_shop import buy
from omni.models import SetAside
from tests.factories.exchange import World

pytestmark = pytest.mark.django_db(transaction=True)


def now() -> datetime:
    from django.utils import timezone

    return timezone.now()


@pytest.fixture
def world(tmp_path, settings):
    return World(tmp_path, settings)


def test_a_new_listing_is_offered_and_shows_the_stock_of_all_its_stores(world):
    listing = world.list(7, 5, at=now())

    world.settle(now())

    assert world.shown(listing) == 12
    state = world.state(listing)
    assert (state.dirty, state.in_step, state.pushed_quantity, state.seen_quantity) == (False, True, 12, 12)


def test_a_sale_at_a_till_lowers_what_the_shop_shows(world):
    listing = world.list(7, 5, at=now())
    world.settle(now())

    line = stock.SaleLine(listing.variant, 2, "r1")
    stock.sell(location=world.stores[0], lines=[line], channel=None, source="till", document="r1", by=None, at=now())
    world.settle(now())

    assert world.shown(listing) == 10
    assert world.state(listing).in_step


def test_a_sale_in_the_shop_is_booked_once_and_needs_no_push(world):
    listing = world.list(7, 5, at=now())
    world.settle(now())
    version = world.shop.item(listing.remote_sku).version

    buy(world.shop, listing.remote_sku, 3)
    world.exchange(now())
    world.exchange(now())
    world.settle(now())

    on_hand = StockLevel.objects.filter(variant=listing.variant).values_list("on_hand", flat=True)
    assert sum(on_hand) == 9
    assert StockMovement.objects.filter(source=f"feed:{world.account.code}").count() == 1
    assert world.shown(listing) == 9
    assert world.shop.item(listing.remote_sku).version == version + 1, "it had that figure already"
    assert world.state(listing).in_step


def test_a_sale_there_while_we_write_is_no_conflict(world):
    listing = world.list(7, 5, at=now())
    world.settle(now())
    line = stock.SaleLine(listing.variant, 1, "r1")
    stock.sell(location=world.stores[0], lines=[line], channel=None, source="till", document="r1", by=None, at=now())
    world.push(now())
    buy(world.shop, listing.remote_sku, 1)
    world.serve()
    world.exchange(now())

    world.settle(now() + timedelta(seconds=5))

    assert world.shown(listing) == 10
    assert not Discrepancy.objects.exists()
    assert world.state(listing).in_step


def test_an_edit_there_behind_our_back_while_we_write_becomes_a_conflict_for_a_person(world):
    listing = world.list(7, 5, at=now())
    world.settle(now())
    world.shop.tamper(listing.remote_sku, 40)
    line = stock.SaleLine(listing.variant, 1, "r1")
    stock.sell(location=world.stores[0], lines=[line], channel=None, source="till", document="r1", by=None, at=now())

    for seconds in (0, 5, 10, 15):
        world.settle(now() + timedelta(seconds=seconds))

    found = Discrepancy.objects.get()
    assert (found.cause, found.ours, found.theirs) == ("conflict", 11, 40)
    assert world.shown(listing) == 40, "never overwritten without asking"
    settling.keep_ours(discrepancy=found, by=None, at=now(), seen=settling.Seen(11, 40))
    world.settle(now() + timedelta(seconds=20))
    found.refresh_from_db()
    assert (found.outcome, found.settled_at is not None) == ("kept_ours", True)
    assert world.shown(listing) == 11


def test_a_change_behind_our_back_is_found_and_kept_ours(world):
    listing = world.list(7, 5, at=now())
    other = world.list(3, 0, at=now())
    world.settle(now())
    world.shop.tamper(listing.remote_sku, 14)

    run = world.reconcile(now())

    assert (run.state, run.compared, run.agreed, run.discrepancies) == ("done", 2, 1, 1)
    found = Discrepancy.objects.get()
    assert (found.cause, found.ours, found.theirs) == ("edited_there", 12, 14)
    assert world.state(listing).held
    assert world.state(other).in_step
    settling.keep_ours(discrepancy=found, by=None, at=now(), seen=settling.Seen(12, 14))
    world.settle(now())
    found.refresh_from_db()
    assert (found.outcome, found.settled_at is not None) == ("kept_ours", True)
    assert world.shown(listing) == 12


def test_taking_theirs_books_the_gap_at_the_chosen_store(world):
    listing = world.list(7, 5, at=now())
    world.settle(now())
    world.shop.tamper(listing.remote_sku, 14)
    world.reconcile(now())
    found = Discrepancy.objects.get()

    settling.take_theirs(
        discrepancy=found, by=None, at=now(), seen=settling.Seen(12, 14), location=world.stores[1], expected=5
    )

    level = StockLevel.objects.get(variant=listing.variant, location=world.stores[1])
    assert level.on_hand == 7
    world.settle(now())
    assert world.reconcile(now()).discrepancies == 0
    assert world.shown(listing) == 14
    assert world.state(listing).in_step


def test_twice_in_a_row_changes_nothing(world):
    listing = world.list(7, 5, at=now())
    world.settle(now())
    world.shop.tamper(listing.remote_sku, 14)
    world.reconcile(now())
    before = everything()

    world.reconcile(now())

    assert everything() == before


def everything():
    from inventory.models import ListingEvent, ListingState

    return [
        list(model.objects.order_by("pk").values()) for model in (Discrepancy, ListingState, ListingEvent, StockLevel)
    ]


def test_the_policy_push_sends_ours_and_closes_by_itself(tmp_path, settings):
    world = World(tmp_path, settings, policy="push")
    listing = world.list(7, 5, at=now())
    world.settle(now())
    world.shop.tamper(listing.remote_sku, 14)

    run = world.reconcile(now())
    world.settle(now())

    assert (run.discrepancies, run.pushed) == (1, 1)
    assert world.shown(listing) == 12
    assert Discrepancy.objects.get().outcome == "kept_ours"


def test_an_unknown_sku_is_set_aside_and_taken_when_it_is_known(world):
    from omni.services import inbound
    from tests.factories.inventory import make_variant

    world.list(7, 5, sku="A", at=now())
    world.settle(now())
    world.shop.folder.joinpath("from-channel").mkdir(exist_ok=True)
    from omni.connectors.feed_files import iso, stamped, write_csv

    columns = ["order", "line", "sku", "location", "quantity", "amount_minor", "currency", "occurred_at"]
    rows = [("o1", "1", "A", "", 1, 100, "USD", iso(now())), ("o1", "2", "NEW", "", 2, 100, "USD", iso(now()))]
    write_csv(world.folder / "from-channel", stamped("sales", now(), "x"), columns, rows, {})

    world.exchange(now())

    item = SetAside.objects.get()
    assert (item.kind, item.code) == ("feed.row", "unknown_sku")
    assert inbound.retry(item=item, by=None, at=now()) is False
    variant = make_variant("NEW")
    assert inbound.retry(item=item, by=None, at=now()) is True
    assert StockMovement.objects.filter(level__variant=variant, kind="sale").get().quantity == -2


def test_a_count_settles_it_and_sends_what_was_counted(world):
    from inventory.models import Count
    from inventory.services import counts

    listing = world.list(7, 5, at=now())
    world.settle(now())
    world.shop.tamper(listing.remote_sku, 14)
    world.reconcile(now())
    found = Discrepancy.objects.get()

    settling.count_it(discrepancy=found, by=None, at=now(), location=world.stores[0])
    count = Count.objects.get()
    assert count.level.location == world.stores[0]
    counts.book(count=count, counted=7, sequence=count.level.sequence, by=None, at=now())
    world.settle(now())

    found.refresh_from_db()
    assert found.outcome == "counted"
    assert world.shown(listing) == 12
