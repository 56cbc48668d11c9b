"""The retailer this installation belongs to: one row, written by the set-up."""

from django.db import models
from django.db.models import Q


class Retailer(models.Model):
    """Name, currency and time zone of the one retailer. Without this row the installation is not set up."""

    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=40, default="UTC")
    set_up_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="omni_retailer_only_one")]

    def __str__(self) -> str:
        return self.name
