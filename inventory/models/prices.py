"""Prices: lists per channel and period."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Variant
from omni.models import Channel, Origin


class PriceListQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.is_authenticated and staff.is_active else self.none()

    def valid(self, at):
        """Keep the lists that hold at a time."""
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=at),
            Q(ends_at=None) | Q(ends_at__gt=at),
        )

    def in_state(self, state: str, at):
        """Keep what holds ("now"), begins ("later") or has ended ("over") at a time."""
        if state == "over":
            return self.filter(ends_at__lte=at)
        return self.filter(starts_at__gt=at) if state == "later" else self.valid(at)


class PriceList(models.Model):
    """Prices in one currency, for one channel or all, for a period or always. The highest priority wins."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="price_lists")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=0)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    objects = PriceListQuerySet.as_manager()

    class Meta:
        ordering = ["-priority", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")),
                name="inventory_pricelist_period_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What one unit of a variant costs on one list, tax included, in minor units of the list's currency."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="prices")
    amount_minor = models.PositiveBigIntegerField(help_text=_("minor units"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["price_list", "variant"], name="inventory_price_once")]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.amount_minor}"
