"""Flags: part of the retailer sees a change, always the same part."""

from django.db import models
from django.db.models import Q


class FlagQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("omni.view_flag") else self.none()


class Flag(models.Model):
    """A switch with a share. Assignment is a hash of salt and reference: sticky, and no row per person."""

    code = models.SlugField(max_length=60, unique=True)
    description = models.CharField(max_length=200, blank=True)
    share = models.PositiveSmallIntegerField(default=0)
    salt = models.CharField(max_length=20)
    objects = FlagQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(share__lte=100), name="omni_flag_share_in_percent")]

    def __str__(self) -> str:
        return self.code
