"""Staff and roles: list, add, change, shut out, give a password. What changes rights asks who one is once more."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.editing import edit
from omni.errors import RuleBroken
from omni.filters.staff import StaffFilters
from omni.forms.staff import NewStaffForm, StaffForm
from omni.listing import Empty, ListPage, Quick
from omni.models import Department, Location, User
from omni.services import staff as staff_service
from omni.tables.staff import StaffTable

STAFF = ListPage(
    url_name="settings_staff",
    title=_("Staff and roles"),
    table=StaffTable,
    filters=StaffFilters,
    search=("username__icontains", "first_name__icontains", "last_name__icontains"),
    search_hint=_("Name or user name"),
    order="name",
    quick=(Quick(_("Active"), {"active": "true"}), Quick(_("Shut out"), {"active": "false"})),
    hidden=("department",),
    empty=Empty(_("Nobody works here yet."), _("Add somebody"), "settings_staff_add"),
    template="omni/settings/list.html",
    extra={"add": "settings_staff_add", "add_words": _("Add somebody")},
)


@staff_view("omni.view_user")
def staff_list(request: StaffRequest) -> HttpResponseBase:
    rows = User.objects.visible_to(request.user).prefetch_related("groups", "locations").select_related("department")
    return STAFF.answer(request, rows)


def choices_for(request: StaffRequest) -> dict:
    return {
        "places": Location.objects.visible_to(request.user).open(),
        "departments": Department.objects.visible_to(request.user),
    }


@staff_view("omni.change_user", methods=["GET", "POST"])
@reauthentication_required(allow_get=True)
def staff_add(request: StaffRequest) -> HttpResponse:
    """Add somebody; the password for one use is shown once, on the answer."""
    form = NewStaffForm(request.POST or None, **choices_for(request))
    if form.is_valid():
        try:
            staff, once = staff_service.add(by=request.user, at=timezone.now(), **form.cleaned_data)
            return render(request, "omni/settings/password_once.html", {"person": staff, "once": once})
        except RuleBroken as broken:
            form.add_error("username", str(broken))
    return edit(request, form=form, save=staff_service.add, title=_("Add somebody"), back=STAFF)


@staff_view("omni.change_user", methods=["GET", "POST"])
@reauthentication_required(allow_get=True)
def staff_edit(request: StaffRequest, public_id: str) -> HttpResponse:
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=public_id)
    initial = {
        "first_name": person.first_name, "last_name": person.last_name, "department": person.department,
        "roles": sorted(person.roles), "locations": person.locations.all(),
    }  # fmt: skip

    def save(**fields):
        staff_service.change(staff=person, by=request.user, at=timezone.now(), **fields)

    form = StaffForm(request.POST or None, initial=initial, **choices_for(request))
    return edit(request, form=form, save=save, title=str(person), actions=actions_on(person, request.user), back=STAFF)


def actions_on(person: User, staff: User) -> list[dict]:
    """The buttons beside a person; nobody presses them on themselves."""
    if person == staff:
        return []
    turn = (_("Shut out"), "user-x") if person.is_active else (_("Let in again"), "user-check")
    return [
        {
            "url": reverse("settings_staff_password", args=[person.public_id]),
            "words": _("Give a new password"),
            "icon": "key-round",
        },
        {"url": reverse("settings_staff_active", args=[person.public_id]), "words": turn[0], "icon": turn[1]},
    ]


@staff_view("omni.change_user", methods=["POST"])
@reauthentication_required
def staff_active(request: StaffRequest, public_id: str) -> HttpResponse:
    """Shut somebody out, or let them in again."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=public_id)
    try:
        staff_service.set_active(staff=person, active=not person.is_active, by=request.user, at=timezone.now())
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        messages.success(request, gettext("Saved."))
    return redirect("settings_staff_edit", public_id)


@staff_view("omni.change_user", methods=["POST"])
@reauthentication_required
def staff_password(request: StaffRequest, public_id: str) -> HttpResponse:
    """Give somebody a password for one use, shown once."""
    person = get_object_or_404(User.objects.visible_to(request.user), public_id=public_id)
    try:
        once = staff_service.give_password(staff=person, by=request.user, at=timezone.now())
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect("settings_staff_edit", public_id)
    return render(request, "omni/settings/password_once.html", {"person": person, "once": once})
