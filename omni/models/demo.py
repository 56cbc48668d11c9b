"""The data set that is loaded, so that screens can say what the figures rest on."""

from django.db import models


class LoadedDataQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Everybody who works here may know what the figures rest on."""
        return self if staff.is_authenticated and staff.is_active else self.none()


class LoadedData(models.Model):
    """One data set in this installation: what it is, what it covers, how far it was moved in time."""

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=200)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    shift_weeks = models.IntegerField(default=0)
    options = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    objects = LoadedDataQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title
