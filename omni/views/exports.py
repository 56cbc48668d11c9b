"""Files that go out: at once when small, as a job with progress when big."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from omni.access import IMPORT_FILES, StaffRequest, staff_view
from omni.htmx import page_or_part
from omni.importing import writing
from omni.models import JobRun
from omni.services import exports
from omni.views.imports import as_download, form_or_404, kind_or_404

AT_ONCE = 20_000


@staff_view(IMPORT_FILES)
def export_file(request: StaffRequest, kind: str, form: str) -> FileResponse | HttpResponse:
    """Take out all rows of a kind, or those of one location, category or price list."""
    now = timezone.now()
    resource = kind_or_404(request, kind)(by=request.user, at=now)
    chosen = {name: request.GET[name] for name in resource.filters if request.GET.get(name)}
    rows = resource.wanted(chosen).count()
    if rows > AT_ONCE:
        job = exports.start(kind=kind, form=form_or_404(form), chosen=chosen, by=request.user, at=now)
        return redirect("export_run", job.public_id) if job else redirect("imports")
    file = writing.new_file()
    writing.write(file, form_or_404(form), list(resource.fields), resource.exported(chosen))
    exports.note(kind=kind, rows=rows, by=request.user, at=now)
    return as_download(file, kind, form)


def run_or_404(request: StaffRequest, public_id: str) -> JobRun:
    """An export that this very person asked for."""
    job = get_object_or_404(JobRun.objects.visible_to(request.user), public_id=public_id, task=exports.TASK)
    if job.requested_by_id != request.user.pk:
        raise Http404
    kind_or_404(request, job.arguments["kind"])
    return job


@staff_view(IMPORT_FILES)
def export_run(request: StaffRequest, public_id: str) -> HttpResponse:
    """How far a big export is, and the file when it is ready."""
    job = run_or_404(request, public_id)
    context = {
        "job": job,
        "resource": kind_or_404(request, job.arguments["kind"]),
        "at_work": job.state in (JobRun.State.PENDING, JobRun.State.RUNNING),
        "ready": exports.ready(job, at=timezone.now()),
    }
    return page_or_part(request, "omni/exports/run.html", "omni/exports/_run.html", context)


@staff_view(IMPORT_FILES)
def export_download(request: StaffRequest, public_id: str) -> FileResponse:
    """The file of a big export, for a day."""
    job = run_or_404(request, public_id)
    if not exports.ready(job, at=timezone.now()):
        raise Http404
    return as_download(default_storage.open(exports.place_of(job)), job.arguments["kind"], job.arguments["form"])
