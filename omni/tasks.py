"""When the kernel works: the sweep that carries what no nudge carried."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from omni import activity, idempotency, queue
from omni.importing.resource import kinds
from omni.jobs import Run, job
from omni.models import ChangeSet
from omni.services import changes, demo_removal, exports

LONG = timedelta(minutes=15)


@shared_task(name="omni.sweep")
def sweep() -> None:
    """Relay news, deliver it, and start jobs that wait. Every second; safe to run twice."""
    now = timezone.now()
    activity.relay(at=now)
    activity.deliver(at=now)
    queue.sweep(at=now)


@shared_task(name="omni.forget_old_keys")
def forget_old_keys() -> int:
    """Delete idempotency keys past their time. Every night."""
    return idempotency.forget_old(at=timezone.now())


@job("omni.check_change_set")
def check_change_set(run: Run, public_id: str) -> dict:
    """Read a file that somebody sent and give each of its rows a verdict."""
    change_set = ChangeSet.objects.select_related("author").get(public_id=public_id)
    return changes.check(change_set=change_set, at=timezone.now(), progress=run.progress, guard=run.guard).counts


@job("omni.apply_change_set")
def apply_change_set(run: Run, public_id: str) -> dict:
    """Do what a person confirmed; goes on where a worker that died had stopped."""
    change_set = ChangeSet.objects.select_related("author", "applied_by").get(public_id=public_id)
    done = changes.finish_applying(change_set=change_set, at=timezone.now(), progress=run.progress, guard=run.guard)
    return done.counts


@job("omni.undo_change_set", lease=timedelta(minutes=15))  # one transaction, in which no lease can be renewed
def undo_change_set(run: Run, public_id: str) -> dict:
    """Take an import back, all of it or nothing."""
    change_set = ChangeSet.objects.select_related("author", "undone_by").get(public_id=public_id)
    return changes.finish_undoing(change_set=change_set, at=timezone.now(), guard=run.guard).counts


@job(exports.TASK)
def export_file(run: Run, kind: str, form: str, chosen: dict) -> dict:
    """Write an export that is too big to wait for."""
    person = run.job.requested_by
    if person is None:
        return {}
    resource = kinds()[kind](by=person, at=timezone.now())
    return exports.write(job=run.job, resource=resource, form=form, chosen=chosen, progress=run.progress)


@job("omni.remove_demo", lease=LONG)
def remove_demo(run: Run) -> dict:
    """Take the demo away."""
    return {"rows": demo_removal.remove(by=run.job.requested_by, at=timezone.now())}


@job("omni.bring_demo_forward", lease=LONG)
def bring_demo_forward(run: Run) -> dict:
    """Load the demo anew, as near to today as whole weeks allow."""

    def progress(_step: str, done: int, total: int) -> None:
        run.progress(done, total)

    data = demo_removal.bring_forward(by=run.job.requested_by, at=timezone.now(), progress=progress)
    return {"weeks": data.shift_weeks}


@shared_task(name="omni.forget_old_exports")
def forget_old_exports() -> int:
    """Delete files of exports whose day is over. Every hour."""
    return exports.forget_old(at=timezone.now())
