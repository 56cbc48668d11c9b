import pytest

from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_location
from tests.omni.api.helpers import caller_of

URL = "/api/v1/stock/"


def test_every_figure_of_a_level_is_told(reader):
    make_stock(
        variant=make_variant("TEA"), location=make_location("s1"), on_hand=9, reserved=2, unavailable=3, assumed=True
    )

    (row,) = reader.get(URL, {"sku": "TEA", "location": "s1"}).json()["results"]
    assert row["sku"] == "TEA"
    assert row["location"] == "s1"
    assert (row["on_hand"], row["reserved"], row["unavailable"], row["available"]) == (9, 2, 3, 4)
    assert row["sequence"] == 3
    assert row["assumed"] is True


def test_all_levels_come_page_by_page_with_a_constant_number_of_statements(reader, django_assert_num_queries):
    variant = make_variant("TEA")
    for number in range(5):
        make_stock(variant=variant, location=make_location(f"s{number}"), on_hand=number + 1)
    reader.get(URL)

    with django_assert_num_queries(2):  # the key, and one statement for all figures
        first = reader.get(URL, {"page_size": 2}).json()
    with django_assert_num_queries(2):
        assert len(reader.get(URL, {"page_size": 200}).json()["results"]) == 5
    rest = reader.get(first["next"]).json()
    assert [row["location"] for row in first["results"] + rest["results"]] == ["s0", "s1", "s2", "s3"]


def test_no_stock_there_is_an_empty_answer(reader, shelf):
    make_location("store-2")

    assert reader.get(URL, {"sku": "TEA-250", "location": "store-2"}).json() == {"results": [], "next": None}


@pytest.mark.parametrize(
    ("query", "code"),
    [({"sku": "TAE-250"}, "unknown_sku"), ({"sku": "TEA-250", "location": "store-9"}, "unknown_location")],
)
def test_a_name_that_does_not_exist_is_no_empty_shelf(reader, shelf, query, code):
    response = reader.get(URL, query)

    assert response.status_code == 422
    assert response.json()["code"] == code


def test_empty_filters_are_no_filters(reader, shelf):
    assert len(reader.get(f"{URL}?sku=&location=").json()["results"]) == 1


def test_a_key_without_the_scope_reads_nothing(shelf):
    assert caller_of("reservations:read").get(URL).status_code == 403
