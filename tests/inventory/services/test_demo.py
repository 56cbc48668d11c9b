"""The demo around the retailer: quiet, in step with its stand-ins from the start, loaded once."""

import stat

import pytest
from django.db.models import F

from inventory.models import ChannelBuffer, Listing, ListingState, SafetyStockRule
from inventory.queries.listings import shown_on
from omni.demo_shop import DemoShop
from omni.loading import complete_journey as source
from omni.models import Activity, Channel, ConnectorAccount, JobRun, LoadedData, Location, Origin, User, WorkItem
from omni.services import demo
from tests.factories.loading import AT, SMALL

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


def test_it_is_not_mixed_into_other_data():
    Location.objects.create(code="own", name="Our own store")

    with pytest.raises(demo.NotEmpty):
        load()
    assert not LoadedData.objects.exists()
