"""
How a job runs: claimed by one worker, under a lease, with its progress in sight.

``@job("inventory.reconcile")`` makes a Celery task of a function ``(run, **arguments)``. The function reports progress
through ``run``, which renews the lease and stops a worker that lost it.
"""

import logging
import random
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from omni.models import JobRun
from omni.queue import MAX_ATTEMPTS

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken this job over; this one must not write any more."""


class Cancelled(Exception):
    """A person stopped this job."""


class TryLater(Exception):
    """The job asks to be run again at a time: a channel throttles it, or is away."""

    def __init__(self, run_at: datetime, reason: str):
        super().__init__(reason)
        self.run_at = run_at


class Run:
    """One claimed run: its fence, its lease, its progress."""

    def __init__(self, job: JobRun, lease: timedelta):
        self.job = job
        self.lease = lease

    def mine(self):
        """The row, as long as this attempt holds it."""
        return JobRun.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=JobRun.State.RUNNING)

    def progress(self, done: int | None = None, total: int | None = None, **figures: Any) -> None:
        """Report how far it is and renew the lease. Raises LeaseLost or Cancelled when it must stop."""
        changes: dict[str, Any] = {"lease_until": timezone.now() + self.lease}
        if done is not None:
            changes["done_units"] = done
        if total is not None:
            changes["total_units"] = total
        if figures:
            changes["progress"] = self.job.progress = {**self.job.progress, **figures}
        if not self.mine().update(**changes):
            raise LeaseLost(self.job.public_id)
        if self.mine().filter(cancel_asked=True).exists():
            raise Cancelled(self.job.public_id)

    def guard(self) -> None:
        """Inside a transaction: lock the row and raise LeaseLost unless this attempt still holds it."""
        if not self.mine().select_for_update().exists():
            raise LeaseLost(self.job.public_id)

    def finish(self, state: str, **changes: Any) -> None:
        self.mine().update(state=state, finished_at=timezone.now(), lease_until=None, **changes)

    def postpone(self, run_at: datetime, reason: str) -> None:
        """Wait again. A newer run of the same key that waits already makes this one superfluous."""
        try:
            with transaction.atomic():
                self.mine().update(
                    state=JobRun.State.PENDING,
                    run_at=run_at,
                    last_error=reason,
                    lease_until=None,
                )
        except IntegrityError:
            self.finish(
                JobRun.State.CANCELLED,
                last_error="A newer run of the same key took over.",
            )


def claim(pk: int, lease: timedelta) -> Run | None:
    """Take a waiting run whose time has come; None when somebody else has it or its key is being run."""
    now = timezone.now()
    try:
        with transaction.atomic():
            taken = JobRun.objects.filter(pk=pk, state=JobRun.State.PENDING, run_at__lte=now).update(
                state=JobRun.State.RUNNING, attempt=F("attempt") + 1, lease_until=now + lease,
                worker=socket.gethostname(), started_at=now,
            )  # fmt: skip
    except IntegrityError:
        return None
    return Run(JobRun.objects.get(pk=pk), lease) if taken else None


def job(name: str, *, lease: timedelta = timedelta(minutes=2)) -> Callable:
    """Make a Celery task of a function ``(run, **arguments) -> dict | None``; what it returns is kept as the result."""

    def wrap(function: Callable) -> Callable:
        @shared_task(name=name)
        def work(pk: int) -> None:
            run = claim(pk, lease)
            if run is not None:
                perform(run, function)

        return work

    return wrap


def perform(run: Run, function: Callable) -> None:
    """Run the function and write down how it ended."""
    try:
        result = function(run, **run.job.arguments) or {}
        run.finish(JobRun.State.DONE, result=result, last_error="")
    except Cancelled:
        run.finish(JobRun.State.CANCELLED)
    except LeaseLost:
        log.warning("job %s was taken over by another worker", run.job.public_id)
    except TryLater as later:
        JobRun.objects.filter(pk=run.job.pk).update(attempt=0)
        run.job.attempt = 0
        run.postpone(later.run_at, str(later))
    except Exception as error:
        log.exception("job %s failed", run.job.public_id)
        reason = f"{type(error).__name__}: {error}"
        if run.job.attempt >= MAX_ATTEMPTS:
            run.finish(JobRun.State.DEAD, last_error=reason)
        else:
            pause = random.uniform(0.5, 1) * min(900, 2**run.job.attempt)
            run.postpone(timezone.now() + timedelta(seconds=pause), reason)
