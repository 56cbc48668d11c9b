"""Price lists and prices: the present is changed, the past stays."""

from datetime import timedelta

import pytest

from inventory.models import Price, PriceList
from inventory.queries.prices import price_of, why_price
from inventory.services import prices
from inventory.services.catalogue import CodeTaken, InvalidValue
from inventory.services.prices import ListClosed, PastPeriod
from omni.models import Activity
from tests.factories.inventory import make_variant
from tests.factories.omni import NOON, make_channel

pytestmark = pytest.mark.django_db
SAID = {"by": None, "at": NOON}
DAY = timedelta(days=1)


def make_list(name="Shelf", **values):
    return prices.create_price_list(**{"name": name, "currency": "USD", **SAID, **values})


def test_a_list_holds_from_now_on_unless_it_begins_later():
    milk, offer = make_variant(), make_list("Offer", priority=5, starts_at=NOON + DAY, ends_at=NOON + 2 * DAY)
    prices.set_prices(price_list=make_list(), amounts={milk: 199}, **SAID)
    prices.set_prices(price_list=offer, amounts={milk: 149}, **SAID)

    held = [price_of(milk, channel=None, at=NOON + gap) for gap in (-DAY, timedelta(0), DAY, 2 * DAY)]
    assert [quote and quote.amount_minor for quote in held] == [None, 199, 149, 199]


@pytest.mark.parametrize(
    ("starts", "ends"), [(-DAY, None), (-DAY, DAY), (timedelta(0), timedelta(0)), (2 * DAY, DAY), (None, -DAY)]
)
def test_a_period_in_the_past_or_without_length_is_refused(starts, ends):
    with pytest.raises(PastPeriod):
        make_list(starts_at=None if starts is None else NOON + starts, ends_at=None if ends is None else NOON + ends)
    assert not PriceList.objects.exists()


def test_what_is_no_currency_is_refused():
    for currency in ("XXQ", "", "$", "DOLLAR"):
        with pytest.raises(InvalidValue):
            make_list(currency=currency)
    assert make_list(currency="myr").currency == "MYR"


def test_a_code_is_used_once():
    make_list(code="shelf")
    with pytest.raises(CodeTaken):
        make_list("Other", code="shelf")


def test_prices_are_written_changed_and_taken_away_and_each_change_is_news():
    milk, oats, tea = make_variant(), make_variant(), make_variant()
    shelf = make_list()
    prices.set_prices(price_list=shelf, amounts={milk: 199, oats: 99, tea: 0}, **SAID)
    before = list(Activity.objects.values_list("pk", flat=True))

    changed = prices.set_prices(price_list=shelf, amounts={milk: 209, oats: 99, tea: None}, **SAID)

    assert set(changed) == {milk, tea}
    assert dict(Price.objects.values_list("variant__sku", "amount_minor")) == {milk.sku: 209, oats.sku: 99}
    fresh = Activity.objects.filter(verb="price.changed").exclude(pk__in=before)
    news = {row.subject: (row.data["before"], row.data["after"]) for row in fresh}
    assert news == {f"variant:{milk.public_id}": (199, 209), f"variant:{tea.public_id}": (0, None)}


@pytest.mark.parametrize("amount", [-1, 10**12 + 1])
def test_a_price_out_of_range_is_refused_and_none_is_written(amount):
    with pytest.raises(InvalidValue):
        prices.set_prices(price_list=make_list(), amounts={make_variant(): 1, make_variant(): amount}, **SAID)
    assert not Price.objects.exists()


def test_a_list_that_has_ended_is_history():
    milk, shelf = make_variant(), make_list()
    prices.set_prices(price_list=shelf, amounts={milk: 199}, **SAID)
    prices.end_price_list(price_list=shelf, ends_at=NOON + DAY, **SAID)
    after = {"by": None, "at": NOON + DAY}

    for change in (
        lambda: prices.set_prices(price_list=shelf, amounts={milk: 1}, **after),
        lambda: prices.end_price_list(price_list=shelf, ends_at=NOON + 2 * DAY, **after),
        lambda: prices.update_price_list(price_list=shelf, name="New", priority=9, **after),
    ):
        with pytest.raises(ListClosed):
            change()
    assert price_of(milk, channel=None, at=NOON).amount_minor == 199
    assert price_of(milk, channel=None, at=NOON + DAY) is None


def test_a_list_is_not_ended_in_the_past_and_one_that_never_held_is_taken_back():
    shelf, later = make_list(), make_list("Later", starts_at=NOON + DAY)

    with pytest.raises(PastPeriod):
        prices.end_price_list(price_list=shelf, ends_at=NOON - DAY, **SAID)
    prices.end_price_list(price_list=later, ends_at=NOON, **SAID)

    assert list(PriceList.objects.all()) == [shelf]


def test_why_a_price_holds_names_every_list_that_has_one():
    milk, web, till = make_variant(), make_channel("web"), make_channel("till")
    lists = {
        "Shelf": make_list(),
        "Web": make_list("Web", channel=web),
        "Tills": make_list("Tills", channel=till),
        "Soon": make_list("Soon", starts_at=NOON + DAY, priority=9),
        "Was": make_list("Was", ends_at=NOON + DAY / 2, priority=9),
    }
    for number, price_list in enumerate(lists.values()):
        prices.set_prices(price_list=price_list, amounts={milk: 100 + number}, **SAID)

    grounds = why_price(milk, channel=web, at=NOON + DAY / 2)

    assert [(one.price_list.name, one.amount_minor, one.verdict) for one in grounds] == [
        ("Web", 101, "holds"),
        ("Shelf", 100, "beaten"),
        ("Soon", 103, "not_yet"),
        ("Was", 104, "over"),
        ("Tills", 102, "elsewhere"),
    ]
    assert price_of(milk, channel=web, at=NOON + DAY / 2).amount_minor == 101
