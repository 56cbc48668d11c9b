"""Transfers: nothing vanishes between two stores."""

import pytest

from inventory.models import StockLevel, StockMovement
from inventory.services import transfers
from inventory.services.transfers import Arrival, Cargo, MoreThanSent, NotEnoughStock, WrongState
from omni.models import WorkItem
from tests.factories.inventory import make_stock
from tests.factories.omni import NOON, make_location

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    return make_stock(on_hand=10, reserved=2)


def sent(level, quantity=5, receiver=None):
    transfer = transfers.draft(
        sender=level.location, receiver=receiver or make_location(), cargo=[Cargo(level.variant, quantity)], by=None,
        at=NOON,
    )  # fmt: skip
    return transfers.send(transfer=transfer, by=None, at=NOON)


def arrive(transfer, level, received, lost=0, key=""):
    arrivals = [Arrival(level.variant, received, lost)]
    return transfers.receive(transfer=transfer, arrivals=arrivals, by=None, at=NOON, key=key)


def there(transfer, level):
    shelf = StockLevel.objects.get(variant=level.variant, location=transfer.receiver)
    return shelf.on_hand, shelf.in_transit


def test_what_leaves_is_on_its_way_and_on_the_receivers_list(level):
    transfer = sent(level)

    level.refresh_from_db()
    assert (level.on_hand, level.reserved) == (5, 2)
    assert there(transfer, level) == (0, 5)
    item = WorkItem.objects.get()
    assert (item.kind, item.location, item.closed_at) == ("transfer.receive", transfer.receiver, None)


def test_what_arrives_in_parts_and_what_is_lost_add_up_to_what_left(level):
    transfer = sent(level)

    arrive(transfer, level, 2)
    assert (there(transfer, level), transfer.state) == ((2, 3), "sent")
    done = arrive(transfer, level, 2, lost=1)

    assert there(transfer, level) == (4, 0)
    assert (done.state, done.received_at) == ("received", NOON)
    assert WorkItem.objects.get().closed_at == NOON
    line = transfer.lines.get()
    assert (line.sent, line.received, line.lost) == (5, 4, 1)


def test_a_delivery_that_is_said_twice_under_one_key_is_booked_once(level):
    transfer = sent(level)

    for _time in range(2):
        arrive(transfer, level, 2, key="scan-1")

    assert there(transfer, level) == (2, 3)


def test_more_than_is_on_its_way_does_not_arrive(level):
    transfer = sent(level)
    before = StockMovement.objects.count()

    with pytest.raises(MoreThanSent) as refused:
        arrive(transfer, level, 4, lost=2)

    assert refused.value.data == {"sku": level.variant.sku, "on_the_way": 5, "given": 6}
    assert StockMovement.objects.count() == before


def test_promised_units_are_not_sent_away_and_nothing_leaves(level):
    transfer = transfers.draft(
        sender=level.location, receiver=make_location(), cargo=[Cargo(level.variant, 9)], by=None, at=NOON
    )

    with pytest.raises(NotEnoughStock):
        transfers.send(transfer=transfer, by=None, at=NOON)

    transfer.refresh_from_db()
    level.refresh_from_db()
    assert (transfer.state, level.on_hand) == ("draft", 10)
    assert not WorkItem.objects.exists()


def test_a_transfer_leaves_once_and_is_dropped_only_before(level):
    transfer = sent(level)

    with pytest.raises(WrongState):
        transfers.send(transfer=transfer, by=None, at=NOON)
    with pytest.raises(WrongState):
        transfers.cancel(transfer=transfer, by=None, at=NOON)
    arrive(transfer, level, 5)
    with pytest.raises(WrongState):
        arrive(transfer, level, 1)

    assert there(transfer, level) == (5, 0)
