"""Giving programmes a key, and taking it back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from omni.access import SCOPES
from omni.activity import record
from omni.errors import RuleBroken
from omni.ids import public_id
from omni.models import ApiKey, ConnectorAccount, User
from omni.queries.api_keys import MARK, digest

SEEN_EVERY = timedelta(minutes=1)


class UnknownScope(RuleBroken):
    code = "unknown_scope"


@transaction.atomic
def create(
    *,
    name: str,
    scopes: Iterable[str],
    at: datetime,
    by: User | None = None,
    account: ConnectorAccount | None = None,
) -> tuple[ApiKey, str]:
    """
    Make a key and return it with its token, which can never be shown again.

    account: the key then acts in this account's channel only.
    Raises UnknownScope for a scope that does not exist, or when there is none.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise UnknownScope(_("There is no scope %(scope)s.") % {"scope": ", ".join(unknown) or "–"}, unknown=unknown)
    prefix, secret = public_id(10), public_id(40)
    key = ApiKey.objects.create(
        name=name, prefix=prefix, hash=digest(secret), scopes=wanted, account=account, created_by=by, created_at=at
    )
    record("api_key.created", subject=key, at=at, by=by, scopes=wanted)
    return key, f"{MARK}_{prefix}_{secret}"


@transaction.atomic
def revoke(*, key: ApiKey, at: datetime, by: User | None = None) -> None:
    """Take a key back, for good. Revoked already: nothing happens."""
    if ApiKey.objects.usable().filter(pk=key.pk).update(revoked_at=at):
        record("api_key.revoked", subject=key, at=at, by=by)


def notice(*, key: ApiKey, at: datetime) -> None:
    """Write down that the key is in use, at most once a minute."""
    if key.last_used_at is None or key.last_used_at <= at - SEEN_EVERY:
        long_ago = Q(last_used_at=None) | Q(last_used_at__lte=at - SEEN_EVERY)
        ApiKey.objects.filter(long_ago, pk=key.pk).update(last_used_at=at)
