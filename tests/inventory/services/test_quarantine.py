"""A movement that was set aside is booked as it was reported, once somebody says that it is true."""

import pytest

from inventory.services import quarantine
from inventory.services.quarantine import UnknownKind, UnknownReference
from inventory.services.stock import ImplausibleQuantity
from omni.models import SetAside
from tests.factories.inventory import make_stock
from tests.factories.omni import NOON

pytestmark = pytest.mark.django_db


def aside(level, **said):
    payload = {
        "sku": level.variant.sku, "location": level.location.code, "source": "api:till", "external_id": "x-1",
        "at": "2026-03-01T09:00:00+00:00", **said,
    }  # fmt: skip
    return SetAside(kind="stock.movement", payload=payload, code="implausible_quantity", created_at=NOON)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"kind": "sale", "quantity": 2}, 8),
        ({"kind": "return", "quantity": 2}, 12),
        ({"kind": "receipt", "quantity": 5}, 15),
        ({"kind": "adjustment", "target": 4, "reason": "checked"}, 4),
    ],
)
def test_it_is_booked_at_the_time_it_happened(said, left):
    level = make_stock(on_hand=10)

    quarantine.retry_movement(aside(level, **said), None, NOON)

    level.refresh_from_db()
    assert level.on_hand == left
    assert level.movements.get(external_id="x-1").occurred_at.isoformat() == "2026-03-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"kind": "sale", "quantity": 50_000}, ImplausibleQuantity),
        ({"kind": "sale", "quantity": 1, "sku": "nothing"}, UnknownReference),
        ({"kind": "sale", "quantity": 1, "channel": "nothing"}, UnknownReference),
        ({"kind": "magic", "quantity": 1}, UnknownKind),
    ],
)
def test_what_still_cannot_be_booked_is_refused_again(said, refusal):
    level = make_stock(on_hand=10)

    with pytest.raises(refusal):
        quarantine.retry_movement(aside(level, **said), None, NOON)

    assert level.movements.count() == 1
