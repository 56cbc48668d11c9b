"""Listings whose push was given up: tried again, or left with a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from inventory.models import ListingState
from omni.activity import record
from omni.models import ConnectorAccount, User
from omni.queue import poke
from omni.services.inbound import ReasonMissing


@transaction.atomic
def retry(*, account: ConnectorAccount, code: str, by: User | None, at: datetime, listing_id: int | None = None) -> int:
    """Try pushes again that were given up for this reason: all of the account, or one. Returns how many."""
    dead = ListingState.objects.filter(listing__account=account, given_up=True, last_error=code)
    if listing_id is not None:
        dead = dead.filter(listing_id=listing_id)
    revived = dead.update(
        given_up=False, attempts=0, next_try_at=None, dirty=True, dirty_since=at, version=F("version") + 1
    )
    if revived:
        record("listings.retried", subject=account, at=at, by=by, channel=account.channel, code=code, listings=revived)
        transaction.on_commit(lambda: poke("inventory.schedule_push"))
    return revived


@transaction.atomic
def skip(
    *, account: ConnectorAccount, code: str, reason: str, by: User | None, at: datetime, listing_id: int | None = None
) -> int:
    """Owe these listings nothing until their stock moves again. Raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(_("Say why this may be left out; others will read it."))
    dead = ListingState.objects.filter(listing__account=account, given_up=True, last_error=code)
    if listing_id is not None:
        dead = dead.filter(listing_id=listing_id)
    skipped = dead.update(given_up=False, attempts=0, dirty=False, dirty_since=None, last_error="")
    if skipped:
        record(
            "listings.skipped", subject=account, at=at, by=by, channel=account.channel, code=code, listings=skipped,
            reason=reason.strip()[:200],
        )  # fmt: skip
    return skipped
