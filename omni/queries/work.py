"""What waits for whom."""

from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from omni.models import Location, User, WorkItem
from omni.navigation import WORK_KINDS, may
from omni.work_words import Badge


def waiting(staff: User, *, location: Location | None = None) -> QuerySet[WorkItem]:
    """Open work whose page this person may open, the most urgent first; at one location when one is given."""
    closed = [kind for kind, words in WORK_KINDS.items() if not may(staff, words.right)]
    found = WorkItem.objects.visible_to(staff).open().exclude(kind__in=closed)
    return found.filter(location=location) if location else found


def today_badge(staff: User, *, location: Location | None, at: datetime) -> Badge:
    """Open work and how much of it is late."""
    counted = waiting(staff, location=location).aggregate(open=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
    return Badge(**counted)


def news(staff: User) -> dict:
    """What the bell knows: how many items came since this person last looked, and the newest of all."""
    since = Q(opened_at__gt=staff.bell_seen_at) if staff.bell_seen_at else Q()
    return waiting(staff).aggregate(new=Count("pk", filter=since), newest=Max("pk"))
