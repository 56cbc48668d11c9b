"""Channels in the settings: a new one is data."""

from copy import copy

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.editing import edit
from omni.forms.channels import ChannelForm, NewChannelForm
from omni.listing import Empty, ListPage
from omni.models import Channel, Location
from omni.services import channels
from omni.tables.settings import ChannelTable

CHANNELS = ListPage(
    url_name="settings_channels",
    title=_("Channels"),
    table=ChannelTable,
    search=("name__icontains", "code__icontains"),
    order="position",
    hidden=("origin",),
    empty=Empty(_("No channel yet."), _("Add a channel"), "settings_channel_add"),
    template="omni/settings/list.html",
    extra={"add": "settings_channel_add", "add_words": _("Add a channel")},
)


@staff_view("omni.change_settings")
def channel_list(request: StaffRequest) -> HttpResponseBase:
    return CHANNELS.answer(request, Channel.objects.visible_to(request.user).prefetch_related("locations"))


@staff_view("omni.change_settings", methods=["GET", "POST"])
def channel_add(request: StaffRequest) -> HttpResponse:
    form = NewChannelForm(request.POST or None, places=Location.objects.visible_to(request.user).open())

    def save(**fields):
        channels.add(by=request.user, at=timezone.now(), **fields)

    return edit(request, form=form, save=save, title=_("Add a channel"), back=CHANNELS)


@staff_view("omni.change_settings", methods=["GET", "POST"])
def channel_edit(request: StaffRequest, code: str) -> HttpResponse:
    channel = get_object_or_404(Channel.objects.visible_to(request.user), code=code)
    places = Location.objects.visible_to(request.user).open()
    form = ChannelForm(request.POST or None, instance=copy(channel), places=places)

    def save(**fields):
        channels.change(channel=channel, by=request.user, at=timezone.now(), **fields)

    turn = {
        "url": reverse("settings_channel_retire", args=[code]),
        "words": _("Use again") if channel.retired_at else _("Retire"),
        "icon": "archive",
    }
    return edit(request, form=form, save=save, title=channel.name, actions=[turn], back=CHANNELS)


@staff_view("omni.change_settings", methods=["POST"])
def channel_retire(request: StaffRequest, code: str) -> HttpResponse:
    """Close a channel, or open it again."""
    channel = get_object_or_404(Channel.objects.visible_to(request.user), code=code)
    channels.set_retired(channel=channel, retired=not channel.retired_at, by=request.user, at=timezone.now())
    return redirect("settings_channels")
