"""A hundred units, sixty-four buyers at once, over HTTP at a real server: each unit is sold once, and none is left."""

import threading
from collections import Counter

import httpx
import pytest
from django.db import connection

from inventory.models import Reservation, StockLevel, StockMovement
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_channel, make_location
from tests.inventory.api.server import client_of, serving
from tests.omni.api.helpers import caller_of

UNITS, BUYERS, TRIES = 100, 64, 4


@pytest.mark.postgres
@pytest.mark.timeout(240)
@pytest.mark.django_db(transaction=True)
def test_a_hundred_units_are_sold_to_sixty_four_buyers_exactly_once():
    level = make_stock(variant=make_variant("HOT"), location=make_location("store-1"), on_hand=UNITS)
    make_channel("web", locations=[level.location])
    token = caller_of("stock:read", "reservations:read", "reservations:write").token
    seen: Counter[str] = Counter()
    start = threading.Barrier(BUYERS)

    with serving() as address, client_of(address, token, connections=BUYERS) as client:
        buyers = [threading.Thread(target=buy, args=(client, number, start, seen)) for number in range(BUYERS)]
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()

    level.refresh_from_db()
    assert seen["failed"] == 0, seen
    assert (seen["promised"], seen["handed over"]) == (UNITS, UNITS)
    assert seen["refused"] == BUYERS * TRIES - UNITS
    assert (level.on_hand, level.reserved) == (0, 0)
    assert Reservation.objects.filter(state="committed").count() == UNITS
    assert StockMovement.objects.filter(kind="commit", bucket="on_hand").count() == UNITS
    assert StockLevel.objects.filter(on_hand__lt=0).count() == 0
    connection.close()


def buy(client: httpx.Client, number: int, start: threading.Barrier, seen: Counter) -> None:
    """Try to get one unit, four times."""
    start.wait()
    for attempt in range(TRIES):
        holder = f"buyer:{number}:{attempt}"
        body = {"holder": holder, "channel": "web", "lines": [{"sku": "HOT", "location": "store-1", "quantity": 1}]}
        answer = client.post("/api/v1/reservations/", json=body, headers={"Idempotency-Key": holder})
        seen["failed"] += answer.status_code not in (201, 409)
        if answer.status_code == 409:
            seen["refused"] += answer.json()["code"] == "not_enough_stock"
        elif answer.status_code == 201:
            seen["promised"] += 1
            name = answer.json()["reservations"][0]["id"]
            done = client.post(f"/api/v1/reservations/{name}/commit/", headers={"Idempotency-Key": f"{holder}:c"})
            seen["failed"] += done.status_code != 200
            seen["handed over"] += done.status_code == 200
