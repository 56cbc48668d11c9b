"""Stores and warehouses in the settings."""

from copy import copy

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.editing import edit
from omni.forms.locations import GroupForm, LocationForm, NewLocationForm
from omni.listing import Empty, ListPage
from omni.models import Location, LocationGroup
from omni.services import locations
from omni.tables.settings import LocationTable

LOCATIONS = ListPage(
    url_name="settings_locations",
    title=_("Stores and warehouses"),
    table=LocationTable,
    search=("name__icontains", "code__icontains", "city__icontains"),
    order="name",
    hidden=("time_zone", "origin"),
    empty=Empty(_("No store yet."), _("Add a store"), "settings_location_add"),
    template="omni/settings/list.html",
    extra={"add": "settings_location_add", "add_words": _("Add a store")},
)


@staff_view("omni.change_settings")
def location_list(request: StaffRequest) -> HttpResponseBase:
    return LOCATIONS.answer(request, Location.objects.visible_to(request.user).select_related("group"))


@staff_view("omni.change_settings", methods=["GET", "POST"])
def location_add(request: StaffRequest) -> HttpResponse:
    form = NewLocationForm(request.POST or None, groups=LocationGroup.objects.visible_to(request.user))

    def save(**fields):
        locations.add(by=request.user, at=timezone.now(), **fields)

    return edit(request, form=form, save=save, title=_("Add a store or warehouse"), back=LOCATIONS)


@staff_view("omni.change_settings", methods=["GET", "POST"])
def location_edit(request: StaffRequest, public_id: str) -> HttpResponse:
    place = get_object_or_404(Location.objects.visible_to(request.user), public_id=public_id)
    groups = LocationGroup.objects.visible_to(request.user)
    form = LocationForm(request.POST or None, instance=copy(place), groups=groups)

    def save(**fields):
        locations.change(location=place, by=request.user, at=timezone.now(), **fields)

    turn = {
        "url": reverse("settings_location_retire", args=[public_id]),
        "words": _("Use again") if place.retired_at else _("Retire"),
        "icon": "archive",
    }
    return edit(request, form=form, save=save, title=place.name, actions=[turn], back=LOCATIONS)


@staff_view("omni.change_settings", methods=["POST"])
def location_retire(request: StaffRequest, public_id: str) -> HttpResponse:
    """Take a place out of use, or back."""
    place = get_object_or_404(Location.objects.visible_to(request.user), public_id=public_id)
    locations.set_retired(location=place, retired=not place.retired_at, by=request.user, at=timezone.now())
    return redirect("settings_locations")


@staff_view("omni.change_settings", methods=["GET", "POST"])
def group_add(request: StaffRequest) -> HttpResponse:
    def save(**fields):
        locations.add_group(by=request.user, at=timezone.now(), **fields)

    return edit(
        request, form=GroupForm(request.POST or None), save=save, title=_("Add a group of stores"), back=LOCATIONS
    )
