"""Switches in the settings."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.editing import edit
from omni.forms.flags import FlagForm
from omni.listing import Empty, ListPage
from omni.models import Flag
from omni.services import flags
from omni.tables.settings import FlagTable

FLAGS = ListPage(
    url_name="settings_flags",
    title=_("Switches"),
    table=FlagTable,
    order="code",
    empty=Empty(_("No switch is in use.")),
    template="omni/settings/list.html",
)


@staff_view("omni.view_flag")
def flag_list(request: StaffRequest) -> HttpResponseBase:
    return FLAGS.answer(request, Flag.objects.visible_to(request.user))


@staff_view("omni.change_flag", methods=["GET", "POST"])
def flag_edit(request: StaffRequest, code: str) -> HttpResponse:
    flag = get_object_or_404(Flag.objects.visible_to(request.user), code=code)

    def save(**fields):
        flags.set_share(flag=flag, by=request.user, at=timezone.now(), **fields)

    form = FlagForm(request.POST or None, initial={"share": flag.share})
    return edit(request, form=form, save=save, title=flag.code, back=FLAGS)
