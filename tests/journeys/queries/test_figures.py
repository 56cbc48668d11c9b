"""Figures of head office: right sums, right weeks, nothing made up counted, nobody else's stores seen."""

from datetime import date

import pytest

from journeys.models import SalesDay
from journeys.queries import figures
from journeys.queries.figures import Period, Total, whole_weeks
from omni.models import Origin
from tests.factories.journeys import make_sales_day
from tests.factories.omni import make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db
WEEK = Period("week", date(2026, 3, 2), date(2026, 3, 8))


def test_the_last_week_is_the_last_whole_one():
    assert whole_weeks("week", 1, date(2026, 3, 9)) == WEEK
    assert whole_weeks("week", 1, date(2026, 3, 15)) == WEEK
    assert whole_weeks("4weeks", 4, date(2026, 3, 10)).first == date(2026, 2, 9)
    assert WEEK.before == Period("week", date(2026, 2, 23), date(2026, 3, 1))


def test_totals_hold_the_days_of_the_period_and_no_others():
    store, tills = make_location(), make_channel("tills")
    for day in (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 8), date(2026, 3, 9)):
        make_sales_day(store, tills, day)

    assert figures.total(SalesDay.objects.all(), WEEK) == Total(2000, 4, 6, 8)
    assert figures.total(SalesDay.objects.all(), WEEK).average == 500
    assert figures.total(SalesDay.objects.none(), WEEK) == Total()


def test_what_was_made_up_is_shown_but_not_counted():
    store, tills = make_location(), make_channel("tills")
    web = make_channel("web", origin=Origin.MADE_UP)
    make_sales_day(store, tills, WEEK.first)
    make_sales_day(store, web, WEEK.first, paid_minor=70)
    make_sales_day(store, tills, WEEK.first, origin=Origin.MADE_UP, paid_minor=7)
    rows = SalesDay.objects.all()

    assert figures.total(rows, WEEK).paid == 1000
    assert {channel.code: paid for channel, paid in figures.channels_of(rows, WEEK)} == {"tills": 1007, "web": 70}
    [row] = figures.by_store(rows, WEEK, WEEK)
    assert (row.paid, row.counted, row.made_up) == (1077, 1000, 77)


def test_weeks_run_from_monday_to_sunday_and_empty_ones_are_there():
    store, tills = make_location(), make_channel("tills")
    make_sales_day(store, tills, date(2026, 3, 8))
    make_sales_day(store, tills, date(2026, 2, 23))
    shown = figures.weeks_shown(WEEK)

    weeks = figures.by_week(SalesDay.objects.all(), shown, [tills])

    assert len(weeks) == 13
    assert [(week.last, week.amounts) for week in weeks[-3:]] == [
        (date(2026, 2, 22), (0,)),
        (date(2026, 3, 1), (1000,)),
        (date(2026, 3, 8), (1000,)),
    ]


def test_stores_are_compared_with_the_period_before():
    small, big, tills = make_location(), make_location(), make_channel("tills")
    make_sales_day(big, tills, date(2026, 3, 2), paid_minor=3000)
    make_sales_day(big, tills, date(2026, 2, 24), paid_minor=2000)
    make_sales_day(small, tills, date(2026, 3, 3))

    first, second = figures.by_store(SalesDay.objects.all(), figures.weeks_shown(WEEK), WEEK)

    assert (first.location, first.period.change) == (big, 0.5)
    assert (second.location, second.period.change) == (small, None)


def test_amounts_of_different_currencies_are_never_summed():
    store, tills = make_location(), make_channel("tills")
    make_sales_day(store, tills, WEEK.first)
    make_sales_day(store, tills, WEEK.first, currency="EUR", baskets=9)

    assert figures.currencies(SalesDay.objects.all()) == ["EUR", "USD"]


def test_store_people_see_their_own_stores_only():
    mine, theirs, tills = make_location(), make_location(), make_channel("tills")
    make_sales_day(mine, tills, WEEK.first)
    make_sales_day(theirs, tills, WEEK.first)

    assert figures.total(figures.sales(make_staff("store_manager", locations=[mine])), WEEK).paid == 1000
    assert figures.total(figures.sales(make_staff("head_office")), WEEK).paid == 2000
