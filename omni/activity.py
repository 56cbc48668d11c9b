"""
What happened, as audit and as news.

A service ends with ``record("stock.adjusted", subject=level, by=staff, at=at)``: one row in the same transaction. After
commit the relay chains its digest and hands it to each subscriber once.
"""

import hashlib
import importlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction

from omni.db import try_lock
from omni.models import (
    Activity,
    ActivityDelivery,
    ActivityLink,
    Channel,
    Location,
    User,
)

log = logging.getLogger(__name__)
TRIES = 12


# The programme for which this thread works, so that its news does not look like Omni's own: ids only.
_programme: ContextVar[dict[str, str] | None] = ContextVar("programme", default=None)


@contextmanager
def acting_for(**programme: str) -> Iterator[None]:
    """What is recorded in this block without a person was done by a programme, named by these ids."""
    token = _programme.set(programme)
    try:
        yield
    finally:
        _programme.reset(token)


def kind_of(by: User | None) -> str:
    if by:
        return Activity.ActorKind.STAFF
    return Activity.ActorKind.API if _programme.get() else Activity.ActorKind.SYSTEM


def ref(thing: models.Model | str) -> str:
    """Return the typed reference of a row: ``"variant:8F3K2…"``. Rows without a public id use their key."""
    if isinstance(thing, str):
        return thing
    return f"{thing._meta.model_name}:{getattr(thing, 'public_id', None) or thing.pk}"


def record(
    verb: str,
    *,
    subject: models.Model | str,
    at: datetime,
    by: User | None = None,
    actor_kind: str | None = None,
    channel: Channel | None = None,
    location: Location | None = None,
    customer: str = "",
    order: str = "",
    outcome: str = "done",
    **data: Any,
) -> Activity:
    """
    Write down that something happened, in the transaction in which it did.

    at: when it happened. data: ids and figures, never names or texts of people.
    """
    return Activity.objects.create(
        verb=verb,
        subject=ref(subject),
        occurred_at=at,
        actor=by,
        actor_kind=actor_kind or kind_of(by),
        channel=channel,
        location=location,
        customer_ref=customer,
        order_ref=order,
        outcome=outcome,
        data=data if by else {**(_programme.get() or {}), **data},
    )


def digest_of(activity: Activity, before: str) -> str:
    """SHA-256 over the digest of the link before and the row's own content, in a canonical spelling."""
    content = [
        activity.pk, activity.verb, activity.subject, activity.occurred_at.isoformat(), activity.actor_id,
        activity.actor_kind, activity.channel_id, activity.location_id, activity.customer_ref, activity.order_ref,
        activity.outcome, activity.schema, activity.data,
    ]  # fmt: skip
    return hashlib.sha256((before + json.dumps(content, sort_keys=True, default=str)).encode()).hexdigest()


@transaction.atomic
def relay(*, at: datetime, limit: int = 500) -> int:
    """Chain what is new and note for whom it is news. Returns how many rows were taken; one relay works at a time."""
    if not try_lock("omni.activity.relay"):
        return 0
    fresh = list(Activity.objects.filter(relayed=False).order_by("pk")[:limit])
    last = ActivityLink.objects.order_by("-pk").values_list("digest", flat=True).first() or ""
    links, deliveries = [], []
    for activity in fresh:
        last = digest_of(activity, last)
        links.append(ActivityLink(activity=activity, digest=last))
        for name, (prefix, _path) in subscriptions().items():
            if activity.verb.startswith(prefix):
                deliveries.append(ActivityDelivery(activity=activity, subscriber=name, next_try_at=at))
    ActivityLink.objects.bulk_create(links)
    ActivityDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    Activity.objects.filter(pk__in=[activity.pk for activity in fresh]).update(relayed=True)
    return len(fresh)


def subscriptions() -> dict[str, tuple[str, str]]:
    """Name of each subscriber, with the beginning of the verbs it wants and the function it is."""
    return settings.ACTIVITY_SUBSCRIBERS


def subscriber(name: str) -> Callable[..., None]:
    module, function = subscriptions()[name][1].rsplit(".", 1)
    return getattr(importlib.import_module(module), function)


def deliver(*, at: datetime, limit: int = 200) -> int:
    """Hand out what is due, each in its own transaction together with what the subscriber does. Returns how many."""
    due = ActivityDelivery.objects.filter(done_at=None, next_try_at__lte=at).order_by("pk")
    return sum(hand_over(pk, at=at) for pk in list(due.values_list("pk", flat=True)[:limit]))


def hand_over(pk: int, *, at: datetime) -> bool:
    """Hand one piece of news to its subscriber; a failure is kept with its reason and tried again later."""
    try:
        with transaction.atomic():
            waiting = ActivityDelivery.objects.select_for_update(skip_locked=True, of=("self",))
            delivery = waiting.select_related("activity").filter(pk=pk, done_at=None).first()
            if delivery is None:
                return False
            subscriber(delivery.subscriber)(delivery.activity, at=at)
            ActivityDelivery.objects.filter(pk=pk).update(done_at=at, attempts=models.F("attempts") + 1)
            return True
    except Exception as error:
        log.exception("news %s was not taken", pk)
        delivery = ActivityDelivery.objects.get(pk=pk)
        later = at + timedelta(seconds=min(900, 2 ** (delivery.attempts + 1)))
        ActivityDelivery.objects.filter(pk=pk).update(
            attempts=models.F("attempts") + 1,
            next_try_at=later if delivery.attempts + 1 < TRIES else None,
            last_error=f"{type(error).__name__}: {error}",
        )
        return False


def first_broken_link() -> int | None:
    """Return the id of the first activity whose content no longer fits the chain, or None when it is whole."""
    before = ""
    for link in ActivityLink.objects.select_related("activity").order_by("pk").iterator(2000):
        if digest_of(link.activity, before) != link.digest:
            return link.activity_id
        before = link.digest
    return None
