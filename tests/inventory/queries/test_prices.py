"""Which of several price lists holds."""

from datetime import timedelta

import pytest

from inventory.models import Price, PriceList
from inventory.queries.prices import price_of, prices_of
from tests.factories.inventory import make_variant
from tests.factories.omni import NOON, make_channel

pytestmark = pytest.mark.django_db


def make_price(variant, amount, **values):
    code = f"list-{PriceList.objects.count()}"
    price_list = PriceList.objects.create(code=code, name=code, **{"currency": "USD", **values})
    Price.objects.create(price_list=price_list, variant=variant, amount_minor=amount)


def test_a_variant_that_no_list_names_has_no_price():
    assert price_of(make_variant(), channel=make_channel(), at=NOON) is None


def test_the_list_of_a_channel_goes_before_the_common_one_and_only_there():
    milk, web, till = make_variant(), make_channel(), make_channel()
    make_price(milk, 199)
    make_price(milk, 179, channel=web)

    assert price_of(milk, channel=web, at=NOON).amount_minor == 179
    assert price_of(milk, channel=till, at=NOON).amount_minor == 199


def test_an_offer_holds_from_its_first_moment_until_just_before_its_last():
    milk = make_variant()
    make_price(milk, 199)
    make_price(milk, 149, priority=5, starts_at=NOON, ends_at=NOON + timedelta(days=1))

    amounts = [
        price_of(milk, channel=None, at=NOON + gap).amount_minor
        for gap in (-timedelta(seconds=1), timedelta(0), timedelta(days=1))
    ]
    assert amounts == [199, 149, 199]


def test_many_prices_take_two_queries(django_assert_num_queries):
    variants = [make_variant() for _n in range(5)]
    for variant in variants:
        make_price(variant, 100)

    with django_assert_num_queries(2):
        assert len(prices_of([variant.pk for variant in variants], channel=None, at=NOON)) == 5
