"""Connecting a shop that exists already, played here by a connector in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from inventory.models import Category, Listing, Price, StockLevel, StockMovement, Variant
from inventory.queries.integrity import findings
from inventory.services import shop_catalogue
from inventory.services.shop_catalogue import NotConnected, TooBusy, Wanted, connect_shop
from omni.connectors.base import Health, ListingRef, Page, RemoteListing, RemoteLocation, RemoteSale, RemoteStock
from omni.models import Channel, ConnectorAccount, ConnectorCursor, Location
from omni.services import accounts
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import NOON, make_location

pytestmark = pytest.mark.django_db


@dataclass
class Shop:
    """Two SKUs at one place: A, which we may know, and B, which only the shop knows."""

    well: bool = True
    ordered: list = field(default_factory=list)
    on_look: list = field(default_factory=list)
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

    def orders(self, cursor=None):
        return Page(items=tuple(self.ordered))

    def stock(self, refs=None, cursor=None):
        if self.on_look:
            self.on_look.pop()()
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
    assert ConnectorCursor.objects.get().value == {"since": (NOON - timedelta(minutes=1)).isoformat()}


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


def test_an_order_that_comes_in_while_we_look_is_in_the_stock_and_counts_no_more(shop):
    placed = NOON + timedelta(seconds=2)

    def buy():
        shop.stock_of["B"] = 11
        shop.ordered.append(RemoteSale("R1", "1", "B", 1, placed, version="1"))

    shop.on_look = [buy]

    connect(take_over=True)

    assert StockLevel.objects.get(variant__sku="B").on_hand == 11
    start = ConnectorCursor.objects.get().value["since"]
    assert datetime.fromisoformat(start) > placed


def test_a_shop_in_which_people_buy_at_every_look_is_not_connected(shop):
    def buy():
        number = len(shop.ordered)
        shop.ordered.append(RemoteSale(f"R{number}", "1", "B", 1, NOON, version="1"))

    shop.on_look = [buy] * 100

    with pytest.raises(TooBusy):
        connect(take_over=True)

    assert not ConnectorCursor.objects.exists()
    assert not StockMovement.objects.exists()
