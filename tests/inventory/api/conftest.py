"""One tea on one shelf, and programmes that may do this or that."""

import pytest
from django.core.cache import caches

from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_channel, make_location
from tests.omni.api.helpers import caller_of


@pytest.fixture(autouse=True)
def _no_limits_left_over():
    caches["limits"].clear()


@pytest.fixture
def shelf(db):
    """Ten units of TEA-250 at store-1, which the channel web serves."""
    level = make_stock(variant=make_variant("TEA-250"), location=make_location("store-1"), on_hand=10)
    make_channel("web", locations=[level.location])
    return level


@pytest.fixture
def reader(db):
    return caller_of("stock:read", "reservations:read", "system:read")


@pytest.fixture
def writer(db):
    return caller_of("stock:read", "stock:write", "reservations:read", "reservations:write", "channels:report")
