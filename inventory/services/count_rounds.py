"""Rounds of counts: which shelves a store should look at first."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from inventory.models import Count, StockLevel
from inventory.services import counts
from omni.models import Location, User

BY = timedelta(hours=8)


@transaction.atomic
def request(*, location: Location, size: int, by: User | None, at: datetime) -> int:
    """
    Ask for counts of the fastest sellers of a location whose balance nobody has counted yet.

    size: how many at most. Due by the end of the shift. Returns how many were asked for; none twice.
    """
    waiting = Count.objects.open().filter(level=OuterRef("pk"))
    levels = (
        StockLevel.objects.never_counted()
        .filter(~Exists(waiting), location=location, on_hand__gt=0)
        .order_by(F("variant__pace__sold_28d").desc(nulls_last=True), "pk")
    )
    chosen = list(levels.select_related("variant", "location")[:size])
    for level in chosen:
        counts.request(level=level, reason="round", due_at=at + BY, by=by, at=at)
    return len(chosen)
