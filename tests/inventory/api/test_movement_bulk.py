import pytest

from inventory.models import StockLevel, StockMovement
from omni.models import Activity
from tests.factories.inventory import make_stock, make_variant

URL = "/api/v1/stock-movements/bulk/"
SALE = {"kind": "sale", "sku": "TEA-250", "location": "store-1", "quantity": 1, "external_id": "1"}


def test_good_lines_are_taken_and_of_every_bad_one_it_is_said_why(writer, shelf):
    lines = [
        {**SALE, "external_id": "a"},
        {**SALE, "external_id": "b", "sku": "TAE"},
        {**SALE, "external_id": "c", "quantity": 1.5},
        {**SALE, "external_id": "d", "quantity": 900_000},
        {**SALE, "external_id": "a"},
        {**SALE, "external_id": "e", "channel": "fax"},
        {"kind": "adjustment", "sku": "TEA-250", "location": "store-1", "external_id": "f", "target": 3, "expected": 99,
         "reason": "count"},
        {},
        {**SALE, "external_id": "g", "quantity": 2},
    ]  # fmt: skip
    response = writer.post(URL, {"lines": lines})

    assert response.status_code == 200
    answer = response.json()
    assert [(row["line"], row["state"], row.get("code")) for row in answer["results"]] == [
        (0, "booked", None),
        (1, "refused", "unknown_sku"),
        (2, "refused", "invalid"),
        (3, "set_aside", "implausible_quantity"),
        (4, "refused", "duplicate_line"),
        (5, "refused", "unknown_channel"),
        (6, "refused", "stale_stock"),
        (7, "refused", "invalid"),
        (8, "booked", None),
    ]
    assert all(row["detail"] for row in answer["results"] if row["state"] in ("refused", "set_aside"))
    assert (answer["booked"], answer["refused"], answer["set_aside"]) == (2, 6, 1)
    shelf.refresh_from_db()
    assert shelf.on_hand == 7


def test_sending_it_again_repeats_every_line_that_was_taken(writer, shelf):
    body = {"lines": [{**SALE, "external_id": str(number)} for number in range(4)]}
    writer.post(URL, body)
    again = writer.post(URL, body).json()

    assert (again["booked"], again["repeated"]) == (0, 4)
    shelf.refresh_from_db()
    assert shelf.on_hand == 6


def test_the_same_key_gives_the_first_answer(writer, shelf):
    body = {"lines": [SALE, {**SALE, "external_id": "2", "sku": "TAE"}]}
    first, again = writer.post(URL, body, key="k"), writer.post(URL, body, key="k")

    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert first.json()["booked"] == 1


def test_lines_of_one_receipt_are_one_piece_of_news(writer, shelf):
    make_stock(variant=make_variant("CUP"), location=shelf.location, on_hand=5)
    lines = [{**SALE, "leg": "1", "document": "basket:1"}, {**SALE, "leg": "2", "sku": "CUP", "document": "basket:1"}]
    writer.post(URL, {"lines": lines})

    assert Activity.objects.get(verb="till.sold").data["lines"] == 2


def test_one_bad_line_of_a_receipt_does_not_hold_up_the_others(writer, shelf):
    lines = [{**SALE, "leg": "1"}, {**SALE, "leg": "2", "quantity": 900_000}, {**SALE, "leg": "3"}]

    answer = writer.post(URL, {"lines": lines}).json()
    assert [row["state"] for row in answer["results"]] == ["booked", "set_aside", "booked"]


@pytest.mark.parametrize(
    "body", [{"lines": []}, {}, {"lines": [1]}, {"lines": SALE}, {"lines": [SALE], "all": True}, [SALE]]
)
def test_what_is_no_list_of_lines_is_400(writer, shelf, body):
    assert writer.post(URL, body).status_code == 400


def test_more_than_a_thousand_lines_are_refused(writer, shelf):
    lines = [{**SALE, "external_id": str(number)} for number in range(1001)]

    assert writer.post(URL, {"lines": lines}).status_code == 400
    assert StockMovement.objects.filter(kind="sale").count() == 0


def test_a_thousand_lines_of_one_receipt_are_taken_in_few_statements(writer, shelf, django_assert_max_num_queries):
    for number in range(50):
        make_stock(variant=make_variant(f"S{number}"), location=shelf.location, on_hand=20)
    lines = [{**SALE, "sku": f"S{number % 50}", "leg": str(number)} for number in range(1000)]

    with django_assert_max_num_queries(60):
        answer = writer.post(URL, {"lines": lines}).json()
    assert answer["booked"] == 1000
    assert StockLevel.objects.filter(on_hand=0).count() == 50


def test_a_key_that_reads_does_not_book(reader, shelf):
    assert reader.post(URL, {"lines": [SALE]}).status_code == 403
