"""Counts: somebody looked at the shelf."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.stock import StockLevel
from omni.ids import public_id
from omni.models import Location


class CountQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self.filter(level__location__in=Location.objects.visible_to(staff))

    def open(self):
        return self.filter(state=Count.State.OPEN)


class Count(models.Model):
    """
    A blind count of one level. ``expected`` and ``sequence`` are what the ledger said when the count was booked.

    A count is booked only if the level has not moved since the counter began (compare-and-set on ``sequence``).
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be counted")
        DONE = "done", _("counted")
        CANCELLED = "cancelled", _("cancelled")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="counts")
    reason = models.CharField(max_length=40, help_text=_("discrepancy, never counted, asked by a person"))
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    counted = models.PositiveIntegerField(null=True)
    expected = models.IntegerField(null=True)
    sequence = models.IntegerField(null=True)
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    counted_at = models.DateTimeField(null=True)
    objects = CountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["level"],
                condition=Q(state="open"),
                name="inventory_count_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(
                    counted__isnull=False,
                    expected__isnull=False,
                    counted_at__isnull=False,
                ),
                name="inventory_count_done_has_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"count {self.public_id}"
