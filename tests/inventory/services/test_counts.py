"""Counts: blind, compared with what moved meanwhile, and the end of assumptions."""

from datetime import timedelta

import pytest

from inventory.models import Count, Discrepancy
from inventory.services import counts, stock
from inventory.services.counts import CountClosed, StaleStock
from inventory.services.ledger import NotWholeUnits
from omni.models import Activity, WorkItem
from tests.factories.inventory import make_stock
from tests.factories.omni import NOON

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def asked(level, **said):
    return counts.request(level=level, reason="never counted", due_at=LATER, by=None, at=NOON, **said)


def sell(level, quantity, name="b-1"):
    line = stock.SaleLine(level.variant, quantity, name)
    stock.sell(location=level.location, lines=[line], channel=None, source="till", document="", by=None, at=NOON)
    level.refresh_from_db()


def test_a_count_is_asked_for_once_and_lands_on_the_stores_list():
    level = make_stock(on_hand=5)

    first, again = asked(level), asked(level)

    assert first.pk == again.pk
    item = WorkItem.objects.get()
    assert (item.kind, item.location, item.due_at) == ("count", level.location, LATER)


def test_a_count_books_the_difference_and_ends_the_assumption():
    level = make_stock(on_hand=5, assumed=True)

    count = counts.book(count=asked(level), counted=3, sequence=level.sequence, by=None, at=LATER)

    level.refresh_from_db()
    assert (level.on_hand, level.assumed, level.counted_at) == (3, False, LATER)
    assert (count.state, count.counted, count.expected) == ("done", 3, 5)
    assert level.movements.get(kind="count").quantity == -2
    assert WorkItem.objects.get().closed_at == LATER
    assert Activity.objects.get(verb="stock.counted").data["counted"] == 3


def test_a_count_that_agrees_moves_nothing_and_still_ends_the_assumption():
    level = make_stock(on_hand=5, assumed=True)

    counts.book(count=asked(level), counted=5, sequence=level.sequence, by=None, at=LATER)

    level.refresh_from_db()
    assert (level.on_hand, level.assumed, level.movements.count()) == (5, False, 1)


def test_a_shelf_that_moved_while_it_was_counted_must_be_counted_again():
    level = make_stock(on_hand=5)
    count, begun = asked(level), level.sequence
    sell(level, 1)

    with pytest.raises(StaleStock) as refused:
        counts.book(count=count, counted=5, sequence=begun, by=None, at=LATER)

    level.refresh_from_db()
    assert refused.value.data == {"expected": begun, "actual": level.sequence}
    assert (level.on_hand, Count.objects.get().state) == (4, "open")


def test_a_count_closes_what_was_found_on_that_shelf_and_what_waited_for_it():
    level = make_stock(on_hand=1)
    sell(level, 3)
    count = asked(level, discrepancy=Discrepancy.objects.get())

    counts.book(count=count, counted=2, sequence=level.sequence, by=None, at=LATER)

    discrepancy = Discrepancy.objects.get()
    assert (discrepancy.outcome, discrepancy.settled_at, discrepancy.work_item.subject) == (
        "counted", LATER, f"count:{count.public_id}",
    )  # fmt: skip


def test_a_count_is_booked_or_cancelled_once():
    level = make_stock(on_hand=5)
    count = asked(level)
    counts.cancel(count=count, by=None, at=LATER)

    with pytest.raises(CountClosed):
        counts.book(count=count, counted=3, sequence=level.sequence, by=None, at=LATER)
    with pytest.raises(CountClosed):
        counts.cancel(count=count, by=None, at=LATER)

    level.refresh_from_db()
    assert level.on_hand == 5
    assert asked(level).pk != count.pk


@pytest.mark.parametrize("counted", [-1, 2.5, True, None])
def test_a_count_is_a_whole_number(counted):
    level = make_stock(on_hand=5)

    with pytest.raises(NotWholeUnits):
        counts.book(count=asked(level), counted=counted, sequence=level.sequence, by=None, at=LATER)

    assert Count.objects.get().state == "open"
