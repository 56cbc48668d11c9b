"""Pace: how fast a variant sells, kept so that no list has to count sales to open."""

from datetime import timedelta

from django.db import models

from inventory.models.catalogue import Variant

WINDOW = timedelta(days=28)


class VariantPace(models.Model):
    """Units of a variant sold in the 28 days before ``as_of``, in all locations together."""

    variant = models.OneToOneField(Variant, models.CASCADE, primary_key=True, related_name="pace")
    sold_28d = models.IntegerField(default=0)
    last_sold_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-sold_28d", "variant"], name="inventory_variantpace_fastest")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.sold_28d}"
