"""Members of staff: what they set for themselves, and what administrators set for them."""

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omni.access import ROLES
from omni.activity import record
from omni.errors import RuleBroken
from omni.ids import public_id
from omni.models import Department, Location, User

DETAILS = ("first_name", "last_name", "department")


class NameTaken(RuleBroken):
    code = "name_taken"


class OwnRights(RuleBroken):
    code = "own_rights"
    status = 409


@transaction.atomic
def set_preferences(*, staff: User, by: User, at: datetime, **changes: str | bool) -> User:
    """Change how the screens look for one person: language, time_zone, theme, keys_on."""
    for name, value in changes.items():
        setattr(staff, name, value)
    staff.save(update_fields=list(changes))
    record("staff.preferences_changed", subject=staff, at=at, by=by, fields=sorted(changes))
    return staff


def see_alerts(*, staff: User, at: datetime) -> None:
    """Note that this person has looked at the bell: what came until now is no news any more."""
    User.objects.filter(pk=staff.pk).update(bell_seen_at=at)


@transaction.atomic
def add(
    *,
    username: str,
    roles: Iterable[str],
    locations: Iterable[Location],
    by: User | None,
    at: datetime,
    password: str = "",
    **details: str | Department | None,
) -> tuple[User, str]:
    """
    Let somebody in. Returns the person and a password for one use, unless they bring their own.

    details: first_name, last_name, department. Raises NameTaken.
    """
    once = password or public_id(14)
    try:
        with transaction.atomic():
            staff = User.objects.create_user(username, password=once, must_change_password=not password, **details)
    except IntegrityError:
        raise NameTaken(_("Somebody has this user name already.")) from None
    assign(staff, roles=roles, locations=locations)
    record("staff.added", subject=staff, at=at, by=by, roles=sorted(roles))
    return staff, once


@transaction.atomic
def change(
    *,
    staff: User,
    roles: Iterable[str],
    locations: Iterable[Location],
    by: User,
    at: datetime,
    **details: str | Department | None,
) -> User:
    """
    Change what somebody is called, may do, and where. details: first_name, last_name, department.

    Raises OwnRights for one's own roles and stores: nobody promotes themselves.
    """
    moved = set(roles) != set(staff.roles) or {place.pk for place in locations} != set(
        staff.locations.values_list("pk", flat=True)
    )
    if moved and staff == by:
        raise OwnRights(_("Another administrator must change your own roles and stores."))
    before = sorted(staff.roles)
    for name in DETAILS:
        setattr(staff, name, details.get(name, getattr(staff, name)))
    staff.save(update_fields=DETAILS)
    if moved:
        assign(staff, roles=roles, locations=locations)
    record("staff.changed", subject=staff, at=at, by=by, roles=sorted(roles), roles_before=before)
    return staff


def assign(staff: User, *, roles: Iterable[str], locations: Iterable[Location]) -> None:
    staff.groups.set(Group.objects.filter(name__in=[code for code in roles if code in ROLES]))
    staff.locations.set(locations)


@transaction.atomic
def set_active(*, staff: User, active: bool, by: User, at: datetime) -> User:
    """Let somebody in again, or shut them out: every session of theirs ends with its next request."""
    if staff == by:
        raise OwnRights(_("You cannot shut yourself out."))
    User.objects.filter(pk=staff.pk).update(is_active=active)
    record("staff.enabled" if active else "staff.disabled", subject=staff, at=at, by=by)
    return staff


@transaction.atomic
def give_password(*, staff: User, by: User, at: datetime) -> str:
    """Make a password for one use; sessions end, the lock-out and a lost second factor are taken away."""
    if staff == by:
        raise OwnRights(_("Change your own password in your preferences."))
    once = public_id(14)
    staff.set_password(once)
    staff.must_change_password = True
    staff.save(update_fields=["password", "must_change_password"])
    Authenticator.objects.filter(user=staff).delete()
    reset(username=staff.username)
    record("staff.password_given", subject=staff, at=at, by=by)
    return once
