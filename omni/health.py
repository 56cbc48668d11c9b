"""Whether Omni can work: database, cache, broker, and the work that waits. Figures, nothing that helps a stranger."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Min, Q

from omni.models import JobRun

BROKER_SECONDS = 1.0
ASKED_EVERY = 5.0  # a probe a second costs the broker one connection in five
last_broker_state: dict[str, Any] = {"asked": 0.0, "state": {}}


def timed(probe: Callable[[], object]) -> dict[str, Any]:
    """Run a probe; says whether it worked and how many milliseconds it took."""
    begun = time.monotonic()
    try:
        probe()
        works = True
    except Exception:  # noqa: BLE001 - whatever is wrong, it does not work, and a probe must say so
        works = False
    return {"ok": works, "ms": round((time.monotonic() - begun) * 1000, 1)}


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_cache() -> None:
    cache.get("omni.health")


def ask_broker() -> None:
    with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)


def broker() -> dict[str, Any]:
    if time.monotonic() - last_broker_state["asked"] > ASKED_EVERY or not last_broker_state["state"]:
        last_broker_state.update(state=timed(ask_broker), asked=time.monotonic())
    return last_broker_state["state"]


def jobs(at: datetime) -> dict[str, Any]:
    """How many jobs are due, since how many seconds the oldest, and how many were given up."""
    due = Q(state=JobRun.State.PENDING, run_at__lte=at)
    try:
        with transaction.atomic():
            found = JobRun.objects.aggregate(
                due=Count("pk", filter=due), oldest=Min("run_at", filter=due), dead=Count("pk", filter=Q(state="dead"))
            )
    except DatabaseError:
        return {"due": None, "oldest_seconds": None, "dead": None}
    oldest = (at - found["oldest"]).total_seconds() if found["oldest"] else 0
    return {"due": found["due"], "oldest_seconds": round(oldest, 1), "dead": found["dead"]}


def state(*, at: datetime) -> dict[str, Any]:
    """
    Return the state of the parts. ``status`` is "ok", "degraded" (cache or broker away: everything is still taken and
    done later) or "down" (the database does not answer).
    """
    database = timed(ask_database)
    parts = {"database": database, "cache": timed(ask_cache), "broker": broker()}
    status = "down" if not database["ok"] else "ok" if all(part["ok"] for part in parts.values()) else "degraded"
    return {"status": status, **parts, "jobs": jobs(at) if database["ok"] else {}}
