"""The settings: one page that leads to each of them."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.navigation import Text, may, page_exists


@dataclass(frozen=True)
class Door:
    """A way into one part of the settings."""

    label: Text
    says: Text
    icon: str
    url_name: str
    right: str


DOORS = (
    Door(
        _("Staff and roles"), _("Who works here, what they may do, where"), "users", "settings_staff", "omni.view_user"
    ),
    Door(
        _("Stores and warehouses"),
        _("Address, hours, group, time zone"),
        "store",
        "settings_locations",
        "omni.view_location",
    ),
    Door(
        _("Channels"),
        _("Where customers meet us, and which stock each may promise"),
        "waypoints",
        "settings_channels",
        "omni.view_channel",
    ),
    Door(
        _("Connections"),
        _("Accounts at shops and tills, tested and watched"),
        "plug",
        "settings_accounts",
        "omni.view_connectoraccount",
    ),
    Door(_("API keys"), _("How programmes get in"), "key-round", "settings_keys", "omni.view_apikey"),
    Door(_("Jobs"), _("What runs, waits or was given up"), "list-checks", "settings_jobs", "omni.view_jobrun"),
    Door(
        _("What happened"),
        _("Everything that was done, by whom and when"),
        "history",
        "settings_audit",
        "omni.view_activity",
    ),
    Door(
        _("Ledger check"),
        _("Whether every figure follows from what was booked"),
        "scale",
        "integrity",
        "omni.view_integrity",
    ),
    Door(
        _("Departments"),
        _("Whom work and goals belong to"),
        "building-2",
        "settings_departments",
        "omni.view_department",
    ),
    Door(
        _("Demo data"),
        _("Bring it forward, or remove it"),
        "database",
        "settings_demo",
        "omni.change_settings",
    ),
    Door(_("Switches"), _("Parts that only a share of people sees"), "flag", "settings_flags", "omni.view_flag"),
)


@staff_view("omni.change_settings")
def settings_page(request: StaffRequest) -> HttpResponse:
    doors = [door for door in DOORS if page_exists(door.url_name) and may(request.user, door.right)]
    return render(request, "omni/settings/overview.html", {"doors": doors})
