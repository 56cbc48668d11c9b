"""What inventory does about news: channels that may promise other stock show it, and what was found is counted."""

import pytest

from inventory.models import Count, Discrepancy, ListingState
from inventory.services import counts, stock
from omni import activity
from omni.models import Location, WorkItem
from omni.services import channels, locations
from tests.factories.exchange import World
from tests.factories.inventory import make_listing, make_stock
from tests.factories.omni import NOON, make_account, make_channel, make_location, make_location_group, make_staff

pytestmark = pytest.mark.django_db


def spread_news():
    activity.relay(at=NOON)
    activity.deliver(at=NOON)


def change(channel, places, **details):
    said = {"name": channel.name, "sells": channel.sells, "pooled": channel.pooled, **details}
    channels.change(channel=channel, locations=places, by=make_staff("administrator"), at=NOON, **said)
    spread_news()


def is_dirty(listing) -> bool:
    return ListingState.objects.get(listing=listing).dirty


def shown(world, listing) -> int:
    return world.shop.item(listing.remote_sku).quantity


def test_a_location_that_a_channel_may_promise_from_now_on_changes_what_its_shop_shows(tmp_path, settings):
    world = World(tmp_path, settings)
    listing = world.list(4, 5, at=NOON)
    world.settle(NOON)
    assert shown(world, listing) == 9
    cellar = make_location()
    make_stock(variant=listing.variant, location=cellar, on_hand=30, at=NOON)
    assert not is_dirty(listing)

    change(world.channel, [*world.stores, cellar])

    assert is_dirty(listing)
    world.settle(NOON)
    assert shown(world, listing) == 39

    change(world.channel, world.stores)
    world.settle(NOON)
    assert shown(world, listing) == 9


def test_another_name_of_a_channel_asks_no_listing_again_and_another_channel_is_left_alone():
    store = make_location()
    channel, level = make_channel(locations=[store]), make_stock(location=store, on_hand=3)
    listing = make_listing(level.variant, account=make_account(channel=channel))
    other = make_listing(level.variant, account=make_account(channel=make_channel(locations=[store])))

    change(channel, [store], name="Web 2")
    assert not is_dirty(listing)

    change(channel, [make_location()])
    assert is_dirty(listing)
    assert not is_dirty(other)


def test_a_channel_that_is_opened_again_is_told_everything_anew():
    store = make_location()
    channel, level = make_channel(locations=[store]), make_stock(location=store, on_hand=3)
    listing = make_listing(level.variant, account=make_account(channel=channel))

    channels.set_retired(channel=channel, retired=False, by=make_staff("administrator"), at=NOON)
    spread_news()

    assert is_dirty(listing)


def test_a_store_that_joins_a_group_is_asked_again_because_rules_may_be_about_the_group():
    store, boss = make_location(), make_staff("administrator")
    level = make_stock(location=store, on_hand=3)
    listing = make_listing(level.variant, account=make_account(), location=store)

    locations.change(location=store, by=boss, at=NOON, name="Corner")
    spread_news()
    assert not is_dirty(listing)

    locations.change(location=Location.objects.get(pk=store.pk), by=boss, at=NOON, group=make_location_group())
    spread_news()
    assert is_dirty(listing)


def sell(level, units, name):
    line = stock.SaleLine(level.variant, units, name)
    stock.sell(location=level.location, lines=[line], channel=None, source="till", document="", by=None, at=NOON)


def test_a_sale_of_more_than_the_ledger_knew_asks_the_store_for_one_count_of_the_shelf():
    level = make_stock(on_hand=1)

    sell(level, 3, "r1")
    spread_news()
    sell(level, 2, "r2")
    spread_news()

    count = Count.objects.get()
    assert (count.level_id, count.reason, count.state) == (level.pk, "found", Count.State.OPEN)
    item = WorkItem.objects.open().get()
    assert (item.location, item.url) == (level.location, f"/counts/{count.public_id}/")
    assert Discrepancy.objects.get().work_item == item


def test_booking_the_count_settles_what_was_found_and_late_news_of_it_asks_for_no_other():
    level = make_stock(on_hand=1)
    sell(level, 3, "r1")
    level.refresh_from_db()
    count = counts.request(level=level, reason="asked", due_at=None, by=None, at=NOON)
    counts.book(count=count, counted=0, sequence=level.sequence, by=None, at=NOON)

    spread_news()

    assert not Discrepancy.objects.open().exists()
    assert list(Count.objects.all()) == [count]
