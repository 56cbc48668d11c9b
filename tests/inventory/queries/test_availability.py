"""The one formula: its terms, its rules, its past, and that the set-based form gives the same figures."""

import random
from datetime import timedelta

import pytest

from inventory.queries import availability
from inventory.services import reservations, stock
from tests.factories.inventory import (
    make_buffer,
    make_category,
    make_kit,
    make_listing,
    make_product,
    make_reservation,
    make_safety_stock,
    make_stock,
    make_variant,
)
from tests.factories.omni import NOON, make_account, make_channel, make_location, make_location_group

pytestmark = pytest.mark.django_db
EVENING = NOON + timedelta(hours=6)
TOMORROW = NOON + timedelta(days=1)


def test_the_sum_is_shown_term_by_term_and_adds_up():
    near = make_stock(on_hand=10, reserved=2, unavailable=1)
    far = make_stock(on_hand=5, variant=near.variant)
    web = make_channel(locations=[near.location, far.location])
    make_safety_stock(3, location=near.location, name="for the counter")
    make_buffer(web, units=2, name="web keeps two")
    make_reservation(variant=near.variant, location=None, quantity=1, channel=web)

    why = availability.why(near.variant, web, at=EVENING)

    assert [(term.name, term.units) for term in why.terms] == [
        ("on_hand", 15), ("reserved", -2), ("unavailable", -1), ("safety_stock", -3), ("unrouted", -1), ("buffer", -2),
    ]  # fmt: skip
    assert why.figure == 6
    assert why.terms[3].rules == ["for the counter"]
    assert why.terms[5].rules == ["web keeps two"]
    assert {(part.location, part.units) for part in why.terms[0].parts} == {(near.location, 10), (far.location, 5)}
    assert len(why.rows) == 4


def test_the_rule_of_one_store_never_eats_what_lies_in_another():
    empty = make_stock(on_hand=1)
    full = make_stock(on_hand=5, variant=empty.variant)
    web = make_channel(locations=[empty.location, full.location])
    make_safety_stock(4, location=empty.location)

    assert availability.available(empty.variant, web, at=EVENING) == 5


def test_the_figure_is_never_below_zero_and_the_terms_still_add_up():
    level = make_stock(on_hand=3)
    web = make_channel(locations=[level.location])
    make_reservation(variant=level.variant, location=None, quantity=3, channel=web)
    stock.adjust(variant=level.variant, location=level.location, target=1, reason="gone", source="test",
                 external_id="1", by=None, at=NOON)  # fmt: skip
    make_buffer(web, units=5)

    why = availability.why(level.variant, web, at=EVENING)

    assert why.figure == 0
    assert (why.term("unrouted"), why.term("floor"), why.term("buffer")) == (-3, 2, 0)


def test_a_share_as_buffer_is_rounded_down():
    level = make_stock(on_hand=19)
    web = make_channel(locations=[level.location])
    make_buffer(web, percent=10)

    assert availability.available(level.variant, web, at=EVENING) == 18


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ([{"units": 1}, {"units": 2, "location": "here"}, {"units": 3, "group": "group"}], 2),
        ([{"units": 1}, {"units": 3, "group": "group"}], 3),
        ([{"units": 2, "location": "here"}, {"units": 4, "category": "deep"}, {"units": 5, "category": "top"}], 4),
        ([{"units": 4, "category": "deep", "location": "here"}, {"units": 7, "variant": "thing"}], 7),
        ([{"units": 1, "starts_at": NOON - timedelta(days=2)}, {"units": 6, "starts_at": NOON - timedelta(days=1)}], 6),
        ([{"units": 1}, {"units": 6, "ends_at": NOON - timedelta(days=1)}], 1),
        ([{"units": 1}, {"units": 6, "starts_at": TOMORROW}], 1),
        ([{"units": 1, "location": "elsewhere"}, {"units": 1, "category": "other"}], 0),
    ],
)
def test_the_most_specific_rule_that_is_valid_holds(rules, kept):
    top = make_category()
    deep = make_category(parent=top)
    group = make_location_group()
    here = make_location(group=group)
    thing = make_variant(product=make_product(category=deep))
    named = {"top": top, "deep": deep, "other": make_category(), "group": group, "here": here, "thing": thing,
             "elsewhere": make_location()}  # fmt: skip
    make_stock(variant=thing, location=here, on_hand=10)
    for rule in rules:
        make_safety_stock(**{key: named.get(value, value) if isinstance(value, str) else value
                             for key, value in rule.items()})  # fmt: skip

    assert availability.available(thing, make_channel(locations=[here]), at=EVENING) == 10 - kept


def test_a_kit_is_made_where_all_its_components_lie():
    store, other = make_location(), make_location()
    cup, plate = make_variant(), make_variant()
    make_stock(variant=cup, location=store, on_hand=7)
    make_stock(variant=plate, location=store, on_hand=2)
    make_stock(variant=cup, location=other, on_hand=50)
    kit = make_kit({cup: 3, plate: 1})
    web = make_channel(locations=[store, other])

    why = availability.why(kit, web, at=EVENING)

    assert why.figure == 2
    assert [(each, part.variant, part.figure) for each, part in why.components] == [(3, cup, 57), (1, plate, 2)]


def test_a_till_shows_each_shelf_by_itself():
    near = make_stock(on_hand=2)
    far = make_stock(on_hand=3, variant=near.variant)
    tills = make_channel(locations=[near.location, far.location], pooled=False)

    [figure] = availability.per_channel(near.variant, at=EVENING)

    assert (figure.channel, figure.units) == (tills, 5)
    assert dict(figure.shelves) == {near.location: 2, far.location: 3}


def test_any_past_time_can_be_read_as_it_was_and_as_we_knew_it():
    level = make_stock(on_hand=10)
    web = make_channel(locations=[level.location])
    said = {"variant": level.variant, "location": level.location, "reason": "x", "source": "test", "by": None}
    stock.adjust(**said, change=-3, external_id="1", at=EVENING)
    late = {"at": NOON + timedelta(hours=1), "recorded": TOMORROW}
    stock.adjust(**said, change=-4, external_id="2", **late)
    ask = {"at": NOON + timedelta(hours=2)}

    assert availability.available(level.variant, web, at=NOON) == 10
    assert availability.available(level.variant, web, **ask) == 6
    assert availability.available(level.variant, web, at=TOMORROW) == 3


def test_what_rests_on_an_assumed_start_is_told():
    counted = make_stock(on_hand=3)
    assumed = make_stock(on_hand=1, variant=counted.variant, assumed=True)
    web = make_channel(locations=[counted.location, assumed.location])

    assert availability.why(counted.variant, web, at=EVENING).assumed_share == 0.25


def test_the_questions_asked_do_not_grow_with_places_and_channels(django_assert_max_num_queries):
    level = make_stock(on_hand=3)
    for _more in range(4):
        make_channel(locations=[make_stock(on_hand=3, variant=level.variant).location, level.location])

    with django_assert_max_num_queries(9):
        availability.per_channel(level.variant, at=EVENING)


@pytest.mark.parametrize("seed", range(12))
def test_whole_accounts_at_once_give_the_same_figures_as_one_by_one(seed):
    world = World(random.Random(seed))
    world.happen()

    for at in (NOON - timedelta(days=1), NOON + timedelta(hours=3), TOMORROW + timedelta(days=2)):
        for account in world.accounts:
            shown = {row.listing_id: row.quantity for row in availability.shown_on(account, at=at)}
            listings = list(account.listings.select_related("variant", "location"))
            one_by_one = {
                row.pk: availability.available(row.variant, account.channel, at=at, location=row.location)
                for row in listings
            }
            assert shown == one_by_one
            some = [row.pk for row in listings[:3]]
            assert {row.listing_id for row in availability.shown_on(account, at=at, listing_ids=some)} == set(some)


class World:
    """A small random retailer: places, channels, things, kits, stock that moved, promises and rules."""

    def __init__(self, dice: random.Random):
        self.dice = dice
        group = make_location_group()
        self.places = [make_location(group=dice.choice([group, None])) for _n in range(3)]
        self.channels = [make_channel(locations=self.some(self.places)) for _n in range(2)]
        self.accounts = [make_account(channel=channel) for channel in self.channels]
        top = make_category()
        self.categories = [top, make_category(parent=top), make_category()]
        self.things = [
            make_variant(product=make_product(category=dice.choice([*self.categories, None]))) for _n in range(4)
        ]
        self.kits = [make_kit({thing: dice.randint(1, 3) for thing in self.some(self.things)}) for _n in range(2)]
        for account in self.accounts:
            for thing in self.things + self.kits:
                make_listing(thing, account=account)
                make_listing(thing, account=account, location=dice.choice(self.places))
        self.group = group

    def some(self, all_of):
        return self.dice.sample(all_of, self.dice.randint(1, len(all_of)))

    def time(self):
        return NOON + timedelta(hours=self.dice.randint(-48, 48))

    def happen(self):
        dice = self.dice
        for thing in self.things:
            for place in self.some(self.places):
                make_stock(variant=thing, location=place, on_hand=dice.randint(3, 30), unavailable=dice.randint(0, 2),
                           at=NOON - timedelta(days=dice.randint(0, 3)))  # fmt: skip
        for number in range(12):
            self.step(number)
        for _n in range(4):
            make_safety_stock(dice.randint(0, 6), **self.thing(), **dice.choice(self.places_of_rule()), **self.span())
            amount = dice.choice([{"units": dice.randint(0, 6)}, {"percent": dice.randint(0, 60)}])
            make_buffer(dice.choice(self.channels), **amount, **self.thing(), **self.span())

    def step(self, number):
        dice, thing, place, at = self.dice, self.dice.choice(self.things), self.dice.choice(self.places), self.time()
        try:
            if dice.random() < 0.3:
                line = stock.SaleLine(thing, dice.randint(1, 4), f"s{number}")
                stock.sell(location=place, lines=[line], channel=None, source="till", document="", by=None, at=at)
            elif dice.random() < 0.5:
                make_reservation(variant=thing, location=place, quantity=dice.randint(1, 4), at=at)
            else:
                channel = dice.choice([*self.channels, None])
                promise = make_reservation(variant=thing, location=None, channel=channel, at=at)
                if dice.random() < 0.3:
                    reservations.release(reservation=promise, by=None, at=at + timedelta(hours=5))
        except reservations.NotEnoughStock:
            return

    def thing(self):
        dice = self.dice
        return dice.choice(
            [{}, {"variant": dice.choice(self.things + self.kits)}, {"category": dice.choice(self.categories)}]
        )

    def places_of_rule(self):
        return [{}, {"location": self.dice.choice(self.places)}, {"group": self.group}]

    def span(self):
        starts = NOON - timedelta(days=self.dice.randint(0, 9))
        return {"starts_at": starts, "ends_at": self.dice.choice([None, starts + timedelta(days=8)])}
