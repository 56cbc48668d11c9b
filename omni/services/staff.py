"""Members of staff: what they set for themselves, and what administrators set for them."""

from datetime import datetime

from django.db import transaction

from omni.activity import record
from omni.models import User


@transaction.atomic
def set_preferences(*, staff: User, by: User, at: datetime, **changes: str | bool) -> User:
    """Change how the screens look for one person: language, time_zone, theme, keys_on."""
    for name, value in changes.items():
        setattr(staff, name, value)
    staff.save(update_fields=list(changes))
    record("staff.preferences_changed", subject=staff, at=at, by=by, fields=sorted(changes))
    return staff


def see_alerts(*, staff: User, at: datetime) -> None:
    """Note that this person has looked at the bell: what came until now is no news any more."""
    User.objects.filter(pk=staff.pk).update(bell_seen_at=at)
