"""Looking at stock and moving it by hand, in the browser's words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Count, StockLevel, StockMovement, Transfer
from inventory.services import pace, stock
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return make_location("store-367")


@pytest.fixture
def manager(client, store):
    staff = make_staff("store_manager", locations=[store])
    client.force_login(staff)
    return staff


def milk_at(store, **figures):
    return make_stock(variant=make_variant("1029743"), location=store, at=timezone.now() - timedelta(days=3), **figures)


def change(client, level, kind, **answers):
    address = reverse("stock_change", args=[level.variant.public_id, kind])
    return client.post(address, {"location": level.location_id, "entry": "E1", **answers})


def test_the_list_shows_each_variant_with_its_stock_and_the_fastest_first(client, manager, store):
    slow, fast = milk_at(store, on_hand=7), make_stock(location=store, on_hand=9)
    stock.sell(
        location=store, lines=[stock.SaleLine(fast.variant, 4, "r1")], channel=None, source="till", document="",
        by=None, at=timezone.now(),
    )  # fmt: skip
    pace.refresh(at=timezone.now())

    page = client.get(reverse("stock")).content.decode()

    assert page.index(fast.variant.sku) < page.index(slow.variant.sku)
    assert "7</a>" in page


def test_the_list_asks_few_questions_whatever_its_length(client, manager, store, django_assert_max_num_queries):
    for _n in range(30):
        make_stock(location=store, on_hand=3)

    with django_assert_max_num_queries(14):
        assert client.get(reverse("stock"), {"view": "all"}).status_code == 200


def test_a_store_sees_what_is_sold_out_on_its_own_shelf(client, manager, store):
    gone = milk_at(store, on_hand=0)
    make_stock(variant=gone.variant, location=make_location(), on_hand=5)
    there = make_stock(location=store, on_hand=2)

    page = client.get(reverse("stock"), {"state": "out", "store": store.code}).content.decode()

    assert gone.variant.sku in page
    assert there.variant.sku not in page


def test_a_figure_explains_itself_now_and_on_a_past_day(client, manager, store):
    level = milk_at(store, on_hand=10)
    channel = make_channel("web", locations=[store])
    stock.receive(
        variant=level.variant, location=store, quantity=5, source="t", external_id="2", by=None, at=timezone.now()
    )
    address = reverse("stock_why", args=[level.variant.public_id])

    now = client.get(address, {"channel": channel.code}, headers={"HX-Request": "true"}).content.decode()
    day = (timezone.now() - timedelta(days=1)).date().isoformat()
    then = client.get(address, {"channel": channel.code, "at": day}, headers={"HX-Request": "true"}).content.decode()

    assert '<span class="o-hero">15</span>' in now.replace("\n", "")
    assert '<span class="o-hero">10</span>' in then.replace("\n", "")


def test_without_javascript_the_explanation_is_a_page(client, manager, store):
    level = milk_at(store, on_hand=10)
    channel = make_channel("web", locations=[store])

    page = client.get(reverse("stock_why", args=[level.variant.public_id]), {"channel": channel.code}).content.decode()

    assert "<html" in page
    assert "o-wf" in page


def test_a_receipt_is_booked_once_however_often_it_is_sent(client, manager, store):
    level = milk_at(store, on_hand=1)

    for _again in range(2):
        assert change(client, level, "receive", quantity=6).status_code == 204

    level.refresh_from_db()
    assert level.on_hand == 7


def test_a_correction_of_a_figure_that_changed_meanwhile_is_refused_and_says_both(client, manager, store):
    level = milk_at(store, on_hand=10)

    answer = change(client, level, "adjust", target=4, expected=9, reason="damaged")

    assert answer.status_code == 422
    assert "9" in answer.content.decode()
    level.refresh_from_db()
    assert level.on_hand == 10


def test_a_manager_cannot_move_the_stock_of_another_store(client, manager):
    other = milk_at(make_location(), on_hand=10)

    answer = change(client, other, "receive", quantity=5)

    assert answer.status_code == 422
    other.refresh_from_db()
    assert other.on_hand == 10


def test_units_are_set_apart_and_put_back(client, manager, store):
    level = milk_at(store, on_hand=5)

    change(client, level, "apart", quantity=2, reason="damaged")
    change(client, level, "back", quantity=1, reason="damaged", entry="E2")

    level.refresh_from_db()
    assert (level.on_hand, level.unavailable) == (5, 1)


def test_a_transfer_leaves_once_and_is_taken_in_by_the_other_store(client, manager, store):
    level, other = milk_at(store, on_hand=5), make_location("store-406")

    for _again in range(2):
        assert change(client, level, "send", quantity=3, receiver=other.pk, entry="T1").status_code == 204

    transfer = Transfer.objects.get()
    client.force_login(make_staff("store_staff", locations=[other]))
    line = transfer.lines.get()
    answers = {f"line-{line.pk}-received": 2, f"line-{line.pk}-lost": 1, "key": "K1"}
    assert client.post(reverse("transfer_receive", args=[transfer.public_id]), answers).status_code == 302
    here, there = (StockLevel.objects.get(variant=level.variant, location=place) for place in (store, other))
    assert (here.on_hand, there.on_hand, there.in_transit) == (2, 2, 0)


def test_a_transfer_between_other_stores_does_not_exist_for_a_manager(client, manager):
    transfer = Transfer.objects.create(
        sender=make_location(), receiver=make_location(), created_at=timezone.now(), public_id="T9"
    )

    assert client.get(reverse("transfer", args=[transfer.public_id])).status_code == 404


def test_a_count_is_blind_and_books_the_difference(client, manager, store):
    level = milk_at(store, on_hand=1777, assumed=True)
    client.post(reverse("count_request", args=[level.variant.public_id]), {"location": store.code})
    count = Count.objects.get()

    page = client.get(reverse("count", args=[count.public_id])).content.decode()
    assert "1777" not in page.split("<main")[1].split("</main>")[0].replace(level.variant.sku, "")
    answer = client.post(reverse("count", args=[count.public_id]), {"counted": 1775, "sequence": level.sequence})

    assert (answer.status_code, answer.url) == (302, reverse("today"))
    level.refresh_from_db()
    assert (level.on_hand, level.assumed) == (1775, False)


def test_a_count_of_a_shelf_that_moved_meanwhile_books_nothing_and_asks_again(client, manager, store):
    level = milk_at(store, on_hand=17)
    client.post(reverse("count_request", args=[level.variant.public_id]), {"location": store.code})
    count = Count.objects.get()
    before = StockMovement.objects.count()

    answer = client.post(reverse("count", args=[count.public_id]), {"counted": 15, "sequence": level.sequence - 1})

    assert answer.status_code == 422
    assert StockMovement.objects.count() == before


def test_a_count_in_another_store_does_not_exist_for_a_manager(client, manager):
    level = milk_at(make_location(), on_hand=3)
    assert (
        client.post(
            reverse("count_request", args=[level.variant.public_id]), {"location": level.location.code}
        ).status_code
        == 404
    )
