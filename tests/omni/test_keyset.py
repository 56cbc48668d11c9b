from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omni import keyset
from omni.models import JobRun

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_jobs(finished: list[int | None]) -> list[JobRun]:
    JobRun.objects.all().delete()
    return JobRun.objects.bulk_create(
        JobRun(
            task="t",
            key=str(number),
            run_at=START,
            created_at=START,
            state="done",
            finished_at=None if hours is None else START + timedelta(hours=hours),
        )
        for number, hours in enumerate(finished)
    )


def walk(rows, order, size) -> list[keyset.Page]:
    found = [keyset.turn(rows, order, size=size)]
    while found[-1].after:
        found.append(keyset.turn(rows, order, size=size, after=found[-1].after))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    finished=st.lists(st.none() | st.integers(0, 3), max_size=14),
    order=st.sampled_from(["finished_at", "-finished_at", "-task"]),
    size=st.integers(1, 5),
)
def test_pages_show_every_row_once_in_order_and_lead_back_the_same_way(finished, order, size):
    make_jobs(finished)
    rows = JobRun.objects.all()

    pages = walk(rows, [order], size)

    expression = [term.expression() for term in keyset.terms(rows, [order])]
    assert [row.pk for page in pages for row in page.rows] == [row.pk for row in rows.order_by(*expression)]
    assert all(len(page.rows) == size for page in pages[:-1])
    here = pages[-1]
    for before in reversed(pages[:-1]):
        here = keyset.turn(rows, [order], size=size, before=here.before)
        assert [row.pk for row in here.rows] == [row.pk for row in before.rows]
    assert here.before == ""


def test_empty_values_stand_last_in_both_directions():
    make_jobs([2, None, 1])

    for order, hours in (("finished_at", [1, 2, None]), ("-finished_at", [2, 1, None])):
        rows = keyset.turn(JobRun.objects.all(), [order], size=9).rows
        assert [row.finished_at and (row.finished_at - START).seconds // 3600 for row in rows] == hours


def test_rows_that_come_in_between_move_nothing():
    make_jobs([1, 2, 3, 4])
    first = keyset.turn(JobRun.objects.all(), ["finished_at"], size=2)
    JobRun.objects.create(task="t", key="new", run_at=START, created_at=START, state="done", finished_at=START)

    second = keyset.turn(JobRun.objects.all(), ["finished_at"], size=2, after=first.after)

    assert [row.key for row in second.rows] == ["2", "3"]


@pytest.mark.parametrize("mark", ["garbage", "W10", "eyJhIjogMX0", "WzFd", "W1sxXSwgMV0", "W3sidCI6ICJ4In0sIDFd", "é"])
def test_a_damaged_mark_begins_at_the_first_page(mark):
    make_jobs([1, 2])

    page = keyset.turn(JobRun.objects.all(), ["finished_at"], size=5, after=mark)

    assert len(page.rows) == 2


def test_paging_asks_for_no_offset(django_assert_num_queries):
    make_jobs([1, 2, 3])
    first = keyset.turn(JobRun.objects.all(), ["-finished_at"], size=1)

    with django_assert_num_queries(1) as asked:
        keyset.turn(JobRun.objects.all(), ["-finished_at"], size=1, after=first.after)

    assert "OFFSET" not in asked.captured_queries[0]["sql"]


def test_counting_stops_at_the_limit(monkeypatch):
    monkeypatch.setattr(keyset, "COUNT_LIMIT", 2)
    make_jobs([1, 2, 3, 4])

    assert keyset.capped_count(JobRun.objects.all()) == 3
