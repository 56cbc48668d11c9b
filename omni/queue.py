"""
Work for later: ``enqueue("inventory.reconcile", key=…, at=…)`` inside a business transaction.

The JobRun row is the carrier; Celery is only nudged after commit, and a sweep finds what was not nudged. Services
enqueue by name, so they never import tasks.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from omni.models import JobRun, User

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
NUDGE_AGAIN_AFTER = timedelta(seconds=3)
POKE_AGAIN_AFTER = 0.2  # seconds
last_poke: dict[str, float] = {}


def enqueue(
    task: str,
    *,
    key: str,
    at: datetime,
    run_at: datetime | None = None,
    slot: str | None = None,
    by: User | None = None,
    **arguments: Any,
) -> JobRun | None:
    """
    Promise to run ``task`` (at ``run_at``, or at once), in the transaction of the caller.

    key: what the run is about; while one run of this key waits, a second promise is the same promise.
    slot: the moment of a schedule; a slot runs once ever, whoever schedules it.
    Returns the waiting run, or None when the slot was taken. Raises KeyError for a task that does not exist.
    """
    known_task(task)
    try:
        with transaction.atomic():
            job = JobRun.objects.create(
                task=task,
                key=key,
                slot=slot,
                arguments=arguments,
                run_at=run_at or at,
                created_at=at,
                requested_by=by,
            )
    except IntegrityError:
        return JobRun.objects.filter(key=key, state=JobRun.State.PENDING).first()
    if job.run_at <= at:
        transaction.on_commit(lambda: nudge(job))
    return job


def known_task(name: str):
    """Return the Celery task of this name, so that a typing error fails loudly where it is made."""
    if name not in current_app.tasks:
        current_app.loader.import_default_modules()
    return current_app.tasks[name]


def nudge(job: JobRun) -> None:
    """Tell a worker that a run waits. A broker that is away costs nothing: the sweep comes by."""
    try:
        known_task(job.task).apply_async(args=[job.pk], retry=False, expires=60)
    except (OperationalError, OSError) as error:
        log.warning("job %s was not nudged: %s", job.public_id, error)


def poke(name: str) -> None:
    """
    Ask for a task that finds its own work, at most five times a second from this process; beat asks for it anyway.

    A broker that is away costs nothing but a line in the log.
    """
    now = time.monotonic()
    if now - last_poke.get(name, -1.0) < POKE_AGAIN_AFTER:
        return
    last_poke[name] = now
    try:
        known_task(name).apply_async(retry=False, expires=5)
    except (KeyError, OperationalError, OSError) as error:
        log.warning("%s was not poked: %r", name, error)


def sweep(*, at: datetime, limit: int = 50) -> int:
    """Free runs whose worker died, give up on poison, and nudge what waits too long. Returns how many were nudged."""
    lapsed = JobRun.objects.filter(state=JobRun.State.RUNNING, lease_until__lt=at)
    lapsed.filter(attempt__gte=MAX_ATTEMPTS).update(
        state=JobRun.State.DEAD,
        finished_at=at,
        last_error="The worker died five times in a row on this job.",
    )
    for job in lapsed:
        with transaction.atomic():
            twin = JobRun.objects.filter(key=job.key, state=JobRun.State.PENDING)
            twin.update(
                state=JobRun.State.CANCELLED,
                finished_at=at,
                last_error="An earlier run of the same key goes on.",
            )
            lapsed.filter(pk=job.pk).update(state=JobRun.State.PENDING, run_at=at)
    waiting = JobRun.objects.filter(state=JobRun.State.PENDING, run_at__lte=at - NUDGE_AGAIN_AFTER).order_by("run_at")
    due = list(waiting[:limit])
    for job in due:
        nudge(job)
    return len(due)
