from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from omni import health
from omni.models import JobRun


@pytest.fixture(autouse=True)
def _ask_anew():
    health.last_broker_state.update(asked=0.0, state={})


@pytest.mark.django_db
def test_all_is_well(client):
    response = client.get("/healthz")

    state = response.json()
    assert response.status_code == 200
    assert state["status"] == "ok"
    assert {state[part]["ok"] for part in ("database", "cache", "broker")} == {True}
    assert state["jobs"] == {"due": 0, "oldest_seconds": 0, "dead": 0}


@pytest.mark.django_db
def test_a_broker_that_is_away_is_said_and_still_200(client, monkeypatch):
    def away():
        raise OSError("amqp://user:secret@broker refused")

    monkeypatch.setattr(health, "ask_broker", away)
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["broker"]["ok"] is False
    assert b"secret" not in response.content


@pytest.mark.django_db
def test_a_database_that_is_away_is_503(client, monkeypatch):
    def away():
        raise OperationalError("password authentication failed for user omni")

    monkeypatch.setattr(health, "ask_database", away)
    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["status"] == "down"
    assert b"password" not in response.content


@pytest.mark.django_db
def test_waiting_work_is_counted():
    then = datetime(2026, 3, 2, 11, 59, tzinfo=UTC)
    JobRun.objects.create(task="omni.sweep", key="a", run_at=then, created_at=then)
    JobRun.objects.create(task="omni.sweep", key="b", run_at=then, created_at=then, state="dead")

    counted = health.jobs(datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert counted == {"due": 1, "oldest_seconds": 60.0, "dead": 1}
