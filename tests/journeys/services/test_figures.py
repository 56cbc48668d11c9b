"""A sale at a till reaches the rollup of its day once; goods taken back leave it."""

from datetime import date

import pytest

from journeys.models import SalesDay
from journeys.subscribers import count_sale
from omni import activity
from omni.activity import record
from tests.factories.omni import NOON, make_channel, make_location

pytestmark = pytest.mark.django_db
SOLD = {"units": 3, "lines": 2, "amount_minor": 1250, "currency": "USD", "day": "2026-03-02", "origin": "real"}


def test_a_sale_is_added_to_the_day_of_its_store():
    store, tills = make_location(), make_channel("tills")
    news = record("till.sold", subject="receipt:1", at=NOON, channel=tills, location=store, **SOLD)

    count_sale(news, at=NOON)
    count_sale(record("till.sold", subject="receipt:2", at=NOON, channel=tills, location=store, **SOLD), at=NOON)

    day = SalesDay.objects.get()
    assert (day.day, day.location, day.channel, day.origin) == (date(2026, 3, 2), store, tills, "real")
    assert (day.paid_minor, day.baskets, day.lines, day.units) == (2500, 2, 4, 6)


def test_goods_taken_back_leave_money_and_units_but_are_no_basket():
    store, tills = make_location(), make_channel("tills")
    count_sale(record("till.sold", subject="r:1", at=NOON, channel=tills, location=store, **SOLD), at=NOON)

    back = SOLD | {"units": 1, "lines": 1, "amount_minor": 250}
    count_sale(record("till.returned", subject="r:1", at=NOON, channel=tills, location=store, **back), at=NOON)

    day = SalesDay.objects.get()
    assert (day.paid_minor, day.baskets, day.units) == (1000, 1, 2)


def test_the_relay_counts_each_sale_once():
    store, tills = make_location(), make_channel("tills")
    record("till.sold", subject="r:1", at=NOON, channel=tills, location=store, **SOLD)

    for _again in range(2):
        activity.relay(at=NOON)
        activity.deliver(at=NOON)

    assert SalesDay.objects.get().baskets == 1
