"""Saved views: where people left off."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from omni.ids import public_id


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep one's own views, shared ones, and the defaults of one's roles."""
        return self.filter(Q(owner=staff) | Q(shared=True) | Q(role__in=staff.roles))


class SavedView(models.Model):
    """A list page as somebody left it: filters, columns, order and search, all in one query string."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    page = models.CharField(max_length=60, help_text="URL name of the list")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="saved_views")
    shared = models.BooleanField(default=False)
    role = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="omni_savedview_one_name"),
        ]

    def __str__(self) -> str:
        return self.name
