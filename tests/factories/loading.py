"""A small cut of the real data for tests: two stores, one week, not moved in time."""

from datetime import UTC, date, datetime

from omni.services import loading

SMALL = loading.Cut(stores=2, first=date(2017, 11, 6), last=date(2017, 11, 12))
AT = datetime(2017, 12, 26, 9, 0, tzinfo=UTC)


def load_small(*, weeks: int = 0, **options):
    """Load it. 1,3xx lines of stores 367 and 406."""
    return loading.load(cut=SMALL, weeks=weeks, at=AT, **options)
