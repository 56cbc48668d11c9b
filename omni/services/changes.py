"""
Change sets: a file is kept, checked, shown, confirmed, applied, and undone if nothing was built on it.

Applying goes in chunks, each in its own transaction with what became of its rows, so that a killed worker goes on where
it stopped and nothing is done twice. Undoing is all or nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.importing import reading, staging
from omni.importing.problems import ROW, FileRefused
from omni.importing.resource import StagedResource, kinds, kinds_for
from omni.models import ChangeRow, ChangeSet, User
from omni.queue import enqueue

State, Verdict, Outcome = ChangeSet.State, ChangeRow.Verdict, ChangeRow.Outcome
Progress = Callable[[int, int], None]
CHUNK = 2000
NAMED_ROWS = 20


class NotNow(RuleBroken):
    """The change set is not in the state that this needs: somebody else was faster, or it is over."""

    code = "not_now"
    status = 409


class CannotUndo(RuleBroken):
    """Something was built on the import since. data: rows, the numbers of the rows."""

    code = "cannot_undo"
    status = 409


class NotYourKind(RuleBroken):
    """This person may not import files of this kind."""

    code = "not_your_kind"
    status = 404


def create_change_set(
    *, kind: str, file: IO[bytes], file_name: str, by: User, at: datetime, encoding: str = ""
) -> ChangeSet:
    """
    Keep a file and promise to check it.

    Raises FileRefused for a file that is known to be useless before it is unpacked, NotYourKind.
    """
    if kind not in kinds_for(by):
        raise NotYourKind(_("You may not import files of this kind."))
    file_hash = reading.fingerprint(file)
    reading.look(file, encoding)
    with transaction.atomic():
        change_set = ChangeSet.objects.create(
            kind=kind, file_name=clean_name(file_name), file_hash=file_hash, encoding=encoding, author=by, created_at=at
        )
        default_storage.save(place_of(change_set), File(file))
        record("import.sent", subject=change_set, by=by, at=at, kind=kind)
        start("omni.check_change_set", change_set, by=by, at=at)
    return change_set


def clean_name(name: str) -> str:
    """Keep the last part of a file's name, as text to show and never as a path."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:120]


def place_of(change_set: ChangeSet) -> str:
    return f"imports/{change_set.public_id}"


def start(task: str, change_set: ChangeSet, *, by: User, at: datetime) -> None:
    enqueue(task, key=f"{task}:{change_set.public_id}", at=at, by=by, public_id=change_set.public_id)


def resource_of(change_set: ChangeSet, *, at: datetime) -> StagedResource:
    """The kind's resource, acting for the author: a check sees what the author may see."""
    return kinds()[change_set.kind](by=change_set.author, at=at)


def check(
    *,
    change_set: ChangeSet,
    at: datetime,
    progress: Progress = lambda done, total: None,
    guard: Callable[[], None] = lambda: None,
) -> ChangeSet:
    """
    Read the kept file, give each row its verdict, and wait for the person. Safe to repeat after a crash.

    A file that cannot be read ends as *refused*, with the reason; nothing of it is kept.
    """
    if change_set.state != State.CHECKING:
        return change_set
    found: dict[str, Any]
    try:
        with open_kept(change_set) as file:
            table = reading.read(file, change_set.encoding)
            mapping = staging.stage(change_set, resource_of(change_set, at=at), table, progress=progress, guard=guard)
        found = {"columns": mapping.names, "unread": list(mapping.unread), "state": State.PREVIEW}
    except FileRefused as refused:
        change_set.rows.all().delete()
        found = {"problem": refused.problem, "state": State.REFUSED}
    with transaction.atomic():
        guard()
        found["counts"] = counted(change_set)
        if ChangeSet.objects.filter(pk=change_set.pk, state=State.CHECKING).update(**found):
            record("import.checked", subject=change_set, by=change_set.author, at=at, outcome=found["state"])
    change_set.refresh_from_db()
    default_storage.delete(place_of(change_set))
    return change_set


def open_kept(change_set: ChangeSet) -> IO[bytes]:
    """Open the kept file. Raises FileRefused when it is gone or is not the one that was sent."""
    try:
        file = default_storage.open(place_of(change_set))
    except FileNotFoundError as error:
        raise FileRefused("gone") from error
    if reading.fingerprint(file) != change_set.file_hash:
        file.close()
        raise FileRefused("changed")
    return file


def counted(change_set: ChangeSet) -> dict[str, int]:
    """Count the rows of each verdict and, once applied, of each outcome."""
    verdicts = {value: Count("pk", filter=Q(verdict=value)) for value in Verdict.values}
    outcomes = {value: Count("pk", filter=Q(outcome=value)) for value in Outcome.values}
    return change_set.rows.aggregate(**verdicts, **outcomes)


def apply(*, change_set: ChangeSet, by: User, at: datetime) -> ChangeSet:
    """Confirm what was previewed and promise to do it. Raises NotNow when it was confirmed or dropped already."""
    with transaction.atomic():
        move(change_set, State.PREVIEW, State.APPLYING, applied_by=by, applied_at=at)
        record("import.confirmed", subject=change_set, by=by, at=at, **change_set.counts)
        start("omni.apply_change_set", change_set, by=by, at=at)
    return change_set


def move(change_set: ChangeSet, before: str, after: str, **changes: Any) -> None:
    """Take a change set from one state to the next; exactly one caller succeeds. Raises NotNow."""
    if not ChangeSet.objects.filter(pk=change_set.pk, state=before).update(state=after, **changes):
        change_set.refresh_from_db()
        raise NotNow(_("This import is %(state)s by now.") % {"state": change_set.get_state_display()})
    change_set.refresh_from_db()


def finish_applying(
    *,
    change_set: ChangeSet,
    at: datetime,
    progress: Progress = lambda done, total: None,
    guard: Callable[[], None] = lambda: None,
) -> ChangeSet:
    """Do what was confirmed, chunk by chunk, and go on after a crash where it stopped. at: also when we knew it."""
    resource, done = resource_of(change_set, at=at), 0
    total = sum(change_set.counts.get(verdict, 0) for verdict in (Verdict.NEW, Verdict.CHANGED))
    while True:
        with transaction.atomic():
            guard()
            held = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
            step = merge_some(held, resource, at=at) if held.state == State.APPLYING else 0
        if not step:
            break
        done += step
        progress(done, total)
    return finish(change_set, State.APPLYING, State.APPLIED, "import.applied", by=change_set.applied_by, at=at)


def merge_some(change_set: ChangeSet, resource: StagedResource, *, at: datetime) -> int:
    """Merge one chunk and write down what became of its rows. Returns how many rows it had."""
    inside = resource.merge_next(change_set, recorded=at)
    if inside is not None:
        return inside
    rows = list(unfinished(change_set)[:CHUNK])
    if rows:
        keep_outcomes(rows, resource.merge(rows, change_set, recorded=at))
    return len(rows)


def unfinished(change_set: ChangeSet) -> Any:
    return change_set.rows.filter(verdict__in=[Verdict.NEW, Verdict.CHANGED], outcome="").order_by("number")


def keep_outcomes(rows: list[ChangeRow], refused: dict[int, list]) -> None:
    """Write down what became of each row, in the transaction that did it."""
    done = [row.pk for row in rows if row.number not in refused]
    ChangeRow.objects.filter(pk__in=done).update(outcome=Outcome.DONE)
    missed = [row for row in rows if row.number in refused]
    for row in missed:
        row.outcome, row.errors = Outcome.REFUSED, {ROW: refused[row.number]}
    ChangeRow.objects.bulk_update(missed, ["outcome", "errors"], batch_size=500)


def finish(change_set: ChangeSet, before: str, after: str, verb: str, *, by: User | None, at: datetime) -> ChangeSet:
    """Close a stage once; a repeat finds it closed and changes nothing."""
    with transaction.atomic():
        if ChangeSet.objects.filter(pk=change_set.pk, state=before).update(state=after, counts=counted(change_set)):
            change_set.refresh_from_db()
            record(verb, subject=change_set, by=by, at=at, **change_set.counts)
    change_set.refresh_from_db()
    return change_set


def undo(*, change_set: ChangeSet, by: User, at: datetime) -> ChangeSet:
    """Promise to take an applied import back. Raises NotNow."""
    with transaction.atomic():
        move(change_set, State.APPLIED, State.UNDOING, undone_by=by, undone_at=at, problem={})
        record("import.undo_asked", subject=change_set, by=by, at=at)
        start("omni.undo_change_set", change_set, by=by, at=at)
    return change_set


def finish_undoing(*, change_set: ChangeSet, at: datetime, guard: Callable[[], None] = lambda: None) -> ChangeSet:
    """
    Take an import back, all of it or nothing, newest row first.

    When later moves depend on it, it stays applied, and the rows that stand in the way are named in ``problem``.
    """
    if change_set.state != State.UNDOING:
        return change_set
    try:
        with transaction.atomic():
            guard()
            take_back(change_set, resource_of(change_set, at=at), at=at)
    except CannotUndo as broken:
        problem = {"code": "later_moves", "rows": ", ".join(map(str, broken.data["rows"][:NAMED_ROWS]))}
        if len(broken.data["rows"]) > NAMED_ROWS:
            problem["rows"] += ", …"
        ChangeSet.objects.filter(pk=change_set.pk, state=State.UNDOING).update(
            state=State.APPLIED, problem=problem, undone_at=None, undone_by=None
        )
        change_set.refresh_from_db()
        return change_set
    return finish(change_set, State.UNDOING, State.UNDONE, "import.undone", by=change_set.undone_by, at=at)


def take_back(change_set: ChangeSet, resource: StagedResource, *, at: datetime) -> None:
    """Undo every row that was done. Raises CannotUndo with all the rows on which something was built."""
    blocked: list[int] = []
    last: int | None = None
    while True:
        rows = change_set.rows.filter(outcome=Outcome.DONE).order_by("-number")
        chunk = list((rows.filter(number__lt=last) if last is not None else rows)[:CHUNK])
        if not chunk:
            break
        blocked += resource.take_back(chunk, change_set, recorded=at)
        ChangeRow.objects.filter(pk__in=[row.pk for row in chunk]).update(outcome=Outcome.UNDONE)
        last = chunk[-1].number
    if blocked:
        raise CannotUndo(_("Something was built on this import since."), rows=sorted(blocked))


def drop(*, change_set: ChangeSet, by: User, at: datetime) -> ChangeSet:
    """Throw away a file that was not confirmed; nothing was changed by it. Raises NotNow."""
    with transaction.atomic():
        move(change_set, State.CHECKING if change_set.state == State.CHECKING else State.PREVIEW, State.DROPPED)
        record("import.dropped", subject=change_set, by=by, at=at)
    return change_set


def resume(*, change_set: ChangeSet, by: User, at: datetime) -> ChangeSet:
    """Go on with what a dead or stopped job left half done. Raises NotNow when nothing is."""
    tasks = {
        State.CHECKING: "omni.check_change_set",
        State.APPLYING: "omni.apply_change_set",
        State.UNDOING: "omni.undo_change_set",
    }
    task = {state.value: task for state, task in tasks.items()}.get(change_set.state)
    if task is None:
        raise NotNow(_("This import is %(state)s by now.") % {"state": change_set.get_state_display()})
    with transaction.atomic():
        start(task, change_set, by=by, at=at)
    return change_set


def import_file(*, kind: str, file: IO[bytes], file_name: str, by: User, at: datetime) -> ChangeSet:
    """Send, check, confirm and apply a file in one go: for commands and benches, without a page or a worker."""
    change_set = check(change_set=create_change_set(kind=kind, file=file, file_name=file_name, by=by, at=at), at=at)
    if change_set.state != State.PREVIEW:
        return change_set
    return finish_applying(change_set=apply(change_set=change_set, by=by, at=at), at=at)
