"""What could not be taken is set aside whole, with its reason, until it is tried again or skipped by a person."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.masking import mask_cards
from omni.models import ConnectorAccount, InboundEvent, SetAside, User

LONGEST_ID = 160
KEPT_HEADERS = {"content-type", "user-agent", "x-request-id"}


class CannotRetry(RuleBroken):
    """This kind of item is of no more use: what it was must be sent again, or the item skipped."""

    code = "cannot_retry"


class ReasonMissing(RuleBroken):
    """Skipping something for good needs a reason that others can read later."""

    code = "reason_missing"


def set_aside(
    *, kind: str, account: ConnectorAccount | None, payload: dict[str, Any], code: str, reason: str, at: datetime
) -> SetAside:
    """Keep an item that could not be taken. The same item again is the same row, with one more attempt."""
    content = json.dumps([account.pk if account else None, payload], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    item, fresh = SetAside.objects.get_or_create(
        kind=kind,
        fingerprint=fingerprint,
        settled_at=None,
        defaults={"account": account, "payload": payload, "code": code[:60], "reason": reason, "created_at": at},
    )
    if not fresh:
        SetAside.objects.filter(pk=item.pk).update(attempts=F("attempts") + 1, code=code[:60], reason=reason)
    return item


def retry(*, item: SetAside, by: User | None, at: datetime) -> bool:
    """Try one item again. Returns whether it was taken; when not, its reason is the newest one."""
    if item.kind not in settings.QUARANTINE_HANDLERS:
        raise CannotRetry(_("This cannot be tried again here. Have it sent anew, then skip it with a reason."))
    handler = import_string(settings.QUARANTINE_HANDLERS[item.kind])
    waiting = SetAside.objects.waiting().filter(pk=item.pk)
    try:
        with transaction.atomic():
            if not waiting.select_for_update(of=("self",)).exists():
                return False
            handler(item, by, at)
            waiting.update(settled_at=at, settled_by=by, outcome="taken", attempts=F("attempts") + 1)
            record("set_aside.taken", subject=item, at=at, by=by, kind=item.kind)
    except RuleBroken as broken:
        waiting.update(attempts=F("attempts") + 1, code=broken.code[:60], reason=str(broken))
        return False
    return True


def retry_alike(*, item: SetAside, by: User | None, at: datetime, limit: int = 1000) -> tuple[int, int]:
    """Try everything again that waits for the same reason. Returns (taken, still refused)."""
    alike = SetAside.objects.waiting().filter(kind=item.kind, account=item.account, code=item.code).order_by("pk")
    taken = [retry(item=one, by=by, at=at) for one in list(alike[:limit])]
    return sum(taken), len(taken) - sum(taken)


@transaction.atomic
def skip(*, item: SetAside, reason: str, by: User | None, at: datetime) -> None:
    """Let an item go for good. Raises ReasonMissing without a reason."""
    if not reason.strip():
        raise ReasonMissing(_("Say why this may be left out; others will read it."))
    changed = SetAside.objects.waiting().filter(pk=item.pk)
    if changed.update(settled_at=at, settled_by=by, outcome="skipped", skip_reason=reason.strip()[:200]):
        record("set_aside.skipped", subject=item, at=at, by=by, kind=item.kind)


def keep_event(
    *, account: ConnectorAccount, event_id: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> tuple[InboundEvent, bool]:
    """
    Keep an event from outside as it arrived, once per account and id; returns it and whether it is new.

    Only harmless headers are kept, and card numbers in the body are masked.
    """
    name = event_id if len(event_id) <= LONGEST_ID else hashlib.sha256(event_id.encode()).hexdigest()
    return InboundEvent.objects.get_or_create(
        account=account,
        event_id=name,
        defaults={
            "headers": {key: value[:200] for key, value in headers.items() if key.lower() in KEPT_HEADERS},
            "body": mask_cards(body.decode("utf-8", "replace")).encode(),
            "received_at": at,
        },
    )


def settle_event(*, event: InboundEvent, at: datetime, error: str = "") -> None:
    """Note that an event was worked on, or why it could not be."""
    InboundEvent.objects.filter(pk=event.pk).update(processed_at=at, last_error=error[:2000])
