"""Today: what waits in a store, and what its scan box understands."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Count
from inventory.services import counts
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_location, make_staff

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def store(client):
    place = make_location("store-367")
    client.force_login(make_staff("store_manager", locations=[place]))
    return place


def ask_for_count(place, due_in: timedelta):
    level = make_stock(location=place, on_hand=3)
    return counts.request(level=level, reason="asked", due_at=timezone.now() + due_in, by=None, at=timezone.now())


def test_work_stands_by_deadline_and_only_that_of_the_own_store(client, store):
    late, soon = ask_for_count(store, -timedelta(hours=1)), ask_for_count(store, timedelta(hours=1))
    elsewhere = ask_for_count(make_location(), timedelta(hours=1))

    page = client.get(reverse("today")).content.decode()

    assert page.index(late.public_id) < page.index(soon.public_id)
    assert 'id="h-late"' in page
    assert elsewhere.public_id not in page


def test_nothing_to_do_is_said_in_one_sentence(client, store):
    assert "Nothing waits." in client.get(reverse("today")).content.decode()


def test_the_scan_box_opens_what_a_code_means(client, store):
    milk = make_variant("1029743")

    answer = client.get(reverse("today_scan"), {"code": "1029743"}, headers=HTMX)

    assert answer.headers["HX-Redirect"].startswith(reverse("stock_item", args=[milk.public_id]))


def test_a_code_that_nobody_knows_is_said_and_heard(client, store):
    answer = client.get(reverse("today_scan"), {"code": "<b>x</b>"}, headers=HTMX)

    assert answer.status_code == 422
    assert "&lt;b&gt;" in answer.content.decode()
    assert '"ok": false' in answer.headers["HX-Trigger"]


def test_a_round_asks_for_the_uncounted_and_never_twice(client, store):
    for _n in range(3):
        make_stock(location=store, on_hand=3, assumed=True)
    make_stock(location=store, on_hand=3)

    for _again in range(2):
        client.post(reverse("today_round"), {"store": store.code}, headers=HTMX)

    assert Count.objects.open().count() == 3


def test_a_round_in_another_store_is_not_for_this_manager(client, store):
    other = make_location("store-406")
    make_stock(location=other, on_hand=3, assumed=True)

    client.post(reverse("today_round"), {"store": other.code}, headers=HTMX)

    assert not Count.objects.exists()
