"""Channels as data: a new way to meet customers is a row, and so is what it may promise."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Channel, ChannelLocation, Location, User


class CodeTaken(RuleBroken):
    code = "code_taken"


class NoUse(RuleBroken):
    code = "no_use"


@transaction.atomic
def add(*, code: str, locations: Iterable[Location], by: User | None, at: datetime, **details: Any) -> Channel:
    """Open a channel over these locations. details: the other columns of Channel. Raises CodeTaken, NoUse."""
    refuse_without_use(details)
    try:
        with transaction.atomic():
            channel = Channel.objects.create(code=code, **details)
    except IntegrityError:
        raise CodeTaken(_("Another channel has this code already.")) from None
    serve(channel, locations)
    record("channel.added", subject=channel, at=at, by=by, channel=channel)
    return channel


@transaction.atomic
def change(*, channel: Channel, locations: Iterable[Location], by: User, at: datetime, **details: Any) -> Channel:
    """Change a channel and the locations whose stock it may promise. Raises NoUse."""
    refuse_without_use(details)
    changed = sorted(name for name, value in details.items() if getattr(channel, name) != value)
    for name in changed:
        setattr(channel, name, details[name])
    channel.save(update_fields=changed)
    if serve(channel, locations):
        changed.append("locations")
    record("channel.changed", subject=channel, at=at, by=by, channel=channel, fields=changed)
    return channel


@transaction.atomic
def set_retired(*, channel: Channel, retired: bool, by: User, at: datetime) -> Channel:
    """Close a channel, or open it again. What it sold stays."""
    Channel.objects.filter(pk=channel.pk).update(retired_at=at if retired else None)
    record("channel.retired" if retired else "channel.reopened", subject=channel, at=at, by=by, channel=channel)
    return channel


def refuse_without_use(details: dict[str, Any]) -> None:
    if not any(details.get(use) for use in ("sells", "serves", "markets")):
        raise NoUse(_("A channel must sell, serve or market."))


def serve(channel: Channel, locations: Iterable[Location]) -> bool:
    """Let the channel promise the stock of these locations and of no others. Returns whether that is a change."""
    wanted = {place.pk for place in locations}
    gone, _by_model = ChannelLocation.objects.filter(channel=channel).exclude(location__in=wanted).delete()
    kept = set(ChannelLocation.objects.filter(channel=channel).values_list("location_id", flat=True))
    ChannelLocation.objects.bulk_create(
        ChannelLocation(channel=channel, location_id=pk) for pk in sorted(wanted - kept)
    )
    return bool(gone or wanted - kept)
