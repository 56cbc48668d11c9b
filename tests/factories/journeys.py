"""Plain functions that make journeys' rows."""

from datetime import date
from typing import Any

from journeys.models import SalesDay
from omni.models import Channel, Location
from tests.factories.omni import NOON


def make_sales_day(location: Location, channel: Channel, day: date, **values: Any) -> SalesDay:
    """One store, one day: two baskets of 10.00 together unless said otherwise."""
    figures = {"currency": "USD", "paid_minor": 1000, "baskets": 2, "lines": 3, "units": 4, "updated_at": NOON}
    return SalesDay.objects.create(location=location, channel=channel, day=day, **{**figures, **values})
