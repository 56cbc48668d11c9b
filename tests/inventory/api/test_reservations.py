from datetime import timedelta

import pytest
from django.utils import timezone

from inventory.models import Reservation, StockLevel
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_account, make_channel
from tests.omni.api.helpers import caller_of

URL = "/api/v1/reservations/"
TWO = {"holder": "cart:1", "lines": [{"sku": "TEA-250", "location": "store-1", "quantity": 2}]}


def reserved() -> list[int]:
    return list(StockLevel.objects.order_by("pk").values_list("reserved", flat=True))


def test_units_are_promised_to_a_holder(writer, shelf):
    response = writer.post(URL, {**TWO, "channel": "web", "ttl": 900})

    assert response.status_code == 201
    (promise,) = response.json()["reservations"]
    assert (promise["holder"], promise["sku"], promise["location"], promise["channel"]) == (
        "cart:1", "TEA-250", "store-1", "web",
    )  # fmt: skip
    assert (promise["quantity"], promise["open"], promise["state"]) == (2, 2, "open")
    assert reserved() == [2]
    left = Reservation.objects.get().until - timezone.now()
    assert timedelta(seconds=890) < left <= timedelta(seconds=900)


def test_an_order_is_promised_all_lines_or_none(writer, shelf):
    scarce = make_stock(variant=make_variant("CUP"), location=shelf.location, on_hand=1)
    response = writer.post(URL, {**TWO, "lines": [*TWO["lines"], {"sku": "CUP", "location": "store-1", "quantity": 2}]})

    assert response.status_code == 409
    problem = response.json()
    assert problem["code"] == "not_enough_stock"
    assert problem["data"]["lacks"][0]["sku"] == "CUP"
    assert reserved() == [0, 0]
    assert scarce.pk


def test_demand_without_a_location_is_taken_from_the_channel(writer, shelf):
    response = writer.post(URL, {"holder": "order:1", "channel": "web", "lines": [{"sku": "TEA-250", "quantity": 3}]})

    assert response.status_code == 201
    assert response.json()["reservations"][0]["location"] is None


def test_every_line_that_is_not_known_is_named(writer, shelf):
    lines = [
        *TWO["lines"],
        {"sku": "X", "location": "store-1", "quantity": 1},
        {"sku": "Y", "location": "Z", "quantity": 1},
    ]
    response = writer.post(URL, {**TWO, "lines": lines})

    assert response.status_code == 422
    problem = response.json()
    assert problem["code"] == "unknown_sku"
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        ("lines.1.sku", "unknown_sku"), ("lines.2.sku", "unknown_sku"), ("lines.2.location", "unknown_location"),
    ]  # fmt: skip
    assert reserved() == [0]


@pytest.mark.parametrize(
    "change",
    [
        {"lines": []},
        {"lines": [{"sku": "TEA-250", "location": "store-1", "quantity": 0}]},
        {"lines": [{"sku": "TEA-250", "location": "store-1", "quantity": 1.5}]},
        {"lines": [{"sku": "TEA-250", "location": "store-1", "quantity": 1, "price": 2}]},
        {"lines": TWO["lines"] * 201},
        {"holder": ""},
        {"holder": "x" * 81},
        {"ttl": 0},
        {"ttl": 60, "until": "2126-01-01T00:00:00Z"},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": "2126-01-01T00:00:00Z"},
        {"state": "committed"},
        {"id": "MINE"},
    ],
)
def test_what_does_not_fit_is_refused_and_promises_nothing(writer, shelf, change):
    assert writer.post(URL, {**TWO, **change}).status_code == 400
    assert reserved() == [0]


def test_the_same_key_promises_once(writer, shelf):
    first = writer.post(URL, TWO, key="k")
    again = writer.post(URL, TWO, key="k")

    assert first.content == again.content
    assert again["Idempotency-Replayed"] == "true"
    assert reserved() == [2]


def test_the_same_holder_asking_again_is_the_same_promise(writer, shelf):
    first, again = writer.post(URL, TWO), writer.post(URL, TWO)

    assert first.content == again.content
    assert reserved() == [2]


def test_a_part_is_handed_over_and_the_rest_given_back(writer, shelf):
    name = writer.post(URL, TWO).json()["reservations"][0]["id"]

    part = writer.post(f"{URL}{name}/commit/", {"quantity": 1})
    assert part.status_code == 200
    assert (part.json()["committed"], part.json()["open"]) == (1, 1)
    rest = writer.post(f"{URL}{name}/release/", "")
    assert (rest.json()["released"], rest.json()["open"]) == (1, 0)
    shelf.refresh_from_db()
    assert (shelf.on_hand, shelf.reserved) == (9, 0)


def test_a_closed_promise_is_not_closed_again(writer, shelf):
    name = writer.post(URL, TWO).json()["reservations"][0]["id"]
    writer.post(f"{URL}{name}/release/", {})

    for verb in ("commit", "release"):
        response = writer.post(f"{URL}{name}/{verb}/", {})
        assert response.status_code == 409
        assert response.json()["code"] == "reservation_closed"


def test_a_hand_over_that_is_sent_twice_happens_once(writer, shelf):
    name = writer.post(URL, TWO).json()["reservations"][0]["id"]
    answers = [writer.post(f"{URL}{name}/commit/", {"quantity": 1}, key="c").json() for _time in range(2)]

    assert answers[0] == answers[1]
    shelf.refresh_from_db()
    assert shelf.on_hand == 9


def test_more_than_is_open_is_not_handed_over(writer, shelf):
    name = writer.post(URL, TWO).json()["reservations"][0]["id"]

    assert writer.post(f"{URL}{name}/commit/", {"quantity": 3}).status_code == 409
    assert reserved() == [2]


def test_reservations_are_listed_by_holder_and_read_one_by_one(writer, reader, shelf):
    promise = writer.post(URL, TWO).json()["reservations"][0]
    writer.post(URL, {**TWO, "holder": "cart:2"})

    assert reader.get(URL, {"holder": "cart:1"}).json()["results"] == [promise]
    assert len(reader.get(URL, {"state": "open"}).json()["results"]) == 2
    assert reader.get(f"{URL}{promise['id']}/").json() == promise
    assert reader.get(f"{URL}NOTHING/").status_code == 404
    assert reader.get(f"{URL}%00/").status_code == 404


def test_a_key_that_reads_does_not_promise(reader, shelf):
    assert reader.post(URL, TWO).status_code == 403
    assert reserved() == [0]


def test_a_key_of_a_channel_acts_and_looks_there_only(writer, shelf):
    account = make_account(channel=make_channel("till", locations=[shelf.location]))
    till = caller_of("reservations:read", "reservations:write", account=account)
    foreign = writer.post(URL, {**TWO, "channel": "web"}).json()["reservations"][0]["id"]

    response = till.post(URL, {**TWO, "holder": "b", "channel": "web"})
    assert response.status_code == 403
    assert response.json()["code"] == "other_channel"
    assert till.post(URL, {**TWO, "holder": "b"}).json()["reservations"][0]["channel"] == "till"
    assert till.get(f"{URL}{foreign}/").status_code == 404
    assert till.post(f"{URL}{foreign}/release/", {}).status_code == 404
    assert len(till.get(URL).json()["results"]) == 1


def test_a_promise_costs_a_constant_number_of_statements(writer, shelf, django_assert_max_num_queries):
    for number in range(20):
        make_stock(variant=make_variant(f"S{number}"), location=shelf.location, on_hand=5)
    lines = [{"sku": f"S{number}", "location": "store-1", "quantity": 1} for number in range(20)]
    writer.post(URL, TWO)

    with django_assert_max_num_queries(45):
        assert writer.post(URL, {"holder": "big", "lines": lines}, key="k").status_code == 201
