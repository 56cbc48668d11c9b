"""Prices in the browser's words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Price, PriceList
from inventory.services import prices
from tests.factories.inventory import make_variant
from tests.factories.omni import make_channel, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def online(client):
    client.force_login(make_staff("online_staff"))


@pytest.fixture
def shelf():
    now = timezone.now() - timedelta(days=1)
    return prices.create_price_list(name="Shelf", currency="USD", by=None, at=now)


def test_a_list_is_added_for_a_channel_from_now_on(client):
    web = make_channel("web")
    answer = client.post(
        reverse("price_list_add"), {"name": "Web prices", "currency": "usd", "channel": web.pk, "priority": "3"}
    )

    made = PriceList.objects.get()
    assert answer.url == reverse("price_list", args=["web-prices"])
    assert (made.currency, made.channel, made.priority) == ("USD", web, 3)
    assert made.starts_at <= timezone.now()


def test_a_list_in_the_past_is_refused_with_a_sentence(client):
    sent = {"name": "Old", "currency": "USD", "priority": "0", "starts_at": "2020-01-01T00:00"}
    answer = client.post(reverse("price_list_add"), sent)
    assert answer.status_code == 422
    assert "what held in the past stays" in answer.content.decode()


def test_a_price_is_set_found_changed_and_taken_away(client, shelf):
    milk = make_variant("1029743")
    there = reverse("price_set", args=[shelf.code])

    client.post(there, {"variant": "1029743", "amount": "1.99"})
    assert Price.objects.get().amount_minor == 199
    page = client.get(reverse("price_list", args=[shelf.code]), {"q": "1029743"}).content.decode()
    assert "$1.99" in page

    drawer = client.get(there, {"variant": milk.public_id}, headers={"HX-Request": "true"}).content.decode()
    assert 'value="1.99"' in drawer
    assert "<html" not in drawer
    client.post(there, {"variant": "1029743", "amount": ""})
    assert not Price.objects.exists()


@pytest.mark.parametrize(("sku", "amount"), [("A1", "-1"), ("A1", "1.999"), ("nobody", "1"), ("A1", "x")])
def test_a_price_that_is_none_is_explained_over_the_list(client, shelf, sku, amount):
    make_variant("A1")
    answer = client.post(reverse("price_set", args=[shelf.code]), {"variant": sku, "amount": amount})
    assert answer.status_code == 422
    assert "o-error" in answer.content.decode()
    assert not Price.objects.exists()


def test_a_list_is_ended_after_saying_what_that_takes_away(client, shelf):
    prices.set_prices(price_list=shelf, amounts={make_variant(): 1}, by=None, at=timezone.now())
    there = reverse("price_list_end", args=[shelf.code])

    assert "1 price stops to hold" in client.get(there, headers={"HX-Request": "true"}).content.decode()
    client.post(there, {"ends_at": ""})

    shelf.refresh_from_db()
    assert shelf.ends_at <= timezone.now()
    assert "has ended" in client.post(there, {"ends_at": ""}).content.decode()


def test_why_this_price_names_the_list_that_holds(client, shelf):
    milk, web = make_variant(), make_channel("web")
    prices.set_prices(price_list=shelf, amounts={milk: 199}, by=None, at=timezone.now())
    there = reverse("price_why", args=[milk.public_id])

    for page in (client.get(there), client.get(there, {"channel": web.code}, headers={"HX-Request": "true"})):
        assert "holds" in page.content.decode()
        assert "$1.99" in page.content.decode()


def test_lists_are_narrowed_by_whether_they_hold(client, shelf):
    later = timezone.now() + timedelta(days=3)
    prices.create_price_list(name="Spring", currency="USD", starts_at=later, by=None, at=timezone.now())

    now, soon = (client.get(reverse("price_lists"), {"state": state}).content.decode() for state in ("now", "later"))
    assert ("Shelf" in now, "Spring" in now) == (True, False)
    assert ("Shelf" in soon, "Spring" in soon) == (False, True)
