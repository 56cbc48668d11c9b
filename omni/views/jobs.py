"""Jobs: how far one is, stopping it, trying it again, and the list of all."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.filters.jobs import JobFilters
from omni.htmx import page_or_part, toast
from omni.listing import Empty, ListPage, Quick
from omni.models import JobRun
from omni.services import jobs
from omni.tables.jobs import JobTable

JOBS = ListPage(
    url_name="settings_jobs",
    title=_("Jobs"),
    table=JobTable,
    filters=JobFilters,
    search=("task__icontains", "key__icontains", "last_error__icontains"),
    search_hint=_("Task, key or reason"),
    order="-created",
    quick=(
        Quick(_("Running"), {"state": "running"}),
        Quick(_("Waiting"), {"state": "pending"}),
        Quick(_("Given up"), {"state": "dead"}),
    ),
    empty=Empty(_("No job has run yet.")),
    template="omni/settings/list.html",
)


@staff_view("omni.view_jobrun")
def job_list(request: StaffRequest) -> HttpResponseBase:
    rows = JobRun.objects.visible_to(request.user).select_related("requested_by")
    return JOBS.answer(request, rows)


@staff_view(None)
def job(request: StaffRequest, public_id: str) -> HttpResponse:
    """One job: its bar alone (HTMX), or with all that is known about it."""
    run = get_object_or_404(JobRun.objects.visible_to(request.user), public_id=public_id)
    return page_or_part(request, "omni/jobs/detail.html", "omni/jobs/_job.html", {"job": run})


@staff_view(None, methods=["POST"])
def job_cancel(request: StaffRequest, public_id: str) -> HttpResponse:
    run = get_object_or_404(JobRun.objects.visible_to(request.user), public_id=public_id)
    tone, sentence = "ok", gettext("It stops at its next step.")
    try:
        jobs.cancel(job=run, by=request.user, at=timezone.now())
    except RuleBroken as broken:
        tone, sentence = "warn", str(broken)
    run.refresh_from_db()
    if request.htmx:  # type: ignore[attr-defined]
        return toast(render(request, "omni/jobs/_job.html", {"job": run}), sentence, tone)
    messages.info(request, sentence)
    return redirect("job", public_id)


@staff_view("omni.change_jobrun", methods=["POST"])
def job_again(request: StaffRequest, public_id: str) -> HttpResponse:
    run = get_object_or_404(JobRun.objects.visible_to(request.user), public_id=public_id)
    try:
        again = jobs.try_again(job=run, by=request.user, at=timezone.now())
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect("job", public_id)
    return redirect("job", again.public_id if again else public_id)
