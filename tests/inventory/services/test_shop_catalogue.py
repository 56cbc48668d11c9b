"""Connecting a shop that exists already, played here by a connector in memory."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from inventory.models import Category, Listing, Price, StockLevel, StockMovement, Variant
from inventory.queries.integrity import findings
from inventory.services import shop_catalogue
from inventory.services.shop_catalogue import NotConnected, Wanted, connect_shop
from omni.connectors.base import Health, ListingRef, Page, RemoteListing, RemoteLocation, RemoteStock
from omni.models import Channel, ConnectorAccount, ConnectorCursor, Location
from omni.services import accounts
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import NOON, make_location

pytestmark = pytest.mark.django_db


@dataclass
class Shop:
    """Two SKUs at one place: A, which we may know, and B, which only the shop knows."""

    well: bool = True
    stock_of: dict[str, int] = field(default_factory=lambda: {"A": 7, "B": 12})

    def check(self):
        return Health(self.well, "All is well." if self.well else "The shop does not accept the password.")

    def locations(self):
        return [RemoteLocation("1", "Default")]

    def orders_from(self, at):
        return {"since": at.isoformat()}

    def listings(self, cursor=None):
        items = [RemoteListing(ListingRef(f"id-{sku}", sku, "1"), f"Thing {sku}", True, 500, "USD") for sku in "AB"]
        return Page(items=(items[1],)) if cursor else Page(items=(items[0],), has_more=True, next_cursor={"at": 1})

    def stock(self, refs=None, cursor=None):
        made = [RemoteStock(ListingRef(f"id-{sku}", sku, "1"), n, 0, n, NOON) for sku, n in self.stock_of.items()]
        return Page(items=tuple(made))


@pytest.fixture
def shop(monkeypatch):
    shop = Shop()
    for module in (shop_catalogue, accounts):
        monkeypatch.setattr(module, "connector_of", lambda account: shop)
    return shop


def connect(**values):
    wanted = {"kind": "vendure", "code": "v", "name": "Vendure shop", "places": {}, "values": {"url": "http://x"}}
    return connect_shop(wanted=Wanted(**{**wanted, **values}), by=None, at=NOON)


def test_what_both_know_is_listed_and_owed_our_figure(shop):
    place = make_location("store-1")
    make_stock(variant=make_variant("A"), location=place, on_hand=3)

    done = connect(places={"1": "store-1"})

    assert (done.listed, done.taken_over, done.unknown) == (1, 0, 1)
    listing = Listing.objects.select_related("state").get()
    assert (listing.remote_sku, listing.remote_id, listing.location) == ("A", "id-A", place)
    assert (listing.state.seen_quantity, listing.state.dirty) == (7, True)
    account = ConnectorAccount.objects.get()
    assert account.enabled
    assert list(account.channel.locations.all()) == [place]
    assert ConnectorCursor.objects.get().value == {"since": NOON.isoformat()}


def test_what_only_the_shop_knows_can_be_taken_over_with_its_counted_stock(shop):
    done = connect(take_over=True)

    assert (done.listed, done.taken_over, done.unknown) == (2, 2, 0)
    assert Category.objects.get().name == "Vendure shop"
    level = StockLevel.objects.get(variant__sku="B")
    assert (level.on_hand, level.assumed, level.location.name) == (12, False, "Vendure shop: Default")
    assert StockMovement.objects.get(level=level).kind == "receipt"
    assert Price.objects.get(variant__sku="B").amount_minor == 500
    assert not Listing.objects.exclude(state__in_step=True, state__dirty=False).exists()
    assert findings() == []


def test_twice_changes_nothing(shop):
    connect(take_over=True)
    counts = [model.objects.count() for model in (Channel, Location, Variant, Listing, StockMovement)]

    again = connect_shop(
        wanted=Wanted("vendure", "v", "Vendure shop", {"url": "http://x"}, {}, take_over=True),
        by=None, at=NOON + timedelta(hours=1),
    )  # fmt: skip

    assert (again.listed, again.taken_over) == (0, 0)
    assert counts == [model.objects.count() for model in (Channel, Location, Variant, Listing, StockMovement)]


def test_a_shop_that_lets_nobody_in_is_left_switched_off(shop):
    shop.well = False

    with pytest.raises(NotConnected, match="password"):
        connect()

    assert not ConnectorAccount.objects.get().enabled
    assert not Listing.objects.exists()
