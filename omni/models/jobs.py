"""Jobs: work for later, as rows that survive whatever kills a worker."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omni.ids import public_id


class JobRunQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Administrators and online staff see every job; others see what they asked for."""
        return self if staff.has_perm("omni.view_jobrun") else self.filter(requested_by=staff)

    def unfinished(self):
        return self.filter(state__in=[JobRun.State.PENDING, JobRun.State.RUNNING])


class JobRun(models.Model):
    """
    One run of one task.

    ``key`` names what the run is about: at most one pending run per key, and never two running at once.
    ``slot`` names a moment of a schedule, so that two schedulers make one run. ``attempt`` fences a worker whose lease
    ran out: it may no longer write.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("given up")
        CANCELLED = "cancelled", _("cancelled")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    task = models.CharField(max_length=80)
    key = models.CharField(max_length=160)
    slot = models.CharField(max_length=160, null=True, unique=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    run_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    cancel_asked = models.BooleanField(default=False)
    done_units = models.PositiveIntegerField(default=0)
    total_units = models.PositiveIntegerField(default=0)
    progress = models.JSONField(default=dict, help_text=_("figures that the progress bar shows beside the rate"))
    result = models.JSONField(default=dict)
    last_error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="job_runs")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    objects = JobRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state="pending"),
                name="omni_jobrun_one_pending",
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state="running"),
                name="omni_jobrun_one_running",
            ),
        ]
        indexes = [
            models.Index(fields=["run_at"], name="omni_jobrun_due", condition=Q(state="pending")),
            models.Index(
                fields=["lease_until"],
                name="omni_jobrun_leases",
                condition=Q(state="running"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.key}"
