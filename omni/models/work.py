"""Work items: what waits for a person. Today, the badges and the bell are made of these."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from omni.ids import public_id
from omni.models.locations import Location


class WorkItemQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep the work of this person's locations, and the work addressed to one of their roles."""
        own = Q(location__in=Location.objects.visible_to(staff).values("pk"), role="")
        return self.filter(own | Q(role__in=staff.roles))

    def open(self):
        return self.filter(closed_at=None)


class WorkItem(models.Model):
    """
    One thing that a person should do. Services open and close it; nobody edits it.

    ``subject`` is a typed reference; one open item per kind and subject. ``title`` is filled from ``data`` when shown,
    by the kind's own words. ``role`` addresses it to a role instead of a store.
    """

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="work_items")
    role = models.CharField(max_length=40, blank=True)
    url = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=20, blank=True)
    objects = WorkItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(closed_at=None),
                name="omni_workitem_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["location", "due_at"],
                name="omni_workitem_open",
                condition=Q(closed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
