"""Opening and closing the work that waits for people."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from omni.activity import record, ref
from omni.models import Location, User, WorkItem


@transaction.atomic
def open_work(
    kind: str,
    *,
    subject: models.Model | str,
    url: str,
    at: datetime,
    location: Location | None = None,
    role: str = "",
    due_at: datetime | None = None,
    by: User | None = None,
    **data: Any,
) -> WorkItem:
    """
    Put something on a store's Today, or before the people of a role. Open already: the same item comes back.

    kind: names the words in omni.navigation.WORK_KINDS. data: what these words need (SKU, figures).
    """
    item, fresh = WorkItem.objects.get_or_create(
        kind=kind,
        subject=ref(subject),
        closed_at=None,
        defaults={
            "location": location, "role": role, "url": url, "due_at": due_at, "opened_at": at, "opened_by": by,
            "data": data,
        },
    )  # fmt: skip
    if fresh:
        record("work.opened", subject=item, at=at, by=by, location=location, kind=kind)
    return item


@transaction.atomic
def close_work(
    kind: str,
    *,
    subject: models.Model | str,
    at: datetime,
    by: User | None = None,
    outcome: str = "done",
) -> bool:
    """Take something off the list. Returns whether it was still open."""
    item = WorkItem.objects.select_for_update().filter(kind=kind, subject=ref(subject), closed_at=None).first()
    if item is None:
        return False
    WorkItem.objects.filter(pk=item.pk).update(closed_at=at, closed_by=by, outcome=outcome)
    record("work.closed", subject=item, at=at, by=by, location=item.location, kind=kind)
    return True
