"""Reading about change sets: which run works on one, and whether its file was applied before."""

from omni.models import ChangeSet, JobRun

TASKS = ("omni.check_change_set", "omni.apply_change_set", "omni.undo_change_set")


def last_run(change_set: ChangeSet) -> JobRun | None:
    """The run that works on a change set, or last did, whoever asked for it."""
    keys = [f"{task}:{change_set.public_id}" for task in TASKS]
    return JobRun.objects.filter(key__in=keys).order_by("-pk").first()


def earlier_imports(change_set: ChangeSet) -> list[ChangeSet]:
    """Imports of the very same file that were applied and not undone."""
    same = ChangeSet.objects.filter(kind=change_set.kind, file_hash=change_set.file_hash, state=ChangeSet.State.APPLIED)
    return list(same.exclude(pk=change_set.pk).select_related("author")[:3])
