"""Locations from files."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from omni.importing.dependents import in_use
from omni.models import Channel, ChannelLocation, Location, LocationGroup

PLAIN = ("name", "kind", "street", "city", "postcode", "country", "time_zone", "franchised")


@transaction.atomic
def merge(*, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    """Make or change locations by their codes; what a row does not name stays as it is."""
    known = {location.code: location for location in Location.objects.filter(code__in=[row["code"] for row in rows])}
    groups = make_groups({row["group"] for row in rows if row.get("group")})
    for row in rows:
        location = known.setdefault(row["code"], Location(code=row["code"]))
        for name in PLAIN:
            if name in row:
                setattr(location, name, row[name])
        if "group" in row:
            location.group = groups[row["group"]] if row["group"] else None
        for name in {"latitude", "longitude"} & set(row):
            setattr(location, name, number(row[name]))
        location.save()
        if "channels" in row:
            serve(location, row["channels"].split())


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def make_groups(names: set[str]) -> dict[str, LocationGroup]:
    """The groups of these names; what is missing is made."""
    found = {group.name: group for group in LocationGroup.objects.filter(name__in=names)}
    for name in sorted(names - set(found)):
        code = slugify(name)[:34] or "group"
        taken = LocationGroup.objects.filter(code__startswith=code).count()
        found[name] = LocationGroup.objects.create(code=f"{code}-{taken + 1}" if taken else code, name=name)
    return found


def serve(location: Location, codes: list[str]) -> None:
    """Let exactly these channels promise the stock of a location."""
    ChannelLocation.objects.filter(location=location).exclude(channel__code__in=codes).delete()
    channels = Channel.objects.filter(code__in=codes).exclude(channel_locations__location=location)
    ChannelLocation.objects.bulk_create([ChannelLocation(channel=channel, location=location) for channel in channels])


@transaction.atomic
def remove(*, codes: Sequence[str], new_groups: set[str]) -> set[str]:
    """
    Delete locations that an import made, and the groups it made for them. Returns the codes of those that are in use.

    Then nothing of the call may stand: what stands on a location would be lost with it.
    """
    keys = dict(Location.objects.filter(code__in=codes).values_list("pk", "code"))
    used = in_use(Location, set(keys), apart_from=[ChannelLocation])
    if not used:
        ChannelLocation.objects.filter(location__in=keys).delete()
        Location.objects.filter(pk__in=keys).delete()
        LocationGroup.objects.filter(name__in=new_groups, locations=None).delete()
    return {keys[pk] for pk in used}
