"""Files that come in: choose a kind, send a file, look at what it would do, confirm, undo."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omni.access import IMPORT_FILES, StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.forms.imports import ImportForm
from omni.htmx import page_or_part
from omni.importing import preview, writing
from omni.importing.problems import FileRefused, sentence_of_file
from omni.importing.resource import StagedResource, kinds_for
from omni.listing import Empty, ListPage
from omni.models import ChangeSet
from omni.queries.changes import earlier_imports, last_run
from omni.services import changes
from omni.tables.imports import ImportTable

HISTORY = ListPage(
    url_name="imports",
    title=gettext_lazy("Files"),
    table=ImportTable,
    search=("file_name__icontains", "public_id__iexact"),
    search_hint=gettext_lazy("Name of a file"),
    order="-when",
    empty=Empty(gettext_lazy("No file was sent yet.")),
    template="omni/imports/list.html",
)
AT_WORK = {ChangeSet.State.CHECKING, ChangeSet.State.APPLYING, ChangeSet.State.UNDOING}


@staff_view(IMPORT_FILES)
def imports(request: StaffRequest) -> HttpResponseBase:
    """The kinds of files that this person may send and take out, and what was sent before."""
    rows = ChangeSet.objects.visible_to(request.user).select_related("author")
    return HISTORY.answer(request, rows, kinds=kinds_for(request.user).values())


@staff_view(IMPORT_FILES, methods=["GET", "POST"])
def import_new(request: StaffRequest, kind: str) -> HttpResponse:
    """Send a file of one kind. What cannot be read is said at once, everything else by the check."""
    resource = kind_or_404(request, kind)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            change_set = changes.create_change_set(
                kind=kind, file=sent["file"], file_name=sent["file"].name, encoding=sent["encoding"],
                by=request.user, at=timezone.now(),
            )  # fmt: skip
            return redirect("import_set", change_set.public_id)
        except FileRefused as refused:
            form.add_error("encoding" if refused.problem["code"] == "wrong_encoding" else "file", str(refused))
    context = {"form": form, "resource": resource}
    return render(request, "omni/imports/new.html", context, status=422 if form.errors else 200)


def kind_or_404(request: StaffRequest, kind: str) -> type[StagedResource]:
    """The kind of file; to whoever may not send it, it does not exist."""
    found = kinds_for(request.user).get(kind)
    if found is None:
        raise Http404
    return found


@staff_view(IMPORT_FILES)
def import_template(request: StaffRequest, kind: str, form: str) -> FileResponse:
    """The template of a kind, with an example and explanations."""
    resource = kind_or_404(request, kind)
    file = writing.new_file()
    writing.write_template(file, form_or_404(form), resource)
    return as_download(file, f"{kind}-template", form)


def form_or_404(form: str) -> str:
    if form not in writing.FORMATS:
        raise Http404
    return form


def as_download(file, name: str, form: str) -> FileResponse:
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.{form}", content_type=writing.FORMATS[form])


def set_or_404(request: StaffRequest, public_id: str) -> tuple[ChangeSet, type[StagedResource]]:
    """A change set that this person may see, of a kind that they may send."""
    visible = ChangeSet.objects.visible_to(request.user).select_related("author", "applied_by", "undone_by")
    change_set = get_object_or_404(visible, public_id=public_id)
    return change_set, kind_or_404(request, change_set.kind)


@staff_view(IMPORT_FILES)
def import_set(request: StaffRequest, public_id: str) -> HttpResponse:
    """One file: being checked, waiting for a person, being applied, applied. Also the fragment that polls."""
    change_set, resource = set_or_404(request, public_id)
    after = request.GET.get("after", "")
    verdict = request.GET.get("show", "")
    rows = []
    if change_set.state not in (ChangeSet.State.CHECKING, ChangeSet.State.REFUSED):
        start = int(after) if after.isdigit() and len(after) < 8 else 0
        rows = preview.shown(change_set, resource, verdict=verdict, after=start)
    context = {
        "set": change_set, "resource": resource, "verdict": verdict, "rows": rows[: preview.PAGE], "after": after,
        "next_after": rows[preview.PAGE - 1].row.number if len(rows) > preview.PAGE else None,
        "at_work": change_set.state in AT_WORK, "job": last_run(change_set), "problem": problem_of(change_set),
        "tabs": tabs(change_set), "earlier": earlier_imports(change_set),
        "doable": change_set.counts.get("new", 0) + change_set.counts.get("changed", 0),
        "wrong": change_set.counts.get("wrong", 0) + change_set.counts.get("refused", 0),
        "columns": preview.columns_of(change_set, resource),
        "nearest": [(name, resource.nearest_column(name)) for name in change_set.unread],
    }  # fmt: skip
    return page_or_part(request, "omni/imports/set.html", "omni/imports/_set.html", context)


def problem_of(change_set: ChangeSet) -> str:
    return sentence_of_file(change_set.problem) if change_set.problem else ""


def tabs(change_set: ChangeSet) -> list[dict]:
    """The verdicts and outcomes that rows of this set have, with their counts."""
    words = {
        "": _("All"), "new": _("New"), "changed": _("Changed"), "same": _("As they are"), "wrong": _("Wrong"),
        "done": _("Done"), "refused": _("Refused"), "undone": _("Undone"),
    }  # fmt: skip
    total = sum(change_set.counts.get(name, 0) for name in ("new", "changed", "same", "wrong"))
    counts = {"": total, **change_set.counts}
    always = {"", "new", "changed", "same", "wrong"}
    return [
        {"name": name, "label": label, "count": counts.get(name, 0)}
        for name, label in words.items()
        if name in always or counts.get(name)
    ]


@staff_view(IMPORT_FILES, methods=["POST"])
def import_confirm(request: StaffRequest, public_id: str) -> HttpResponse:
    return act(request, public_id, changes.apply, _("Confirmed. The rows are being written."))


@staff_view(IMPORT_FILES, methods=["POST"])
def import_undo(request: StaffRequest, public_id: str) -> HttpResponse:
    return act(request, public_id, changes.undo, _("The import is being undone."))


@staff_view(IMPORT_FILES, methods=["POST"])
def import_drop(request: StaffRequest, public_id: str) -> HttpResponse:
    return act(request, public_id, changes.drop, _("Dropped. Nothing was changed."))


@staff_view(IMPORT_FILES, methods=["POST"])
def import_resume(request: StaffRequest, public_id: str) -> HttpResponse:
    return act(request, public_id, changes.resume, _("Going on where it stopped."))


def act(request: StaffRequest, public_id: str, service, sentence: str) -> HttpResponse:
    """Do one thing with a change set and show it again; a refusal is said there."""
    change_set, _resource = set_or_404(request, public_id)
    try:
        service(change_set=change_set, by=request.user, at=timezone.now())
        messages.success(request, sentence)
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("import_set", public_id)


@staff_view(IMPORT_FILES)
def import_problems(request: StaffRequest, public_id: str, form: str) -> FileResponse:
    """The rows that were wrong or refused, with the reasons: mend them and send them again."""
    change_set, resource = set_or_404(request, public_id)
    file = writing.new_file()
    writing.write(file, form_or_404(form), *preview.problem_file(change_set, resource))
    return as_download(file, f"{change_set.kind}-{change_set.public_id}-wrong", form)
