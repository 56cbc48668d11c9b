import pytest

from omni.activity import record
from tests.omni.api.helpers import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def notes(reader):
    return [record("note", subject="note:1", at=NOON).pk for _number in range(7)]


def test_following_the_links_gives_every_row_once(reader, notes):
    url, seen = "/api/v1/notes/?page_size=3", []
    while url:
        page = reader.get(url).json()
        assert len(page["results"]) <= 3
        seen += [row["id"] for row in page["results"]]
        url = page["next"]

    assert seen[-7:] == notes
    assert len(seen) == len(set(seen))


def test_rows_that_are_added_meanwhile_move_no_page(reader, notes):
    first = reader.get("/api/v1/notes/?page_size=4").json()
    record("note", subject="note:1", at=NOON)
    second = reader.get(first["next"]).json()

    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}


@pytest.mark.parametrize("size", ["0", "201", "-1", "x", "1.5", "1000000000", "9" * 30, "%00", "\u0664"])
def test_a_page_size_out_of_bounds_is_refused_and_not_cut(reader, size):
    response = reader.get(f"/api/v1/notes/?page_size={size}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "page_size"


@pytest.mark.parametrize("cursor", ["1", "x", "MQ:abc", "9" * 300, "%00", "eyJhIjoxfQ:zzz"])
def test_a_forged_cursor_is_refused(reader, cursor):
    response = reader.get(f"/api/v1/notes/?cursor={cursor}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "cursor"


def test_a_page_costs_the_same_for_few_rows_and_for_many(reader, notes, django_assert_num_queries):
    reader.get("/api/v1/notes/")
    with django_assert_num_queries(2):
        reader.get("/api/v1/notes/?page_size=1")
    with django_assert_num_queries(2):
        reader.get("/api/v1/notes/?page_size=200")
