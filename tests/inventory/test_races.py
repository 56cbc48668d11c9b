"""
Rivals on real PostgreSQL: what is scarce is sold exactly once, and with the lock taken out it is not.

A race test that never reaches the limit proves nothing: sold must equal stock, and somebody must have been refused.
"""

import random
from collections import Counter

import pytest
from django.db import transaction

from inventory.models import Reservation, StockLevel, StockMovement
from inventory.queries.integrity import findings
from inventory.services import counts, ledger, promises, reservations, stock
from inventory.services.ledger import StaleStock
from inventory.services.reservations import Demand, ReservationClosed
from tests.factories.inventory import make_listing, make_reservation, make_stock, make_variant
from tests.factories.omni import NOON, make_account, make_channel, make_location
from tests.inventory.races import at_once, interleave

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
UNITS, BUYERS = 10, 32
FORMS = {"plain": promises.make, "one statement": reservations.reserve}


def buyer(level, number, form):
    demand = [Demand(level.variant, level.location, 1)]
    return lambda: form(holder=f"order:{number}", demands=demand, channel=None, until=None, by=None, at=NOON)


def buy(level, form, buyers=BUYERS):
    """How the buyers fared: sold, refused, and anything else by its name."""
    answers = at_once([buyer(level, number, form) for number in range(buyers)])
    told = Counter("sold" if isinstance(answer, list) else type(answer).__name__ for answer in answers)
    trouble = {name: n for name, n in told.items() if name not in ("sold", "NotEnoughStock")}
    return told["sold"], told["NotEnoughStock"], trouble


@pytest.mark.parametrize("form", FORMS)
def test_what_is_scarce_is_promised_exactly_once(form):
    level = make_stock(on_hand=UNITS)
    make_listing(level.variant, account=make_account(channel=make_channel(locations=[level.location])))

    sold, refused, trouble = buy(level, FORMS[form])

    assert (sold, refused, trouble) == (UNITS, BUYERS - UNITS, {})
    level.refresh_from_db()
    assert (level.reserved, Reservation.objects.count()) == (UNITS, UNITS)
    assert findings() == []


@pytest.mark.parametrize("run", range(3))
def test_without_the_lock_it_breaks(run, monkeypatch):
    """The negative control: the same race, with FOR UPDATE taken out of the one place that locks."""
    level = make_stock(on_hand=UNITS)
    monkeypatch.setattr(ledger, "locked", unlocked)

    sold, _refused, trouble = buy(level, promises.make)

    level.refresh_from_db()
    broken = sold > UNITS or trouble or level.reserved != sold or findings()
    assert broken


def unlocked(places):
    found = {}
    for variant, location in places:
        level = StockLevel.objects.filter(variant_id=variant, location_id=location).first()
        if level:
            found[variant, location] = level
    return found


def test_till_sales_at_once_are_all_booked_and_the_ledger_stays_whole():
    level = make_stock(on_hand=UNITS, reserved=4)

    def till(number):
        line = stock.SaleLine(level.variant, 1, f"basket-{number}")
        said = {"channel": None, "source": "till", "document": "", "by": None, "at": NOON}
        return lambda: stock.sell(location=level.location, lines=[line], **said)

    sales = at_once([till(number) for number in range(24)])

    assert [type(sale).__name__ for sale in sales] == ["Sale"] * 24
    level.refresh_from_db()
    assert (level.on_hand, level.reserved) == (0, 0)
    assert sum(StockMovement.objects.filter(kind="found").values_list("quantity", flat=True)) == 24 - UNITS
    assert Reservation.objects.get().short == 4
    assert findings() == []


def test_the_same_receipt_many_times_at_once_is_booked_once():
    level = make_stock(on_hand=UNITS)
    line = stock.SaleLine(level.variant, 2, "basket-1")

    def till():
        said = {"channel": None, "source": "till", "document": "", "by": None, "at": NOON}
        return stock.sell(location=level.location, lines=[line], **said)

    sales = at_once([till] * 8)

    assert sorted(sale.repeated for sale in sales) == [False] + [True] * 7
    assert len({sale.movements[0].pk for sale in sales}) == 1
    level.refresh_from_db()
    assert level.on_hand == UNITS - 2


def test_the_same_id_at_two_places_at_once_is_booked_at_one():
    """The levels differ, so no lock stands between the two: the ledger's key does."""
    here = make_stock(on_hand=UNITS)
    there = make_stock(on_hand=UNITS, variant=here.variant)

    def receive(level):
        said = {"source": "feed:1", "external_id": "delivery-1", "by": None, "at": NOON}
        return lambda: stock.receive(variant=level.variant, location=level.location, quantity=1, **said)

    answers = at_once([receive(here), receive(there)] * 3)

    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 5
    assert findings() == []


def test_of_two_who_saw_the_same_figure_one_is_accepted_and_one_refused():
    level = make_stock(on_hand=50)
    for round_ in range(25):
        level.refresh_from_db()

        def correct(by, round_=round_, seen=level.on_hand):
            said = {"reason": "checked", "source": "test", "external_id": f"{round_}:{by}", "by": None, "at": NOON}
            return lambda: stock.adjust(
                variant=level.variant, location=level.location, target=seen + by, expected=seen, **said
            )

        answers = at_once([correct(1), correct(2)])

        refused = [answer for answer in answers if isinstance(answer, StaleStock)]
        assert len(refused) == 1
        assert refused[0].data["expected"] == level.on_hand
    assert level.movements.count() == 26


def test_orders_with_crossed_lines_never_meet_in_a_deadlock():
    """The retry is left out: a deadlock would be seen."""
    levels = [make_stock(on_hand=200) for _n in range(4)]
    web = make_account(channel=make_channel(locations=[level.location for level in levels]))
    for level in levels:
        make_listing(level.variant, account=web)
    dice = random.Random(7)

    def order(number):
        lines = dice.sample(levels, 3)
        demands = [Demand(level.variant, level.location, 1) for level in lines]
        form = promises.make.__wrapped__ if number % 2 else reservations.reserve.__wrapped__
        return lambda: unguarded(form, holder=f"o:{number}", demands=demands)

    answers = at_once([order(number) for number in range(60)])

    assert [type(answer).__name__ for answer in answers] == ["list"] * 60
    assert findings() == []


def unguarded(form, **said):
    with transaction.atomic():
        return form(**said, channel=None, until=None, by=None, at=NOON)


def test_a_promise_is_handed_over_released_or_lapsed_but_only_one_of_them():
    for _round in range(6):
        level = make_stock(on_hand=5)
        promise = make_reservation(variant=level.variant, location=level.location, quantity=2, until=NOON)
        acts = [
            lambda promise=promise: reservations.commit(reservation=promise, by=None, at=NOON),
            lambda promise=promise: reservations.release(reservation=promise, by=None, at=NOON),
            lambda promise=promise: reservations.expire(reservation=promise, at=NOON),
        ]

        answers = at_once(acts * 2)

        assert sum(isinstance(answer, Reservation) for answer in answers) == 1
        assert sum(isinstance(answer, ReservationClosed) for answer in answers) == 5
        level.refresh_from_db()
        assert (level.reserved, level.on_hand) in [(0, 5), (0, 3)]
    assert findings() == []


def test_a_level_that_nobody_made_yet_is_made_once():
    variant, store = make_variant(), make_location()

    def receive(number):
        said = {"source": "test", "external_id": str(number), "by": None, "at": NOON}
        return lambda: stock.receive(variant=variant, location=store, quantity=1, **said)

    at_once([receive(number) for number in range(12)])

    assert StockLevel.objects.get().on_hand == 12
    assert findings() == []


def test_a_sale_between_reading_a_shelf_and_booking_its_count_makes_the_count_stale(monkeypatch):
    level = make_stock(on_hand=5)
    count = counts.request(level=level, reason="asked", due_at=None, by=None, at=NOON)
    line = stock.SaleLine(level.variant, 1, "basket-1")

    def rival():
        said = {"channel": None, "source": "till", "document": "", "by": None, "at": NOON}
        return stock.sell(location=level.location, lines=[line], **said)

    with interleave("inventory.services.counts.post", rival, monkeypatch) as acted, pytest.raises(StaleStock):
        counts.book(count=count, counted=5, sequence=level.sequence, by=None, at=NOON)

    assert len(acted[0].movements) == 1
    level.refresh_from_db()
    assert level.on_hand == 4


def test_a_hand_over_between_reading_a_promise_and_releasing_it_wins(monkeypatch):
    level = make_stock(on_hand=5)
    promise = make_reservation(variant=level.variant, location=level.location, quantity=2)

    def rival():
        return reservations.commit(reservation=promise, by=None, at=NOON)

    with interleave("inventory.services.promises.post", rival, monkeypatch), pytest.raises(ReservationClosed):
        reservations.release(reservation=promise, by=None, at=NOON)

    level.refresh_from_db()
    assert (level.on_hand, level.reserved) == (3, 0)
