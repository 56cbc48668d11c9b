"""Writes from outside happen once per key: the key and its answer are kept in the transaction of the effect."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from omni.db import retry_conflicts, try_lock
from omni.errors import RuleBroken
from omni.models import IdempotencyKey

KEPT_FOR = timedelta(days=14)
Answer = tuple[int, dict | list]


class KeyInFlight(RuleBroken):
    code = "idempotency_key_in_flight"
    status = 409


class KeyReused(RuleBroken):
    code = "idempotency_key_reused"
    status = 422


class Undone(Exception):
    """A rule was broken: what was begun must be undone before the refusal is kept."""

    def __init__(self, broken: RuleBroken):
        super().__init__(str(broken))
        self.broken = broken


def once(
    act: Callable[[], Answer],
    *,
    scope: str,
    key: str,
    request: bytes,
    at: datetime,
    refused: Callable[[RuleBroken], Answer],
) -> tuple[Answer, bool]:
    """
    Do ``act`` once for ``key`` and return (answer, whether it is a repeat of the first answer).

    request: what was asked, in bytes; the same key with another request raises KeyReused (422).
    refused: turns a broken rule into an answer; that answer is kept too, in a transaction of its own after the effects
    are undone, so that what is not refused needs no savepoint.
    Raises KeyInFlight (409) while the first request is being worked on.
    """
    fingerprint = hashlib.sha256(request).hexdigest()
    try:
        return keep(act, scope=scope, key=key, fingerprint=fingerprint, at=at)
    except Undone as undone:
        answer = refused(undone.broken)
    return keep(lambda: answer, scope=scope, key=key, fingerprint=fingerprint, at=at)


@retry_conflicts
@transaction.atomic
def keep(act: Callable[[], Answer], *, scope: str, key: str, fingerprint: str, at: datetime) -> tuple[Answer, bool]:
    """Do ``act`` and keep its answer under the key, unless an answer is there already. Raises Undone."""
    if not try_lock(f"idempotency:{scope}:{key}"):
        raise KeyInFlight("The first request with this key is still being worked on. Try again in a moment.")
    kept = IdempotencyKey.objects.filter(scope=scope, key=key).values_list("request_hash", "status", "body")
    for request_hash, status, body in kept:
        if request_hash != fingerprint:
            raise KeyReused("This key was used for another request. Take a new key.")
        return (status, body), True
    try:
        status, body = act()
    except RuleBroken as broken:
        raise Undone(broken) from broken
    IdempotencyKey.objects.create(
        scope=scope,
        key=key,
        request_hash=fingerprint,
        status=status,
        body=body,
        created_at=at,
    )
    return (status, body), False


def forget_old(*, at: datetime) -> int:
    """Delete keys that are older than KEPT_FOR; a till may come back after a long weekend, not after a month."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT_FOR).delete()[0]
