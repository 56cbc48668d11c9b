"""Departments in the settings."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.editing import edit
from omni.forms.departments import DepartmentForm, NewDepartmentForm
from omni.listing import Empty, ListPage
from omni.models import Department
from omni.services import departments
from omni.tables.settings import DepartmentTable

DEPARTMENTS = ListPage(
    url_name="settings_departments",
    title=_("Departments"),
    table=DepartmentTable,
    search=("name__icontains", "code__icontains"),
    order="name",
    empty=Empty(_("No department yet."), _("Add a department"), "settings_department_add"),
    template="omni/settings/list.html",
    extra={"add": "settings_department_add", "add_words": _("Add a department")},
)


@staff_view("omni.change_settings")
def department_list(request: StaffRequest) -> HttpResponseBase:
    return DEPARTMENTS.answer(request, Department.objects.visible_to(request.user))


@staff_view("omni.change_settings", methods=["GET", "POST"])
def department_add(request: StaffRequest) -> HttpResponse:
    def save(**fields):
        departments.add(by=request.user, at=timezone.now(), **fields)

    return edit(
        request, form=NewDepartmentForm(request.POST or None), save=save, title=_("Add a department"), back=DEPARTMENTS
    )


@staff_view("omni.change_settings", methods=["GET", "POST"])
def department_edit(request: StaffRequest, code: str) -> HttpResponse:
    department = get_object_or_404(Department.objects.visible_to(request.user), code=code)

    def save(**fields):
        departments.rename(department=department, by=request.user, at=timezone.now(), **fields)

    form = DepartmentForm(request.POST or None, initial={"name": department.name})
    return edit(request, form=form, save=save, title=department.name, back=DEPARTMENTS)
