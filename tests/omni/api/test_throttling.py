from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from rest_framework.settings import api_settings

from omni.api.throttling import parse_rate
from tests.omni.api.helpers import NOON, caller_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _low_limits(monkeypatch):
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {"key": "5/min", "stranger": "3/min"})


def statuses(client, times: int) -> list[int]:
    return [client.get("/api/v1/notes/").status_code for _time in range(times)]


def test_a_key_that_asks_too_often_is_told_when_to_come_back(reader):
    with time_machine.travel(NOON, tick=False) as clock:
        assert statuses(reader, 6) == [200] * 5 + [429]
        response = reader.get("/api/v1/notes/")
        assert response.json()["code"] == "throttled"
        clock.shift(timedelta(seconds=int(response["Retry-After"]) + 60))
        assert statuses(reader, 1) == [200]


def test_the_window_slides_so_that_the_limit_cannot_be_had_twice_at_its_edge(reader):
    with time_machine.travel(NOON + timedelta(seconds=58), tick=False) as clock:
        assert statuses(reader, 5) == [200] * 5
        clock.shift(timedelta(seconds=4))
        assert statuses(reader, 2) == [429, 429]


def test_another_key_is_not_held_up(reader):
    with time_machine.travel(NOON, tick=False):
        statuses(reader, 7)
        assert statuses(caller_of("stock:read"), 1) == [200]


def test_strangers_are_limited_by_address_and_neighbours_with_a_key_are_not(reader):
    with time_machine.travel(NOON, tick=False):
        assert statuses(Client(), 4) == [401] * 3 + [429]
        assert statuses(reader, 1) == [200]


def test_a_header_does_not_make_a_stranger_somebody_else():
    with time_machine.travel(NOON, tick=False):
        asked = [
            Client(headers={"x-forwarded-for": f"10.0.0.{number}"}).get("/api/v1/notes/").status_code
            for number in range(4)
        ]
    assert asked == [401] * 3 + [429]


@pytest.mark.parametrize(("rate", "parsed"), [("5/s", (5, 1)), ("6000/min", (6000, 60)), ("9/hour", (9, 3600))])
def test_rates_are_read(rate, parsed):
    assert parse_rate(rate) == parsed
