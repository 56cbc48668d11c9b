"""The stand-in shop, driven only through the files it shares with Omni, and by its visitors."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest

from omni.connectors.base import ListingRef, ListingWrite, StockWrite
from omni.demo_shop import DemoShop, NotEnough, UnknownItem, apply_inbox, buy, serve_forever, tell_sales, write_snapshot
from omni.demo_shop.serve import serve_once, sole
from tests.omni.connectors.feeds import make_feed, names


def make_shop(folder, **stock):
    """A shop that sells the named items, and Omni's end of its feed."""
    feed, shop = make_feed(folder), DemoShop(folder)
    feed.write_listings([ListingWrite(sku, sku.title(), price_minor=500, currency="USD") for sku in stock])
    feed.write_stock([write(sku, units, 1) for sku, units in stock.items()], uuid4())
    apply_inbox(shop)
    answers(feed)
    return feed, shop


def write(sku, target, version, if_version=None, location=None):
    return StockWrite(ListingRef(sku, sku, location), target, version, if_version=if_version)


def answers(feed, stream="write_results"):
    items = []
    while (page := getattr(feed, stream)()).batch:
        items += page.items
        feed.acknowledge(page)
    return items


def push(feed, shop, *writes):
    feed.write_stock(writes, uuid4())
    apply_inbox(shop)
    return answers(feed)


def test_omni_sets_the_stock_and_hears_that_it_did(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)

    (result,) = push(feed, shop, write("milk", 4, 2))

    assert (result.outcome, result.version, result.actual) == ("applied", 2, 4)
    assert shop.item("milk").quantity == 4
    assert str(shop.item("milk").version) == result.actual_version
    assert shop.events()[0].kind == "set_by_omni"
    assert names(feed.layout.to_channel) == set()


def test_a_sale_is_told_at_once_with_the_version_it_left_behind(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)

    order = buy(shop, "milk", 2)

    (sale,) = answers(feed, "orders")
    assert (sale.order_id, sale.quantity, sale.amount_minor, sale.currency) == (order.number, 2, 1000, "USD")
    assert sale.stock_version == str(shop.item("milk").version)
    assert shop.item("milk").quantity == 5
    assert answers(feed, "orders") == []


def test_the_shop_refuses_to_sell_what_it_has_not(tmp_path):
    feed, shop = make_shop(tmp_path, milk=1)

    with pytest.raises(NotEnough) as refused:
        buy(shop, "milk", 2)
    with pytest.raises(UnknownItem):
        buy(shop, "beer", 1)
    with pytest.raises(ValueError, match="1 or more"):
        buy(shop, "milk", 0)

    assert refused.value.available == 1
    assert shop.item("milk").quantity == 1
    assert names(feed.layout.from_channel) == set()


def test_a_change_behind_omnis_back_is_not_overwritten_by_compare_and_set(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)
    known = str(shop.item("milk").version)
    shop.tamper("milk", 99)

    (result,) = push(feed, shop, write("milk", 4, 2, if_version=known))

    assert (result.outcome, result.actual) == ("conflict", 99)
    assert shop.item("milk").quantity == 99
    (result,) = push(feed, shop, write("milk", 4, 3, if_version=result.actual_version))
    assert result.outcome == "applied"
    assert shop.item("milk").quantity == 4


def test_the_newest_figure_wins_in_whatever_order_files_arrive(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)
    push(feed, shop, write("milk", 3, 9))

    (result,) = push(feed, shop, write("milk", 50, 8))

    assert (result.outcome, result.code, result.actual) == ("rejected", "older_version", 3)
    assert shop.item("milk").quantity == 3


def test_the_same_write_again_changes_nothing(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)
    known = str(shop.item("milk").version)
    first = push(feed, shop, write("milk", 3, 9, if_version=known))

    second = push(feed, shop, write("milk", 3, 9, if_version=known))

    assert [(result.outcome, result.actual_version) for result in first + second] == [("applied", "3")] * 2


def test_an_item_it_does_not_sell_is_refused_and_the_rest_goes_on(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)

    results = push(feed, shop, write("beer", 1, 1), write("milk", 2, 2))

    assert [(result.outcome, result.code) for result in results] == [("rejected", "unknown_sku"), ("applied", "")]


def test_a_snapshot_tells_all_or_what_changed(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7, beer=2)
    write_snapshot(shop)
    shop.tamper("beer", 5)
    write_snapshot(shop, full=False)
    write_snapshot(shop, full=False)

    full = feed.stock()
    feed.acknowledge(full)
    changes = feed.stock()
    feed.acknowledge(changes)

    assert {stock.ref.sku: stock.available for stock in full.items} == {"milk": 7, "beer": 2}
    assert {stock.ref.sku: stock.available for stock in changes.items} == {"beer": 5}
    assert (full.batch.full, changes.batch.full) == (True, False)
    assert feed.stock().batch is None


def test_omni_can_ask_for_a_snapshot(tmp_path):
    feed, shop = make_shop(tmp_path, milk=7)

    feed.request_snapshot()
    apply_inbox(shop)

    assert feed.stock().batch.full


def test_tills_keep_stock_per_location(tmp_path):
    feed, shop = make_feed(tmp_path), DemoShop(tmp_path)
    feed.write_listings([ListingWrite("milk", "Milk", location=place) for place in ("S1", "S2")])
    push(feed, shop, write("milk", 3, 1, location="S1"), write("milk", 8, 1, location="S2"))

    buy(shop, "milk", 2, "S2")

    assert shop.locations() == ["S1", "S2"]
    assert [(item.location, item.quantity) for item in shop.items("MIL")] == [("S1", 3), ("S2", 6)]
    assert [sale.location for sale in answers(feed, "orders")] == ["S2"]


def test_a_sale_whose_file_could_not_be_written_is_told_later(tmp_path, monkeypatch):
    feed, shop = make_shop(tmp_path, milk=7)

    def full_disk(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("omni.demo_shop.exchange.write_csv", full_disk)
        with pytest.raises(OSError, match="No space"):
            buy(shop, "milk", 1)
    assert shop.item("milk").quantity == 6

    tell_sales(shop)
    tell_sales(shop)

    assert [sale.quantity for sale in answers(feed, "orders")] == [1]


def test_buyers_in_many_threads_never_get_more_than_there_is(tmp_path):
    feed, _shop = make_shop(tmp_path, milk=10)
    sold = []

    def shopper():
        for _turn in range(3):
            try:
                sold.append(buy(DemoShop(tmp_path), "milk", 1).number)
            except NotEnough:
                return

    shoppers = [threading.Thread(target=shopper) for _number in range(8)]
    for thread in shoppers:
        thread.start()
    for thread in shoppers:
        thread.join()

    assert len(sold) == len(set(sold)) == 10
    assert sorted(sale.order_id for sale in answers(feed, "orders")) == sorted(sold)


def test_a_second_server_of_the_same_shop_does_nothing(tmp_path):
    _feed, shop = make_shop(tmp_path, milk=7)

    with sole(shop) as first:
        assert first
        assert not serve_once(shop)
    assert serve_once(shop)


def test_the_loop_serves_until_it_is_stopped(tmp_path):
    feed, _shop = make_shop(tmp_path, milk=7)
    stop = threading.Event()
    loops = [
        threading.Thread(target=serve_forever, args=([tmp_path], stop), kwargs={"poll": 0.05, "snapshot_every": 0.2})
        for _number in range(2)
    ]
    for loop in loops:
        loop.start()
    feed.write_stock([write("milk", 3, 2)], uuid4())

    deadline = time.monotonic() + 20
    while not (results := answers(feed)) and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for loop in loops:
        loop.join(timeout=20)

    assert [(result.outcome, result.actual) for result in results] == [("applied", 3)]
    assert not any(loop.is_alive() for loop in loops)


def test_the_command_ends_cleanly_when_told_to(tmp_path):
    command = [sys.executable, "manage.py", "run_demo_shop", "--folder", str(tmp_path / "web"), "--poll", "0.05"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as run:
        assert "1 stand-in" in run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=timedelta(seconds=20).total_seconds()) == 0
