"""Counting anew how fast everything sells."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, Sum

from inventory.models import SOLD, WINDOW, Bucket, StockMovement, VariantPace


@transaction.atomic
def refresh(*, at: datetime) -> int:
    """
    Count units sold (less returned) in the 28 days before ``at``, per variant, and keep the figures.

    Returns how many variants have ever moved through a sale.
    """
    recent = Q(occurred_at__gt=at - WINDOW)
    sold = (
        StockMovement.objects.filter(bucket=Bucket.ON_HAND, kind__in=SOLD, occurred_at__lte=at)
        .values("level__variant_id")
        .annotate(units=Sum("quantity", filter=recent, default=0), last=Max("occurred_at", filter=Q(quantity__lt=0)))
    )
    rows = [
        VariantPace(variant_id=row["level__variant_id"], sold_28d=-row["units"], last_sold_at=row["last"], as_of=at)
        for row in sold
    ]
    VariantPace.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=["sold_28d", "last_sold_at", "as_of"],
    )
    return len(rows)
