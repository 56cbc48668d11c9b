"""
Who may do what: roles, the mark of a staff page, and the door.

Permissions live in querysets (``visible_to``): what one may not see does not exist (404). This module says which role
has which right, and refuses a page whose right one lacks.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from omni.models import User


class StaffRequest(HttpRequest):
    """A request that has passed the door: somebody who works here makes it. For annotations only."""

    user: User


@dataclass(frozen=True)
class Role:
    """A role of staff: its name, the URL name of its first page, and its rights as ``app.codename``."""

    code: str
    name: object
    home: str
    rights: tuple[str, ...]


STORE = (
    "inventory.view_stocklevel", "inventory.view_variant", "inventory.change_stocklevel", "inventory.view_discrepancy",
    "inventory.sell_at_till", "inventory.view_transfer", "inventory.change_transfer", "inventory.do_count",
    "omni.view_workitem", "omni.view_channel",
)  # fmt: skip
ONLINE = (
    "inventory.view_stocklevel", "inventory.view_variant", "inventory.view_listing", "inventory.view_discrepancy",
    "inventory.change_discrepancy", "inventory.view_reservation", "inventory.reconcile", "omni.view_channel",
    "omni.view_connectoraccount", "omni.view_setaside", "omni.change_setaside", "omni.view_jobrun",
    "omni.view_workitem", "omni.see_all_locations", "inventory.change_variant", "inventory.import_files",
)  # fmt: skip
CENTRE = (
    "omni.see_all_locations", "omni.view_overview", "journeys.view_salesday", "journeys.view_campaign",
    "omni.view_integrity",
)  # fmt: skip
ROLES = {
    role.code: role
    for role in (
        Role("store_staff", _("Store staff"), "today", STORE),
        Role(
            "store_manager",
            _("Store manager"),
            "today",
            (*STORE, "inventory.import_files", "journeys.view_salesday", "omni.view_overview"),
        ),
        Role("online_staff", _("Online staff"), "channels", ONLINE),
        Role(
            "customer_service",
            _("Customer service"),
            "stock",
            ("inventory.view_stocklevel", "inventory.view_variant", "inventory.view_reservation", "omni.view_channel",
             "omni.see_all_locations", "omni.view_workitem"),
        ),
        Role(
            "marketing",
            _("Marketing"),
            "campaigns",
            ("journeys.view_campaign", "inventory.view_stocklevel", "inventory.view_variant", "omni.view_channel",
             "omni.see_all_locations", "omni.view_workitem"),
        ),
        Role(
            "head_office",
            _("Head office"),
            "overview",
            (*CENTRE, *ONLINE, "inventory.change_rules", "inventory.repair_ledger", "omni.view_changeset",
             "omni.change_location"),
        ),
        Role("administrator", _("Administrator"), "settings", ("*",)),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """
    What an API key may do: its name for people, and the rights of staff that it stands for.

    Staff who are signed in may read through the API what these rights let them see; only keys write.
    """

    code: str
    name: object
    rights: tuple[str, ...]


SCOPES = {
    scope.code: scope
    for scope in (
        Scope("stock:read", _("Read stock, availability and the ledger"), ("inventory.view_stocklevel",)),
        Scope(
            "stock:write",
            _("Book sales, returns, receipts, adjustments and transfers"),
            ("inventory.view_stocklevel", "inventory.change_stocklevel"),
        ),
        Scope("reservations:read", _("Read reservations"), ("inventory.view_reservation",)),
        Scope(
            "reservations:write",
            _("Promise stock, hand it over and let it go"),
            ("inventory.view_reservation", "inventory.change_reservation"),
        ),
        Scope(
            "channels:report",
            _("Report what a channel shows"),
            ("inventory.view_listing", "omni.view_connectoraccount"),
        ),
        Scope("system:read", _("Read whether the ledger is whole"), ("omni.view_integrity",)),
    )
}


IMPORT_FILES = "inventory.import_files"  # the right without which nobody sends a file, whatever its kind


def seed_roles(**_kwargs: object) -> None:
    """Make the groups of the roles and give them their rights. Runs after every migrate; adds and removes."""
    for role in ROLES.values():
        group, _made = Group.objects.get_or_create(name=role.code)
        group.permissions.set(permissions_of(role.rights))


def permissions_of(rights: Iterable[str]) -> list[Permission]:
    if "*" in rights:
        every = Permission.objects.filter(content_type__app_label__in=settings.PROJECT_APPS)
        return list(every.select_related("content_type"))
    wanted = {tuple(right.split(".")) for right in rights}
    found = Permission.objects.filter(
        content_type__app_label__in={app for app, _c in wanted},
        codename__in={code for _a, code in wanted},
    ).select_related("content_type")
    return [right for right in found if (right.content_type.app_label, right.codename) in wanted]


def staff_view(right: str | None, methods: Iterable[str] = ("GET",)) -> Callable:
    """
    Mark a view as a page of staff that needs ``right`` (None: signed in is enough).

    A URL whose view carries no such mark fails a test. GET implies HEAD.
    """
    allowed = list(methods) + (["HEAD"] if "GET" in methods else [])

    def mark(view: Callable) -> Callable:
        @functools.wraps(view)
        def guarded(request: StaffRequest, *args, **kwargs) -> HttpResponse:
            if request.user.must_change_password:
                return redirect("account_change_password")
            if needs_second_factor(request.user):
                return redirect("mfa_activate_totp")
            if right and not request.user.has_perm(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        door: Any = require_http_methods(allowed)(login_required(guarded))
        door.staff_right = right or "signed in"
        door.staff_methods = tuple(allowed)
        return door

    return mark


def open_view(methods: Iterable[str] = ("GET",)) -> Callable:
    """Mark a view as open to everybody, on purpose."""
    allowed = list(methods) + (["HEAD"] if "GET" in methods else [])

    def mark(view: Callable) -> Callable:
        door: Any = require_http_methods(allowed)(view)
        door.staff_right = "open"
        door.staff_methods = tuple(allowed)
        return door

    return mark


def has_second_factor(user) -> bool:
    return is_mfa_enabled(user)


def needs_second_factor(user) -> bool:
    """Whether this person's roles ask for a second factor that is not set up yet. The loopback demo asks for none."""
    return not settings.DEMO and bool(user.roles & settings.TOTP_ROLES) and not has_second_factor(user)


class RoleBackend(ModelBackend):
    """Signs staff in by user name and password. What they may do follows from their roles alone (ROLES)."""

    def get_user_permissions(self, user_obj, obj=None) -> set[str]:
        """Nobody holds a right of their own."""
        return set()

    def get_group_permissions(self, user_obj, obj=None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        rights = {right for code in user_obj.roles if code in ROLES for right in ROLES[code].rights}
        if not user_obj.is_superuser and "*" not in rights:
            return rights
        return {f"{right.content_type.app_label}.{right.codename}" for right in permissions_of("*")}


class StaffAccountAdapter(DefaultAccountAdapter):
    """Staff are made by administrators; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user, password: str) -> None:
        """A password that one chose oneself need not be changed."""
        user.must_change_password = False
        super().set_password(user, password)
