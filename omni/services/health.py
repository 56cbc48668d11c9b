"""How an account at a vendor is doing: opened here, with its circuit, so that every caller tells it alike."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from omni.activity import record
from omni.connectors import connect
from omni.connectors.base import ChannelConnector
from omni.connectors.errors import ConnectorError, Throttled
from omni.models import ConnectorAccount

FAILURES_TO_OPEN = 5
OPEN_FOR = timedelta(seconds=60)
THROTTLED_FOR = timedelta(seconds=10)
SEEN_AGAIN_AFTER = timedelta(seconds=5)


class AccountAway(Exception):
    """No call to this account before ``retry_at``: it throttles us, or it failed too often in a row."""

    def __init__(self, retry_at: datetime):
        super().__init__(retry_at.isoformat())
        self.retry_at = retry_at


def connector_of(account: ConnectorAccount) -> ChannelConnector:
    """
    Open the account's connector; nothing is sent yet. Raises Misconfigured.

    What the installation adds wins over what a person typed: a public one lets no address of an account lead into its
    own network.
    """
    config = {**account.config, "root": str(settings.FEED_ROOT), "public_only": settings.PUBLIC}
    return connect(account.kind, config, cast(Mapping[str, str], account.secrets))


@contextmanager
def conversation(account: ConnectorAccount, *, at: datetime) -> Iterator[ChannelConnector]:
    """
    Talk with an account, and write down how it went. Never inside a transaction.

    Raises AccountAway while the circuit is open, and lets every ConnectorError through after counting it.
    """
    knock(account, at=at)
    try:
        yield connector_of(account)
    except ConnectorError as error:
        note_failure(account=account, error=error, at=at)
        raise
    note_success(account=account, at=at)


def knock(account: ConnectorAccount, *, at: datetime) -> None:
    """Raise AccountAway unless a call may be made now. After a pause, one caller is let through as the probe."""
    row = ConnectorAccount.objects.filter(pk=account.pk)
    until = row.values_list("closed_until", flat=True).get()
    if until is None:
        return
    if until > at:
        raise AccountAway(until)
    if not row.filter(closed_until=until).update(closed_until=at + OPEN_FOR):
        raise AccountAway(at + OPEN_FOR)


def note_success(*, account: ConnectorAccount, at: datetime) -> None:
    """The account answered: the circuit closes. A row that says so already is left alone for some seconds."""
    row = ConnectorAccount.objects.filter(pk=account.pk)
    tired = row.filter(failures_in_row__gt=0) | row.exclude(closed_until=None) | row.filter(last_success_at=None)
    stale = row.filter(last_success_at__lt=at - SEEN_AGAIN_AFTER)
    if tired.exists() or stale.exists():
        row.update(last_success_at=at, failures_in_row=0, closed_until=None, last_error="")


@transaction.atomic
def note_failure(*, account: ConnectorAccount, error: ConnectorError, at: datetime) -> None:
    """Count a failure; the fifth in a row opens the circuit. Being throttled is a pause, not a failure."""
    row = ConnectorAccount.objects.filter(pk=account.pk)
    if isinstance(error, Throttled):
        row.update(closed_until=retry_at(error, at=at), last_error=sentence(error))
        return
    row.update(failures_in_row=F("failures_in_row") + 1, last_failure_at=at, last_error=sentence(error))
    opened = row.filter(failures_in_row__gte=FAILURES_TO_OPEN)
    if opened.update(closed_until=at + OPEN_FOR) and opened.filter(failures_in_row=FAILURES_TO_OPEN).exists():
        record("account.circuit_opened", subject=account, at=at, channel=account.channel, code=error.code)


def retry_at(error: Throttled, *, at: datetime) -> datetime:
    """When a throttled call may be made again."""
    if error.retry_at:
        return max(error.retry_at, at)
    return at + (timedelta(seconds=error.retry_after) if error.retry_after else THROTTLED_FOR)


def sentence(error: ConnectorError) -> str:
    """What went wrong, and what a person can do about it."""
    sentences = {
        "misconfigured": _("The account's settings do not fit: %(detail)s"),
        "throttled": _("The channel asked us to slow down. Omni waits and goes on by itself."),
        "transient": _("The channel could not be reached. Omni tries again by itself. %(detail)s"),
        "not_fetched": _("The channel does not fetch its files: many lie unread in its folder."),
        "rejected": _("The channel refused the request: %(detail)s"),
        "auth_expired": _("The channel no longer accepts our sign-in. Renew it in the account's settings."),
        "garbage": _(
            "The channel answered something that Omni does not understand. Nothing of it was used. %(detail)s"
        ),
        "unknown": _("The channel did not answer in time. Omni looks what became of it before it repeats anything."),
    }
    words = sentences.get(error.code) or _("The channel could not do what was asked: %(detail)s")
    return (words % {"detail": error.detail or error.code}).strip()
