"""The till: what is scanned, what it costs, and a sale that happens once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import Gtin, Price, PriceList, StockLevel
from omni.models import Activity
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(client):
    place = make_location("store-367")
    make_channel("tills", locations=[place], hue="till", pooled=False)
    client.force_login(make_staff("store_staff", locations=[place]))
    return place


@pytest.fixture
def milk(store):
    milk = make_variant("1029743")
    make_stock(variant=milk, location=store, on_hand=3, at=timezone.now())
    Price.objects.create(
        price_list=PriceList.objects.create(code="base", name="Base", currency="USD"), variant=milk, amount_minor=199
    )
    return milk


def sell(client, **changes):
    answers = {"store": "store-367", "key": "R1", "line": ["1029743*2"], **changes}
    return client.post(reverse("till_sell"), answers)


def test_a_scanned_barcode_puts_a_line_on_the_receipt_and_again_one_more_unit(client, milk):
    Gtin.objects.create(variant=milk, code="4006381333931")

    page = client.get(reverse("till"), {"code": "4006381333931", "line": ["1029743*1"]}).content.decode()

    assert 'value="1029743*2"' in page
    assert "$3.98" in page


def test_words_that_mean_several_products_offer_them(client, milk):
    for sku in ("A1", "A2"):
        make_variant(sku)

    page = client.get(reverse("till"), {"code": "product"}).content.decode()

    assert "A1" in page
    assert "A2" in page


def test_a_sale_takes_the_units_off_the_shelf_once(client, milk, store):
    for _again in range(2):
        assert sell(client).status_code == 200

    assert StockLevel.objects.get(variant=milk, location=store).on_hand == 1
    news = Activity.objects.get(verb="till.sold")
    assert (news.data["units"], news.data["amount_minor"], news.data["currency"]) == (2, 398, "USD")


def test_a_sale_of_more_than_the_ledger_knows_is_booked_and_said(client, milk, store):
    page = sell(client, line=["1029743*5"]).content.decode()

    assert "booked as found" in page
    assert StockLevel.objects.get(variant=milk, location=store).on_hand == 0


def test_an_implausible_quantity_is_refused_and_the_receipt_kept(client, milk, store):
    answer = sell(client, line=["1029743*99999"])

    assert answer.status_code == 422
    assert "1029743*99999" in answer.content.decode()
    assert StockLevel.objects.get(variant=milk, location=store).on_hand == 3


def test_a_clerk_cannot_sell_in_another_store(client, milk):
    other = make_location("store-406")

    assert sell(client, store=other.code).status_code == 404


def test_lines_that_make_no_sense_are_left_out(client, milk):
    page = client.get(reverse("till"), {"line": ["1029743*0", "*3", "1029743*x", "nothing*1"]}).content.decode()

    assert "The receipt is empty." in page
