"""Exports: logged, and as a job when they are big. A file waits a day for the person who asked for it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from omni.activity import record
from omni.importing import writing
from omni.importing.resource import StagedResource
from omni.models import JobRun, User
from omni.queue import enqueue

TASK = "omni.export_file"
KEPT_FOR = timedelta(hours=24)


def note(*, kind: str, rows: int, by: User, at: datetime) -> None:
    """Write down who took out what."""
    record("file.exported", subject=f"export:{kind}", by=by, at=at, rows=rows)


def start(*, kind: str, form: str, chosen: dict[str, str], by: User, at: datetime) -> JobRun | None:
    """Promise to write a big export."""
    with transaction.atomic():
        key = f"{TASK}:{by.public_id}:{kind}:{form}:{sorted(chosen.items())}"[:160]
        return enqueue(TASK, key=key, at=at, by=by, kind=kind, form=form, chosen=chosen)


def write(
    *, job: JobRun, resource: StagedResource, form: str, chosen: dict[str, str], progress: Callable[[int, int], None]
) -> dict[str, object]:
    """Write the file of a job, with progress. Returns where it is and how many rows it has."""
    total, done = resource.wanted(chosen).count(), 0

    def counted() -> Iterator[writing.Pairs]:
        nonlocal done
        for row in resource.exported(chosen):
            done += 1
            if not done % 2000:
                progress(done, total)
            yield row

    name = place_of(job)
    with TemporaryFile() as file:
        writing.write(file, form, list(resource.fields), counted())
        file.seek(0)
        default_storage.delete(name)
        default_storage.save(name, File(file))
    note(kind=resource.kind, rows=done, by=resource.by, at=resource.at)
    return {"rows": done}


def place_of(job: JobRun) -> str:
    return f"exports/{job.public_id}"


def ready(job: JobRun, *, at: datetime) -> bool:
    """Whether the file of an export can still be had."""
    fresh = job.finished_at is not None and job.finished_at > at - KEPT_FOR
    return job.state == JobRun.State.DONE and fresh and default_storage.exists(place_of(job))


def forget_old(*, at: datetime) -> int:
    """Delete the files of exports whose day is over."""
    over = JobRun.objects.filter(task=TASK, finished_at__range=(at - 3 * KEPT_FOR, at - KEPT_FOR))
    gone = [place_of(job) for job in over if default_storage.exists(place_of(job))]
    for name in gone:
        default_storage.delete(name)
    return len(gone)
