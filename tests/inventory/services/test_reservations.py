"""Promises: made under the lock, closed once, moved with the check."""

from datetime import timedelta

import pytest

from inventory.models import Bucket, Reservation, StockLevel, StockMovement
from inventory.services import reservations
from inventory.services.reservations import Demand, NotEnoughStock, PromiseDiffers, ReservationClosed
from omni.models import Activity
from tests.factories.inventory import make_kit, make_listing, make_reservation, make_stock, make_variant
from tests.factories.omni import NOON, make_account, make_channel, make_location

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=30)


def reserve(demands, holder="cart:1", **said):
    values = {"channel": None, "until": LATER, "by": None, "at": NOON, **said}
    return reservations.reserve(holder=holder, demands=demands, **values)


def figures(level):
    level.refresh_from_db()
    return level.on_hand, level.reserved


def demand(level, quantity=1):
    return Demand(level.variant, level.location, quantity)


def test_a_reservation_keeps_units_from_everybody_else():
    level = make_stock(on_hand=5)

    [promise] = reserve([demand(level, 3)])

    assert figures(level) == (5, 3)
    assert (promise.quantity, promise.open_units, promise.state, promise.until) == (3, 3, "open", LATER)
    row = StockMovement.objects.get(bucket=Bucket.RESERVED)
    assert (row.quantity, row.balance, row.kind, row.external_id) == (3, 3, "reserve", promise.public_id)
    assert Activity.objects.get(verb="stock.reserved").data == {"reservations": [promise.public_id], "units": 3}


def test_more_than_is_free_is_refused_whole_and_nothing_changes():
    level, scarce = make_stock(on_hand=5), make_stock(on_hand=5, reserved=4)

    with pytest.raises(NotEnoughStock) as refused:
        reserve([demand(level, 2), demand(scarce, 2)])

    assert refused.value.data["lacks"] == [
        {"sku": scarce.variant.sku, "location": scarce.location.name, "asked": 2, "available": 1}
    ]
    assert figures(level) == (5, 0)
    assert figures(scarce) == (5, 4)
    assert Reservation.objects.count() == 1


def test_a_place_that_never_held_the_variant_has_none_and_gets_no_level():
    variant, store = make_variant(), make_location()

    with pytest.raises(NotEnoughStock):
        reserve([Demand(variant, store, 1)])

    assert not StockLevel.objects.exists()


def test_lines_of_the_same_variant_are_summed_before_the_check_and_kits_by_their_components():
    cup = make_stock(on_hand=5)
    kit = make_kit({cup.variant: 2})

    with pytest.raises(NotEnoughStock) as refused:
        reserve([demand(cup, 2), Demand(kit, cup.location, 2)])
    [promise] = reserve([demand(cup, 1), Demand(kit, cup.location, 2)])

    assert refused.value.data["lacks"][0]["asked"] == 6
    assert (promise.variant, promise.quantity) == (cup.variant, 5)
    assert figures(cup) == (5, 5)


def test_the_same_holder_asking_again_has_the_same_promise_even_when_nothing_is_free():
    level = make_stock(on_hand=3)
    [first] = reserve([demand(level, 3)])

    [again] = reserve([demand(level, 3)])

    assert again.pk == first.pk
    assert figures(level) == (3, 3)
    with pytest.raises(PromiseDiffers) as refused:
        reserve([demand(level, 2)])
    assert refused.value.data == {"sku": level.variant.sku, "promised": 3, "asked": 2}


def test_a_promise_is_handed_over_in_parts_and_once_per_key():
    level = make_stock(on_hand=5)
    [promise] = reserve([demand(level, 3)])

    reservations.commit(reservation=promise, quantity=1, key="parcel-1", by=None, at=LATER)
    reservations.commit(reservation=promise, quantity=1, key="parcel-1", by=None, at=LATER)
    assert figures(level) == (4, 2)
    last = reservations.commit(reservation=promise, by=None, at=LATER)

    assert figures(level) == (2, 0)
    assert (last.state, last.committed, last.closed_at) == ("committed", 3, LATER)
    with pytest.raises(ReservationClosed):
        reservations.commit(reservation=promise, by=None, at=LATER)
    with pytest.raises(ReservationClosed):
        reservations.release(reservation=promise, by=None, at=LATER)
    assert figures(level) == (2, 0)


def test_more_than_is_promised_is_not_handed_over():
    level = make_stock(on_hand=5)
    [promise] = reserve([demand(level, 2)])

    with pytest.raises(NotEnoughStock):
        reservations.commit(reservation=promise, quantity=3, by=None, at=LATER)

    assert figures(level) == (5, 2)


def test_a_release_in_parts_makes_units_free_again():
    level = make_stock(on_hand=5)
    [promise] = reserve([demand(level, 3)])

    reservations.release(reservation=promise, quantity=1, by=None, at=LATER)
    assert figures(level) == (5, 2)
    closed = reservations.release(reservation=promise, by=None, at=LATER)

    assert figures(level) == (5, 0)
    assert (closed.state, closed.released) == ("released", 3)
    assert len(reserve([demand(level, 5)])) == 1


def test_carts_lapse_in_time_and_orders_never():
    level = make_stock(on_hand=5)
    reserve([demand(level, 1)], "cart:1")
    reserve([demand(level, 1)], "cart:2", until=LATER + timedelta(minutes=5))
    reserve([demand(level, 1)], "order:1", until=None)

    assert reservations.release_lapsed(at=LATER) == 1
    assert reservations.release_lapsed(at=LATER) == 0

    assert figures(level) == (5, 2)
    assert Reservation.objects.get(holder="cart:1").state == "expired"


def test_a_promise_that_has_time_left_does_not_expire():
    level = make_stock(on_hand=5)
    [promise] = reserve([demand(level, 1)])

    with pytest.raises(ReservationClosed):
        reservations.expire(reservation=promise, at=NOON)
    reservations.extend(reservation=promise, until=LATER + timedelta(hours=1), by=None, at=NOON)
    with pytest.raises(ReservationClosed):
        reservations.expire(reservation=promise, at=LATER)

    assert figures(level) == (5, 1)


def test_a_cart_becomes_an_order_in_place():
    level = make_stock(on_hand=5)
    [promise] = reserve([demand(level, 2)])

    [order] = reservations.convert(holder="cart:1", into="order:9", by=None, at=NOON)
    [again] = reservations.convert(holder="cart:1", into="order:9", by=None, at=NOON)

    assert order.pk == again.pk == promise.pk
    assert (order.holder, order.until) == ("order:9", None)
    assert figures(level) == (5, 2)
    with pytest.raises(ReservationClosed):
        reservations.convert(holder="cart:2", into="order:10", by=None, at=NOON)


def test_demand_without_a_place_is_held_against_all_the_locations_of_its_channel():
    near = make_stock(on_hand=2)
    far = make_stock(on_hand=1, variant=near.variant)
    make_stock(on_hand=9, variant=near.variant)
    web = make_channel(locations=[near.location, far.location])

    reserve([Demand(near.variant, None, 2)], channel=web)
    with pytest.raises(NotEnoughStock) as refused:
        reserve([Demand(near.variant, None, 2)], "cart:2", channel=web)

    assert refused.value.data["lacks"][0]["available"] == 1
    assert figures(near) == (2, 0)
    assert Reservation.objects.get().level is None


def test_unrouted_demand_is_given_a_place_with_the_check():
    near = make_stock(on_hand=2)
    far = make_stock(on_hand=3, variant=near.variant)
    web = make_channel(locations=[near.location, far.location])
    [waiting] = reserve([Demand(near.variant, None, 4)], channel=web)

    with pytest.raises(NotEnoughStock):
        reservations.route(reservation=waiting, location=near.location, by=None, at=LATER)
    waiting.refresh_from_db()
    assert waiting.open_units == 4
    reservations.route(reservation=waiting, location=near.location, quantity=2, by=None, at=LATER)
    there = reservations.route(reservation=waiting, location=far.location, by=None, at=LATER)

    assert (there.level, there.quantity, there.holder) == (far, 2, "cart:1")
    assert (figures(near), figures(far)) == ((2, 2), (3, 2))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.open_units) == ("released", 0)


def test_a_promise_moves_only_where_units_are_free():
    here = make_stock(on_hand=3)
    full = make_stock(on_hand=2, reserved=1, variant=here.variant)
    free = make_stock(on_hand=2, variant=here.variant)
    [promise] = reserve([demand(here, 2)])

    with pytest.raises(NotEnoughStock):
        reservations.move(reservation=promise, location=full.location, by=None, at=LATER)
    assert (figures(here), figures(full)) == ((3, 2), (2, 1))
    there = reservations.move(reservation=promise, location=free.location, by=None, at=LATER)

    assert (figures(here), figures(free)) == ((3, 0), (2, 2))
    assert there.holder == "cart:1"


def test_listings_that_lose_units_to_demand_without_a_place_are_marked():
    level = make_stock(on_hand=3)
    web = make_channel(locations=[level.location])
    listing = make_listing(level.variant, account=make_account(channel=web))

    make_reservation(variant=level.variant, location=None, channel=web)

    listing.state.refresh_from_db()
    assert (listing.state.dirty, listing.state.version) == (True, 2)
