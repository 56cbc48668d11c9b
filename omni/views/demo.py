"""The demo data: what removing it would delete, removing it, and bringing it forward."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from omni.access import StaffRequest, staff_view
from omni.forms.demo import RemoveDemoForm
from omni.models import JobRun, LoadedData
from omni.queue import enqueue
from omni.services import demo_removal
from omni.services.loading import CODE, facts_of

TASKS = ("omni.remove_demo", "omni.bring_demo_forward")


def loaded(request: StaffRequest) -> LoadedData | None:
    """The demo that is here; without one a sentence is left for the next page."""
    found = LoadedData.objects.visible_to(request.user).filter(code=CODE).first()
    if found is None:
        messages.info(request, _("There is no demo data here."))
    return found


@staff_view("omni.change_settings")
def settings_demo(request: StaffRequest, form: RemoveDemoForm | None = None) -> HttpResponse:
    data = loaded(request)
    if data is None:
        return redirect("settings")
    running = JobRun.objects.visible_to(request.user).filter(task__in=TASKS).unfinished().first()
    context = {
        "data": data, "form": form or RemoveDemoForm(), "doomed": demo_removal.preview(), "running": running,
        "weeks": demo_removal.weeks_behind(data, at=timezone.now()),
        "facts": facts_of(data),
    }  # fmt: skip
    return render(request, "omni/settings/demo.html", context, status=422 if form else 200)


@staff_view("omni.change_settings", methods=["POST"])
def settings_demo_remove(request: StaffRequest) -> HttpResponse:
    if loaded(request) is None:
        return redirect("settings")
    form = RemoveDemoForm(request.POST)
    if not form.is_valid():
        request.method = "GET"
        return settings_demo(request, form=form)
    enqueue("omni.remove_demo", key="demo", at=timezone.now(), by=request.user)
    messages.success(request, _("The demo data is being removed. You will have to sign in as somebody who stays."))
    return redirect("settings")


@staff_view("omni.change_settings", methods=["POST"])
def settings_demo_forward(request: StaffRequest) -> HttpResponse:
    if loaded(request) is None:
        return redirect("settings")
    enqueue("omni.bring_demo_forward", key="demo", at=timezone.now(), by=request.user)
    messages.success(request, _("The demo is loaded anew, under later dates. It takes a minute or two."))
    return redirect("settings_demo")
