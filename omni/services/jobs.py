"""What people decide about jobs: stop one, or try one again that was given up."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.models import JobRun, User
from omni.queue import enqueue


class JobIsOver(RuleBroken):
    code = "job_is_over"
    status = 409


class JobGoesOn(RuleBroken):
    code = "job_goes_on"
    status = 409


@transaction.atomic
def cancel(*, job: JobRun, by: User, at: datetime) -> None:
    """
    Stop a job: a waiting one at once, a running one as soon as it next reports how far it is.

    Raises JobIsOver when there is nothing left to stop.
    """
    rows = JobRun.objects.filter(pk=job.pk)
    waiting = rows.filter(state=JobRun.State.PENDING).update(
        state=JobRun.State.CANCELLED, cancel_asked=True, finished_at=at
    )
    if not waiting and not rows.filter(state=JobRun.State.RUNNING).update(cancel_asked=True):
        raise JobIsOver(_("This job is over already."))
    record("job.cancelled", subject=job, at=at, by=by, task=job.task)


@transaction.atomic
def try_again(*, job: JobRun, by: User, at: datetime) -> JobRun | None:
    """Ask for the same work once more. Raises JobGoesOn unless the job was given up or cancelled."""
    if job.state not in (JobRun.State.DEAD, JobRun.State.CANCELLED):
        raise JobGoesOn(_("Only a job that was given up or cancelled can be tried again."))
    again = enqueue(job.task, key=job.key, at=at, by=by, **job.arguments)
    record("job.tried_again", subject=job, at=at, by=by, task=job.task)
    return again
