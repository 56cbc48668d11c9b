"""Stores and warehouses: opened, changed, retired. None is ever deleted: the ledger stands on them."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Location, LocationGroup, User


class CodeTaken(RuleBroken):
    code = "code_taken"


@transaction.atomic
def add(*, code: str, name: str, by: User | None, at: datetime, **details: Any) -> Location:
    """Open a location. details: the other columns of Location. Raises CodeTaken."""
    try:
        with transaction.atomic():
            place = Location.objects.create(code=code, name=name, **details)
    except IntegrityError:
        raise CodeTaken(_("Another place has this code already.")) from None
    record("location.added", subject=place, at=at, by=by, location=place)
    return place


@transaction.atomic
def change(*, location: Location, by: User, at: datetime, **details: Any) -> Location:
    """Change what is known of a place; its code stays for good."""
    changed = sorted(name for name, value in details.items() if getattr(location, name) != value)
    for name in changed:
        setattr(location, name, details[name])
    location.save(update_fields=changed)
    record("location.changed", subject=location, at=at, by=by, location=location, fields=changed)
    return location


@transaction.atomic
def set_retired(*, location: Location, retired: bool, by: User, at: datetime) -> Location:
    """Take a place out of use, or back into it. Its history stays."""
    Location.objects.filter(pk=location.pk).update(retired_at=at if retired else None)
    record("location.retired" if retired else "location.reopened", subject=location, at=at, by=by, location=location)
    return location


@transaction.atomic
def add_group(*, code: str, name: str, by: User, at: datetime) -> LocationGroup:
    """Make a group that rules and comparisons can use. Raises CodeTaken."""
    try:
        with transaction.atomic():
            group = LocationGroup.objects.create(code=code, name=name)
    except IntegrityError:
        raise CodeTaken(_("Another group has this code already.")) from None
    record("location_group.added", subject=group, at=at, by=by)
    return group
