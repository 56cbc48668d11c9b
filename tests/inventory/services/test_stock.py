"""Moving stock: what each service books, what it refuses, and that a refusal changes nothing."""

import pytest

from inventory.models import Bucket, Discrepancy, Reservation, StockLevel, StockMovement
from inventory.services import stock
from inventory.services.stock import (
    ImplausibleQuantity,
    NotCounted,
    NotEnoughStock,
    NotWholeUnits,
    SaleLine,
    StaleStock,
)
from omni.models import Activity
from tests.factories.inventory import make_kit, make_listing, make_reservation, make_stock, make_variant
from tests.factories.omni import NOON, make_account, make_channel, make_location

pytestmark = pytest.mark.django_db


def sell(level, quantity=1, external_id="basket-1", **said):
    line = SaleLine(level.variant, quantity, external_id, amount_minor=250 * quantity, currency="USD")
    values = {"channel": None, "source": "till", "document": f"basket:{external_id}", "by": None, "at": NOON, **said}
    return stock.sell(location=level.location, lines=[line], **values)


def figures(level):
    level.refresh_from_db()
    return level.on_hand, level.reserved, level.unavailable


def ledger_of(level, bucket=Bucket.ON_HAND):
    return [row.quantity for row in level.movements.filter(bucket=bucket).order_by("sequence")]


def test_a_sale_takes_units_from_the_shelf_and_is_news():
    level = make_stock(on_hand=5)

    sale = sell(level, 2)

    assert figures(level) == (3, 0, 0)
    assert [(row.quantity, row.balance, row.kind) for row in sale.movements] == [(-2, 3, "sale")]
    news = Activity.objects.get(verb="till.sold")
    assert (news.data["units"], news.data["amount_minor"], news.data["currency"]) == (2, 500, "USD")
    assert news.data["day"] == "2026-03-02"


def test_a_sale_of_what_the_ledger_lacks_is_booked_as_found_and_opens_one_discrepancy():
    level = make_stock(on_hand=1)

    sale = sell(level, 3)
    sell(level, 1, "basket-2")

    assert figures(level) == (0, 0, 0)
    assert sale.found == 2
    assert ledger_of(level) == [1, 2, -3, 1, -1]
    discrepancy = Discrepancy.objects.get()
    assert (discrepancy.cause, discrepancy.ours, discrepancy.theirs) == ("found", 1, 3)
    assert [event["found"] for event in discrepancy.evidence["found"]] == [2, 1]


def test_a_sale_of_reserved_units_makes_the_youngest_promise_short_and_leaves_the_oldest_whole():
    level = make_stock(on_hand=5)
    old = make_reservation(variant=level.variant, location=level.location, quantity=2)
    young = make_reservation(variant=level.variant, location=level.location, quantity=2)

    sell(level, 2)

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.short, young.short, young.open_units, young.state) == (0, 1, 1, "open")
    assert figures(level) == (3, 3, 0)
    assert not Discrepancy.objects.exists()
    assert Activity.objects.get(verb="reservation.short").data["units"] == 1


def test_a_sale_beyond_everything_leaves_what_was_set_apart():
    level = make_stock(on_hand=4, reserved=1, unavailable=2)

    sell(level, 3)

    assert figures(level) == (2, 0, 2)
    assert Reservation.objects.get().short == 1


def test_a_sale_that_comes_twice_answers_with_the_first_result_and_changes_nothing():
    level = make_stock(on_hand=5)
    first = sell(level, 2)

    again = sell(level, 2)

    assert again.repeated
    assert not first.repeated
    assert [row.pk for row in again.movements] == [row.pk for row in first.movements]
    assert figures(level) == (3, 0, 0)
    assert Activity.objects.filter(verb="till.sold").count() == 1


def test_a_receipt_that_comes_again_with_one_more_line_books_only_that_line():
    level, other = make_stock(on_hand=5), make_variant()
    sell(level, 2)
    lines = [SaleLine(level.variant, 2, "basket-1"), SaleLine(other, 1, "basket-1", leg="2")]

    sale = stock.sell(
        location=level.location, lines=lines, channel=None, source="till", document="basket:1", by=None, at=NOON
    )

    assert [line.repeated for line in sale.lines] == [True, False]
    assert figures(level) == (3, 0, 0)
    assert StockLevel.objects.get(variant=other).on_hand == 0


def test_a_kit_is_sold_by_its_components_and_returned_by_them():
    cup = make_stock(on_hand=10)
    plate = make_stock(on_hand=10, location=cup.location)
    kit = make_kit({cup.variant: 2, plate.variant: 1})
    line = SaleLine(kit, 3, "basket-1")
    said = {"location": cup.location, "lines": [line], "channel": None, "document": "", "by": None, "at": NOON}

    stock.sell(**said, source="till")
    again = stock.sell(**said, source="till")
    stock.take_back(**said, source="till-returns", set_apart="damaged")

    assert again.repeated
    assert figures(cup) == (10, 0, 6)
    assert figures(plate) == (10, 0, 3)
    assert not StockLevel.objects.filter(variant=kit).exists()


def test_fuel_is_sold_without_a_movement_and_once_only():
    fuel, store = make_variant(is_stocked=False), make_location()
    said = {"location": store, "channel": None, "source": "till", "document": "basket:7", "by": None, "at": NOON}

    for _time in range(2):
        stock.sell(lines=[SaleLine(fuel, 40, "basket-7", amount_minor=9000, currency="USD")], **said)

    assert not StockMovement.objects.exists()
    assert Activity.objects.get(verb="till.sold").data["units"] == 0


def test_amounts_of_two_currencies_are_two_pieces_of_news():
    level = make_stock(on_hand=5)
    lines = [
        SaleLine(level.variant, 1, "b", "1", amount_minor=100, currency="USD"),
        SaleLine(level.variant, 1, "b", "2", amount_minor=90, currency="EUR"),
    ]

    stock.sell(location=level.location, lines=lines, channel=None, source="till", document="basket:b", by=None, at=NOON)

    news = Activity.objects.filter(verb="till.sold")
    assert sorted((row.data["currency"], row.data["amount_minor"]) for row in news) == [("EUR", 90), ("USD", 100)]


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "2", None])
def test_a_quantity_that_is_not_whole_and_above_zero_is_refused(quantity):
    level = make_stock(on_hand=5)

    with pytest.raises(NotWholeUnits):
        sell(level, quantity) if isinstance(quantity, int) else stock.sell(
            location=level.location, lines=[SaleLine(level.variant, quantity, "b")], channel=None, source="till",
            document="", by=None, at=NOON,
        )  # fmt: skip

    assert figures(level) == (5, 0, 0)
    assert not Activity.objects.filter(verb="till.sold").exists()


def test_more_than_is_plausible_is_refused_and_nothing_of_the_receipt_is_booked():
    level, odd = make_stock(on_hand=5), make_variant(plausible_units=10)
    lines = [SaleLine(level.variant, 1, "b", "1"), SaleLine(odd, 11, "b", "2")]

    with pytest.raises(ImplausibleQuantity) as refused:
        stock.sell(location=level.location, lines=lines, channel=None, source="till", document="", by=None, at=NOON)

    assert refused.value.data == {"sku": odd.sku, "quantity": 11, "plausible": 10}
    assert figures(level) == (5, 0, 0)


def adjust(level, **said):
    values = {"reason": "checked", "source": "test", "external_id": "a-1", "by": None, "at": NOON, **said}
    return stock.adjust(variant=level.variant, location=level.location, **values)


def test_an_adjustment_to_a_target_books_the_difference_once():
    level = make_stock(on_hand=5)

    first = adjust(level, target=3, expected=5)
    again = adjust(level, target=3, expected=5)

    assert figures(level) == (3, 0, 0)
    assert [row.quantity for row in first.movements] == [-2]
    assert again.repeated


def test_an_adjustment_from_an_old_figure_is_refused_with_both_values_and_changes_nothing():
    level = make_stock(on_hand=5)

    with pytest.raises(StaleStock) as refused:
        adjust(level, target=3, expected=4)

    assert refused.value.data == {"expected": 4, "actual": 5}
    assert figures(level) == (5, 0, 0)
    assert level.movements.count() == 1


def test_an_adjustment_below_what_is_promised_makes_promises_short_and_then_takes_what_was_set_apart():
    level = make_stock(on_hand=6, reserved=3, unavailable=2)

    adjust(level, target=1)

    assert figures(level) == (1, 0, 1)
    assert Reservation.objects.get().short == 3


def test_an_adjustment_below_nothing_is_refused():
    level = make_stock(on_hand=2)

    with pytest.raises(NotEnoughStock):
        adjust(level, change=-3)

    assert figures(level) == (2, 0, 0)


@pytest.mark.parametrize("said", [{}, {"change": 0}, {"target": -1}, {"change": 1, "target": 2}, {"change": 1.5}])
def test_an_adjustment_that_names_no_one_figure_is_refused(said):
    level = make_stock(on_hand=2)

    with pytest.raises(NotWholeUnits):
        adjust(level, **said)

    assert level.movements.count() == 1


def test_expected_goods_are_incoming_until_they_are_received():
    level = make_stock(on_hand=1)
    said = {"variant": level.variant, "location": level.location, "source": "test", "by": None, "at": NOON}

    stock.expect(**said, quantity=10, external_id="po-1")
    stock.receive(**said, quantity=8, expected=10, external_id="po-1-arrival")

    level.refresh_from_db()
    assert (level.on_hand, level.incoming) == (9, 0)


def test_units_are_set_apart_and_put_back_only_if_they_are_there():
    level = make_stock(on_hand=3, reserved=1)
    said = {"variant": level.variant, "location": level.location, "reason": "damaged", "source": "test", "by": None}

    stock.set_apart(**said, quantity=2, external_id="1", at=NOON)
    with pytest.raises(NotEnoughStock):
        stock.set_apart(**said, quantity=1, external_id="2", at=NOON)
    stock.put_back(**said, quantity=1, external_id="3", at=NOON)
    with pytest.raises(NotEnoughStock):
        stock.put_back(**said, quantity=2, external_id="4", at=NOON)

    assert figures(level) == (3, 1, 1)


def test_a_kit_and_fuel_take_no_receipt():
    cup, store = make_variant(), make_location()
    said = {"location": store, "quantity": 1, "source": "test", "external_id": "1", "by": None, "at": NOON}

    for variant in (make_kit({cup: 2}), make_variant(is_stocked=False)):
        with pytest.raises(NotCounted):
            stock.receive(variant=variant, **said)

    assert not StockMovement.objects.exists()


def test_a_movement_marks_the_listings_that_show_it_and_no_other(pokes, django_capture_on_commit_callbacks):
    level, elsewhere = make_stock(on_hand=5), make_location()
    web = make_account(channel=make_channel(locations=[level.location]))
    foreign = make_account(channel=make_channel(locations=[elsewhere]))
    kit = make_kit({level.variant: 2})
    shown = [
        make_listing(level.variant, account=web),
        make_listing(level.variant, account=web, location=level.location),
        make_listing(kit, account=web),
    ]
    others = [
        make_listing(level.variant, account=foreign),
        make_listing(level.variant, account=web, location=elsewhere),
        make_listing(make_variant(), account=web),
        make_listing(make_kit({level.variant: 1}), account=web, ended_at=NOON),
    ]

    with django_capture_on_commit_callbacks(execute=True):
        sell(level, 1)

    assert [listing.state.__class__.objects.get(pk=listing.pk).version for listing in shown] == [2, 2, 2]
    for listing in others:
        listing.state.refresh_from_db()
        assert (listing.state.version, listing.state.dirty) == (1, False)
    assert pokes == ["inventory.schedule_push"]
