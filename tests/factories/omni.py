"""Plain functions that make the kernel's rows; each call without a name makes a new one."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from omni.models import Channel, ChannelLocation, ConnectorAccount, Location, LocationGroup, User

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
number = count(1)


def make_location(code: str = "", **values: Any) -> Location:
    code = code or f"store-{next(number)}"
    return Location.objects.create(code=code, **{"name": code.replace("-", " ").title(), **values})


def make_location_group(code: str = "", **values: Any) -> LocationGroup:
    code = code or f"group-{next(number)}"
    return LocationGroup.objects.create(code=code, **{"name": code, **values})


def make_channel(code: str = "", *, locations: tuple[Location, ...] | list[Location] = (), **values: Any) -> Channel:
    """A channel that sells, serving these locations; pooled unless said otherwise."""
    code = code or f"channel-{next(number)}"
    channel = Channel.objects.create(code=code, **{"name": code.title(), "sells": True, **values})
    for location in locations:
        ChannelLocation.objects.create(channel=channel, location=location)
    return channel


def make_account(*, channel: Channel | None = None, code: str = "", **values: Any) -> ConnectorAccount:
    code = code or f"account-{next(number)}"
    channel = channel or make_channel()
    return ConnectorAccount.objects.create(channel=channel, code=code, **{"name": code, "kind": "feed", **values})


def make_staff(role: str = "", *, locations: tuple[Location, ...] | list[Location] = (), **values: Any) -> User:
    """A member of staff in a role (omni.access.ROLES), bound to these locations."""
    username = values.pop("username", "") or f"staff-{next(number)}"
    staff = User.objects.create_user(username, password=values.pop("password", None), **values)
    if role:
        staff.groups.add(Group.objects.get(name=role))
    staff.locations.set(locations)
    return staff
