"""The demo around the retailer: quiet, in step with its stand-ins from the start, loaded once."""

import stat
from datetime import timedelta

import pytest
from django.db.models import F

from inventory.models import (
    Category,
    ChannelBuffer,
    Listing,
    ListingState,
    Product,
    SafetyStockRule,
    StockLevel,
    StockMovement,
)
from inventory.queries.listings import shown_on
from journeys.models import Campaign, SalesDay
from omni.append_only import guards
from omni.demo_shop import DemoShop
from omni.loading import complete_journey as source
from omni.models import Activity, Channel, ConnectorAccount, JobRun, LoadedData, Location, Origin, User, WorkItem
from omni.services import demo, demo_removal
from tests.factories.loading import AT, SMALL
from tests.factories.omni import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(source, "forget", lambda: None)
    monkeypatch.setattr(demo, "Cut", lambda *parts: demo.loading.Cut(*parts) if parts else SMALL)
    settings.FEED_ROOT = tmp_path / "feeds"
    settings.VAR_DIR = tmp_path


def load(**options):
    return demo.load_demo(at=AT, progress=lambda step, done, total: None, **options)


def test_every_listing_is_in_step_and_nothing_is_owed():
    load()

    states = ListingState.objects.all()
    assert states.count() == Listing.objects.count() > 400
    assert not states.exclude(dirty=False, in_step=True, pushed_version=F("version")).exists()
    for account in ConnectorAccount.objects.all():
        shop = DemoShop(demo.settings.FEED_ROOT / account.config["folder"])
        shown = {row.listing_id: row.quantity for row in shown_on(account, at=AT)}
        listings = list(account.listings.select_related("location", "state"))
        for listing in [*listings[:40], *listings[-40:]]:
            item = shop.item(listing.remote_sku, listing.location.code if listing.location else "")
            state = listing.state
            assert item.quantity == shown[listing.pk] == state.seen_quantity == state.pushed_quantity
            assert str(item.version) == state.seen_version


def test_the_web_shop_pools_some_stores_and_lists_fast_sellers_with_a_price():
    load()

    web = Channel.objects.get(code="web-shop")
    assert (web.pooled, web.origin) == (True, Origin.MADE_UP)
    listings = Listing.objects.filter(account__channel=web)
    assert listings.count() == 400
    assert not listings.exclude(location=None).exists()
    assert not listings.filter(variant__prices=None).exists()
    assert not listings.filter(variant__is_stocked=False).exists()


def test_what_is_made_up_says_so():
    load()

    for rule in [*SafetyStockRule.objects.all(), *ChannelBuffer.objects.all()]:
        assert rule.origin == Origin.MADE_UP
    assert ConnectorAccount.objects.filter(is_stand_in=True).count() == ConnectorAccount.objects.count() == 2
    assert LoadedData.objects.get().options["made_up"]


def test_one_person_per_role_and_store_people_are_bound_to_a_store():
    load()

    assert User.objects.count() == 7
    assert {frozenset(person.roles) for person in User.objects.all()} == {frozenset({role}) for role in demo.STAFF}
    manager = User.objects.get(username="manager")
    assert [place.name for place in manager.locations.all()] == ["Store 367"]
    assert not User.objects.get(username="office").locations.exists()


def test_sign_ins_are_made_once_and_kept_where_only_their_owner_reads(settings):
    load()

    page = demo.write_sign_ins()

    path = settings.VAR_DIR / "demo-sign-ins.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == page == demo.write_sign_ins()
    password = next(line.split()[-1] for line in page.splitlines() if " office " in line)
    assert User.objects.get(username="office").check_password(password)


def test_loading_the_demo_is_quiet_and_twice_changes_nothing():
    load()
    counts = [model.objects.count() for model in (Listing, ListingState, User, Channel, Location)]

    load()

    assert counts == [model.objects.count() for model in (Listing, ListingState, User, Channel, Location)]
    assert [model.objects.count() for model in (Activity, WorkItem, JobRun)] == [0, 0, 0]


def test_removing_leaves_the_installation_empty_but_whole(settings):
    load()
    demo.write_sign_ins()
    person = make_staff("administrator", username="own-admin", locations=[Location.objects.first()])
    everything = sum(one.rows for one in demo_removal.preview())

    gone = demo_removal.remove(by=person, at=AT)

    assert gone >= everything
    for model in (StockMovement, StockLevel, Listing, SalesDay, Campaign, Product, Category, Location, Channel):
        assert not model.objects.exists(), model
    assert [who.username for who in User.objects.all()] == ["own-admin"]
    assert person.groups.get().name == "administrator"
    assert [news.verb for news in Activity.objects.all()] == ["demo.removed"]
    assert guards("inventory_stockmovement") == guards("omni_activity") == {"UPDATE", "DELETE"}
    assert not any(settings.FEED_ROOT.iterdir())
    assert not (settings.VAR_DIR / "demo-sign-ins.txt").exists()
    with pytest.raises(demo.DemoRemoved):
        load()
    with pytest.raises(demo_removal.NoDemo):
        demo_removal.remove(by=person, at=AT)


def test_bringing_forward_loads_anew_under_later_dates_and_keeps_the_passwords():
    load()
    page = demo.write_sign_ins()
    later = AT + timedelta(weeks=3)
    data = LoadedData.objects.get()
    assert demo_removal.weeks_behind(data, at=later) == 3

    moved = demo_removal.bring_forward(by=None, at=later, progress=lambda step, done, total: None)

    assert moved.shift_weeks == data.shift_weeks + 3
    assert StockMovement.objects.count() == moved.summary["movements"] + moved.summary["levels"]
    password = next(line.split()[-1] for line in page.splitlines() if " office " in line)
    assert User.objects.get(username="office").check_password(password)


def test_it_is_not_mixed_into_other_data():
    Location.objects.create(code="own", name="Our own store")

    with pytest.raises(demo.NotEmpty):
        load()
    assert not LoadedData.objects.exists()
