"""Rules that hold stock back: safety stock per place, buffers per channel. With dates, never columns of a level."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Category, Variant
from omni.models import Channel, Location, LocationGroup, Origin


class RuleQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.is_authenticated and staff.is_active else self.none()

    def valid(self, at):
        """Keep the rules that hold at a time."""
        return self.filter(starts_at__lte=at).filter(Q(ends_at=None) | Q(ends_at__gt=at))

    def in_state(self, state: str, at):
        """Keep what holds ("now"), begins ("later") or has ended ("over") at a time."""
        if state == "over":
            return self.filter(ends_at__lte=at)
        return self.filter(starts_at__gt=at) if state == "later" else self.valid(at)


class Rule(models.Model):
    """What both kinds of rule share: for what it holds, and when. The most specific rule that holds wins."""

    name = models.CharField(max_length=80)
    variant = models.ForeignKey(Variant, models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    objects = RuleQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class SafetyStockRule(Rule):
    """Units that a location keeps for the customer who stands in it."""

    location = models.ForeignKey(Location, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(LocationGroup, models.CASCADE, null=True, blank=True, related_name="+")
    units = models.PositiveIntegerField()

    class Meta:
        permissions = [
            ("change_rules", "Changes stock rules"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="inventory_safetystockrule_runs_forward",
            ),
        ]


class ChannelBuffer(Rule):
    """Units, or a share of the free units rounded down, that a channel never shows."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="buffers")
    units = models.PositiveIntegerField(null=True, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("of the free units, rounded down"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="inventory_channelbuffer_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(units__isnull=False, percent=None) | Q(units=None, percent__lte=100),
                name="inventory_channelbuffer_units_or_percent",
            ),
        ]
