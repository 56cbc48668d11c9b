import pytest

from tests.factories.inventory import make_reservation, make_stock
from tests.factories.omni import make_account, make_channel, make_location
from tests.omni.api.helpers import caller_of

URL = "/api/v1/availability/"


def figures(response) -> dict[str, int]:
    assert response.status_code == 200, response.content
    return {row["channel"]: row["available"] for row in response.json()["channels"]}


def test_each_channel_says_what_it_may_promise_and_the_terms_add_up(reader, shelf):
    make_reservation(variant=shelf.variant, location=shelf.location, quantity=3)
    response = reader.get(URL, {"sku": "TEA-250"})

    assert figures(response) == {"web": 7}
    (channel,) = response.json()["channels"]
    assert sum(term["units"] for term in channel["terms"]) == 7
    assert {term["name"]: term["units"] for term in channel["terms"]}["reserved"] == -3
    on_hand = next(term for term in channel["terms"] if term["name"] == "on_hand")
    assert on_hand["parts"] == [{"location": "store-1", "units": 10, "rule": "", "assumed": False}]


def test_a_channel_that_is_not_pooled_tells_shelf_by_shelf(reader, shelf):
    other = make_stock(variant=shelf.variant, location=make_location("store-2"), on_hand=4)
    make_channel("tills", locations=[shelf.location, other.location], pooled=False)

    response = reader.get(URL, {"sku": "TEA-250", "channel": "tills"})
    (channel,) = response.json()["channels"]
    assert channel["shelves"] == [
        {"location": "store-1", "available": 10},
        {"location": "store-2", "available": 4},
    ]
    assert channel["available"] == 14


def test_a_key_of_a_channel_is_told_of_its_own(shelf):
    account = make_account(channel=make_channel("till", locations=[shelf.location]))
    till = caller_of("stock:read", account=account)

    assert figures(till.get(URL, {"sku": "TEA-250"})) == {"till": 10}
    assert till.get(URL, {"sku": "TEA-250", "channel": "web"}).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"sku": ""}, 400),
        ({"sku": "x" * 61}, 400),
        ({"sku": "TEA-250", "store": "store-1"}, 400),
        ({"sku": "TAE"}, 422),
        ({"sku": "TEA-250", "channel": "fax"}, 422),
    ],
)
def test_what_cannot_be_answered_is_refused(reader, shelf, query, status):
    assert reader.get(URL, query).status_code == status


def test_more_channels_and_locations_cost_no_more_statements(reader, shelf, django_assert_max_num_queries):
    for number in range(6):
        place = make_stock(variant=shelf.variant, location=make_location(f"more-{number}"), on_hand=1).location
        make_channel(f"channel-{number}", locations=[shelf.location, place])

    with django_assert_max_num_queries(14):
        assert len(figures(reader.get(URL, {"sku": "TEA-250"}))) == 7


def test_a_key_without_the_scope_is_refused(shelf):
    assert caller_of("reservations:read").get(URL, {"sku": "TEA-250"}).status_code == 403
