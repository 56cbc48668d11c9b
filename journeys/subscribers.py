"""What journeys does about the news of other apps."""

from datetime import date, datetime

from django.conf import settings

from journeys.services import figures
from omni.models import Activity


def count_sale(activity: Activity, *, at: datetime) -> None:
    """Add a sale at a till, or goods taken back there, to the day of its store."""
    data = activity.data
    if activity.location is None or activity.channel is None:
        return
    figures.add_sale(
        day=date.fromisoformat(data["day"]),
        location=activity.location,
        channel=activity.channel,
        currency=data.get("currency") or settings.DEFAULT_CURRENCY,
        origin=data.get("origin", "real"),
        amount_minor=data.get("amount_minor") or 0,
        lines=data.get("lines", 0),
        units=data.get("units", 0),
        back=activity.verb == "till.returned",
        at=at,
    )
