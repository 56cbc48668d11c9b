"""Workers that can be killed: real processes that do whatever jobs are due, as a Celery worker would."""

import multiprocessing
import os
import signal
import time
from datetime import timedelta

from django.db import connections
from django.db.models import F
from django.utils import timezone

from inventory.models import ListingState
from inventory.services import pushing
from omni.models import JobRun
from omni.queue import known_task, sweep

FORK = multiprocessing.get_context("fork")
LONG_ENOUGH = timedelta(minutes=3)


def work_off() -> int:
    """Do every job that is due, once. Returns how many there were."""
    now = timezone.now()
    sweep(at=now)
    pushing.schedule(at=now)
    due = list(JobRun.objects.filter(state=JobRun.State.PENDING, run_at__lte=now).order_by("pk"))
    for job in due:
        known_task(job.task)(job.pk)
    return len(due)


def work_for_ever() -> None:
    while True:
        work_off()
        time.sleep(0.01)


def kill_one_after(seconds: float) -> None:
    """Start a worker and kill it, in the middle of whatever it does then."""
    connections.close_all()
    worker = FORK.Process(target=work_for_ever, daemon=True)
    worker.start()
    time.sleep(seconds)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()


def time_passes() -> None:
    """Nobody works now: let the leases of the killed lapse, and let what was told be long ago."""
    JobRun.objects.filter(state=JobRun.State.RUNNING).update(lease_until=timezone.now() - LONG_ENOUGH)
    JobRun.objects.filter(state=JobRun.State.PENDING).update(run_at=F("run_at") - LONG_ENOUGH)
    told = ListingState.objects.filter(sent_version__gt=F("pushed_version"))
    told.update(sent_at=F("sent_at") - LONG_ENOUGH)
    ListingState.objects.exclude(next_try_at=None).update(next_try_at=timezone.now() - LONG_ENOUGH)


def until_nothing_is_left(rounds: int = 200) -> None:
    for _round in range(rounds):
        time_passes()
        if not work_off() and not JobRun.objects.unfinished().exists():
            return
    left = list(JobRun.objects.unfinished().values_list("key", "state", "last_error"))
    raise AssertionError(f"still not done: {left}")
