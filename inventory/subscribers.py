"""What inventory does about the news of the kernel and of its own ledger."""

from datetime import datetime

from inventory.models import Discrepancy, StockLevel, Variant
from inventory.services import count_rounds, counts, listings
from omni.models import Activity

PROMISES = {"locations", "pooled"}  # what of a channel changes the figures that it shows
PLACE = {"group"}  # what of a location does: stock rules may be about its group


def refresh_channel(activity: Activity, *, at: datetime) -> None:
    """Have the listings of a channel asked again what they should show, when what it may promise has changed."""
    if activity.channel and touches(activity, PROMISES):
        listings.mark_variants(Variant.objects.all(), at=at, channel=activity.channel)


def refresh_location(activity: Activity, *, at: datetime) -> None:
    """Have the listings that show a place asked again, when rules about its group begin or end to hold there."""
    if activity.location and touches(activity, PLACE):
        listings.mark_variants(Variant.objects.all(), at=at, locations=[activity.location.pk])


def touches(activity: Activity, fields: set[str]) -> bool:
    """Whether this news is about one of these fields; news that name none are about everything."""
    return "fields" not in activity.data or bool(fields & set(activity.data["fields"]))


def count_what_was_found(activity: Activity, *, at: datetime) -> None:
    """Ask the store to count a shelf off which more was sold than the ledger knew, unless that was settled already."""
    found = Discrepancy.objects.open().filter(public_id=activity.data["discrepancy"]).first()
    if found is None:
        return
    level = StockLevel.objects.select_related("variant__product", "location").get(
        variant=found.variant_id, location=found.location_id
    )
    due = at + count_rounds.BY
    counts.request(level=level, reason="found", due_at=due, by=None, at=at, discrepancy=found)
