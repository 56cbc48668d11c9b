"""Sales of a channel that keeps stock at several places and does not say where it sold."""

from datetime import timedelta

import pytest

from inventory.models import ListingState, StockLevel, Variant
from inventory.queries.places import places_of
from inventory.services import pushing, remote_sales
from inventory.services.remote_sales import Shop
from omni.connectors.base import RemoteSale
from omni.models import RemoteLocationLink, SetAside
from tests.factories.inventory import make_listing, make_stock, make_variant
from tests.factories.omni import NOON, make_account, make_channel, make_location

pytestmark = pytest.mark.django_db


def sale(sku="A", quantity=2, **values):
    return RemoteSale("R1", "1", sku, quantity, NOON, version="1", **values)


@pytest.fixture
def shop():
    """A shop over two stores, which shows each by itself: 10 of A here, 20 there."""
    stores = [make_location(), make_location()]
    account = make_account(channel=make_channel(locations=stores), kind="vendure")
    for remote, (store, units) in enumerate(zip(stores, (10, 20), strict=True), start=1):
        RemoteLocationLink.objects.create(account=account, remote_id=str(remote), location=store)
        make_stock(variant=variant_a(), location=store, on_hand=units, at=NOON)
        make_listing(variant_a(), account=account, location=store, at=NOON, clean=True)
    ListingState.objects.update(dirty=False, seen_quantity=10, pushed_version=1, sent_version=1)
    return Shop(account, places_of(account))


def variant_a():
    return Variant.objects.filter(sku="A").first() or make_variant("A")


def test_a_sale_without_a_place_is_told_again_at_every_place(shop):
    assert remote_sales.book(shop, [sale()], at=NOON) == 1

    assert sorted(StockLevel.objects.values_list("on_hand", flat=True)) == [10, 18]
    assert ListingState.objects.filter(dirty=True).count() == 2


def test_where_the_shop_may_have_sold_nothing_counts_as_known(shop):
    remote_sales.book(shop, [sale()], at=NOON)

    plans = pushing.choose(shop.account, shop.places, limit=10, at=NOON + timedelta(seconds=1))

    assert sorted(plan.target for plan in plans) == [10, 18]
    assert not any(plan.known_there for plan in plans), "not even where it seems to show 10 already"


def test_a_sale_with_a_place_is_told_there_alone(shop):
    assert remote_sales.book(shop, [sale(location="1")], at=NOON) == 1

    assert ListingState.objects.filter(dirty=True).count() == 1


def test_the_same_line_again_changes_nothing(shop):
    remote_sales.book(shop, [sale()], at=NOON)
    ListingState.objects.update(dirty=False)

    assert remote_sales.book(shop, [sale()], at=NOON) == 0

    assert not ListingState.objects.filter(dirty=True).exists()
    assert not SetAside.objects.exists()
