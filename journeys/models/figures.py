"""Figures of head office: rollups, so that no page recomputes a report to open."""

from django.db import models

from omni.models import Channel, Location, Origin


class SalesDayQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """All stores for those who see all, one's own stores otherwise."""
        return self if staff.sees_all_locations else self.filter(location__in=staff.locations.all())


class SalesDay(models.Model):
    """What one location sold through one channel on one of its local days. Amounts are what customers paid."""

    day = models.DateField()
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    paid_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0)
    baskets = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(default=0)
    units = models.IntegerField(default=0)
    updated_at = models.DateTimeField()
    objects = SalesDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "location", "channel", "currency", "origin"],
                name="journeys_salesday_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.location_id} {self.day}"
