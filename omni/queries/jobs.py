"""How far jobs are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.models import JobRun


@dataclass(frozen=True)
class Progress:
    """One job as a bar shows it. rate: units a second since it started; left: how long the rest takes at that rate."""

    job: JobRun
    rate: float | None
    left: timedelta | None

    @property
    def is_over(self) -> bool:
        return self.job.state not in (JobRun.State.PENDING, JobRun.State.RUNNING)

    @property
    def figures(self) -> dict:
        return {**self.job.progress, **self.job.result} if self.is_over else self.job.progress


def progress_of(job: JobRun, *, at: datetime) -> Progress:
    """Work out rate and time left; both are None before there is anything to reckon with."""
    took = ((job.finished_at or at) - job.started_at).total_seconds() if job.started_at else 0
    rate = job.done_units / took if took > 0 and job.done_units else None
    rest = job.total_units - job.done_units
    left = timedelta(seconds=rest / rate) if rate and rest > 0 and job.state == JobRun.State.RUNNING else None
    return Progress(job, rate, left)
