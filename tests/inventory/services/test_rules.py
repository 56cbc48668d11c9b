"""Stock rules: they begin now or later, they end, and they say beforehand what they will do."""

from datetime import timedelta

import pytest

from inventory.models import ChannelBuffer, SafetyStockRule
from inventory.queries.availability import available
from inventory.services import rules
from inventory.services.catalogue import InvalidValue
from inventory.services.rules import PastRule, RuleUnclear
from omni.models import Activity, JobRun
from tests.factories.inventory import make_category, make_kit, make_listing, make_stock, make_variant
from tests.factories.omni import NOON, make_account, make_channel, make_location, make_location_group

pytestmark = pytest.mark.django_db
SAID = {"by": None, "at": NOON}
DAY = timedelta(days=1)


class Shop:
    """A web shop that shows 20 units of milk from two stores."""

    def __init__(self):
        self.near, self.far = make_location(), make_location()
        self.channel = make_channel(locations=[self.near, self.far])
        self.account = make_account(channel=self.channel)
        self.dairy = make_category("dairy")
        self.milk = make_variant(category=self.dairy)
        for place, units in ((self.near, 15), (self.far, 5)):
            make_stock(variant=self.milk, location=place, on_hand=units, at=NOON - 2 * DAY)
        self.listing = make_listing(self.milk, account=self.account)

    def shown(self, at=NOON):
        return available(self.milk, self.channel, at=at)

    def is_dirty(self):
        self.listing.state.refresh_from_db()
        return self.listing.state.dirty


@pytest.fixture
def shop(db):
    return Shop()


def test_a_safety_stock_holds_from_now_on_and_its_listings_are_asked_again(shop):
    rules.add_safety_stock(name="Dairy", units=6, category=shop.dairy, **SAID)

    assert (shop.shown(NOON - DAY), shop.shown()) == (20, 9)
    assert shop.is_dirty()


def test_a_buffer_takes_a_share_rounded_down_only_on_its_channel(shop):
    other = make_listing(shop.milk, account=make_account(channel=make_channel(locations=[shop.near])))

    rules.add_buffer(name="Web 33 %", channel=shop.channel, percent=33, **SAID)

    assert shop.shown() == 14
    other.state.refresh_from_db()
    assert (shop.is_dirty(), other.state.dirty) == (True, False)


def test_a_rule_of_one_place_asks_only_the_listings_that_show_it(shop):
    elsewhere = make_location()
    other = make_listing(shop.milk, account=make_account(), location=elsewhere)
    kit = make_listing(make_kit({shop.milk: 2}), account=shop.account)

    rules.add_safety_stock(name="Near", units=1, location=shop.near, **SAID)

    for listing in (other, kit):
        listing.state.refresh_from_db()
    assert (shop.is_dirty(), kit.state.dirty, other.state.dirty) == (True, True, False)


def test_a_group_without_places_asks_nobody(shop):
    rules.add_safety_stock(name="Nowhere", units=1, group=make_location_group(), **SAID)
    assert not shop.is_dirty()


def test_a_rule_that_begins_later_waits_for_its_moment(shop):
    rule = rules.add_safety_stock(name="Soon", units=6, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY, **SAID)

    assert not shop.is_dirty()
    assert [shop.shown(NOON + gap) for gap in (timedelta(0), DAY, 2 * DAY)] == [20, 9, 20]
    jobs = JobRun.objects.filter(task="inventory.refresh_rule").order_by("run_at")
    assert [job.run_at for job in jobs] == [NOON + DAY, NOON + 2 * DAY]

    rules.refresh_listings(rule=rule, at=NOON + DAY)
    assert shop.is_dirty()


def test_a_rule_is_ended_and_the_past_stays(shop):
    rule = rules.add_safety_stock(name="Dairy", units=6, category=shop.dairy, **SAID)
    later = {"by": None, "at": NOON + DAY}

    rules.end_rule(rule=rule, ends_at=NOON + DAY, **later)

    assert [shop.shown(NOON + gap) for gap in (timedelta(0), DAY)] == [9, 20]
    with pytest.raises(PastRule, match="over"):
        rules.end_rule(rule=rule, ends_at=NOON + 2 * DAY, **later)


def test_nothing_is_added_or_ended_in_the_past(shop):
    rule = rules.add_buffer(name="Web", channel=shop.channel, units=2, **SAID)
    news = Activity.objects.count()

    for change in (
        lambda: rules.add_buffer(name="Old", channel=shop.channel, units=1, starts_at=NOON - DAY, **SAID),
        lambda: rules.add_safety_stock(name="Old", units=1, starts_at=NOON - DAY, **SAID),
        lambda: rules.add_safety_stock(name="None", units=1, starts_at=NOON, ends_at=NOON, **SAID),
        lambda: rules.end_rule(rule=rule, ends_at=NOON - DAY, **SAID),
    ):
        with pytest.raises(PastRule):
            change()
    assert (SafetyStockRule.objects.count(), ChannelBuffer.objects.count()) == (0, 1)
    assert Activity.objects.count() == news


def test_a_rule_that_never_held_is_taken_back(shop):
    rule = rules.add_safety_stock(name="Soon", units=6, starts_at=NOON + DAY, **SAID)
    rules.end_rule(rule=rule, ends_at=NOON, **SAID)
    assert not SafetyStockRule.objects.exists()


def test_a_rule_says_for_what_and_how_much(shop):
    group = make_location_group()
    for change in (
        lambda: rules.add_buffer(name="Both", channel=shop.channel, units=1, percent=1, **SAID),
        lambda: rules.add_buffer(name="Neither", channel=shop.channel, **SAID),
        lambda: rules.add_buffer(name="Much", channel=shop.channel, percent=101, **SAID),
        lambda: rules.add_buffer(name="Less", channel=shop.channel, units=-1, **SAID),
        lambda: rules.add_safety_stock(name="", units=1, **SAID),
        lambda: rules.add_safety_stock(name="Less", units=-1, **SAID),
        lambda: rules.add_safety_stock(name="Two", units=1, variant=shop.milk, category=shop.dairy, **SAID),
        lambda: rules.add_safety_stock(name="Two", units=1, location=shop.near, group=group, **SAID),
    ):
        with pytest.raises(RuleUnclear):
            change()
    with pytest.raises(InvalidValue):
        rules.add_safety_stock(name="x" * 81, units=1, **SAID)
    assert not shop.is_dirty()


def test_the_effect_is_told_beforehand_and_nothing_is_kept(shop):
    effect = rules.effect_of(
        lambda: rules.add_safety_stock(name="Dairy", units=6, category=shop.dairy, **SAID), at=NOON
    )

    assert (effect.kept_before, effect.kept_after, effect.changed) == (0, 11, 1)
    assert [(one.account, one.before, one.after) for one in effect.accounts] == [(shop.account, 20, 9)]
    assert not SafetyStockRule.objects.exists()
    assert not Activity.objects.filter(verb__startswith="safetystockrule").exists()
    assert not shop.is_dirty()


def test_the_effect_of_an_end_is_what_comes_back(shop):
    rule = rules.add_buffer(name="Web", channel=shop.channel, percent=50, **SAID)
    later = NOON + DAY

    effect = rules.effect_of(lambda: rules.end_rule(rule=rule, ends_at=later, by=None, at=later), at=later)

    assert [(one.before, one.after) for one in effect.accounts] == [(10, 20)]
    rule.refresh_from_db()
    assert rule.ends_at is None
