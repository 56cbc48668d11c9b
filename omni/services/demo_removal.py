"""Taking the demo away, and bringing it forward: the installation is left empty but whole."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from omni.activity import record
from omni.append_only import guards, unlocked
from omni.errors import RuleBroken
from omni.loading import complete_journey as source
from omni.models import (
    ApiKey,
    ConnectorAccount,
    Department,
    Flag,
    JobRun,
    LoadedData,
    SavedView,
    User,
)
from omni.services import demo
from omni.services.loading import CODE, Progress

KEPT = (User, Flag)  # people and switches stay; of these, only what the demo made goes


class NoDemo(RuleBroken):
    """There is no demo data here that could be removed."""

    code = "no_demo"
    status = 409


@dataclass(frozen=True, slots=True)
class Doomed:
    """How many rows of one kind would go."""

    name: str
    rows: int


def preview() -> list[Doomed]:
    """What removing would delete, the most first."""
    counts = [Doomed(str(rows.model._meta.verbose_name_plural), rows.count()) for rows in doomed(keep_staff=False)]
    return sorted((one for one in counts if one.rows), key=lambda one: -one.rows)


def doomed(*, keep_staff: bool) -> Iterator[models.QuerySet]:
    """Everything that goes, table by table: all business data, and of the kernel what is not a person's own."""
    for app in reversed(settings.PROJECT_APPS):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            rows = rows_of(model, keep_staff=keep_staff)
            if rows is not None:
                yield rows


def rows_of(model: type[models.Model], *, keep_staff: bool) -> models.QuerySet | None:
    """The rows of one table that go, or None when all stay."""
    everything = model._base_manager.all()
    if model is User:
        return None if keep_staff else everything.filter(email__endswith=demo.MAIL)
    if model in (User.groups.through, User.user_permissions.through):
        return None if keep_staff else everything.filter(user__email__endswith=demo.MAIL)
    if model is JobRun:
        return everything.exclude(state=JobRun.State.RUNNING)
    if model is ApiKey:
        return everything.exclude(account=None)
    if model is SavedView:
        return everything.filter(models.Q(owner=None) | models.Q(owner__email__endswith=demo.MAIL))
    if model is Department:
        return everything.filter(code__in=demo.DEPARTMENTS) if not keep_staff else None
    return None if model in KEPT else everything


def remove(*, by: User | None, at: datetime, keep_staff: bool = False) -> int:
    """
    Delete the demo and all that was done in it. People whom somebody made stay, with their roles and settings.

    keep_staff: leave the demo's own people, too, because the demo comes back at once. Returns how many rows went.
    Raises NoDemo.
    """
    if not LoadedData.objects.filter(code=CODE).exists():
        raise NoDemo("There is no demo data here.")
    folders = [account.config.get("folder", "") for account in ConnectorAccount.objects.filter(is_stand_in=True)]
    gone = delete_rows(by=by, at=at, keep_staff=keep_staff)
    for folder in filter(None, folders):
        shutil.rmtree(Path(settings.FEED_ROOT) / folder, ignore_errors=True)
    if not keep_staff:
        demo.sign_ins_file().unlink(missing_ok=True)
    return gone


@transaction.atomic
def delete_rows(*, by: User | None, at: datetime, keep_staff: bool) -> int:
    """One transaction; foreign keys are checked at its end, so the order of the tables does not matter."""
    gone = 0
    author = by if by and (keep_staff or not by.email.endswith(demo.MAIL)) else None
    if not keep_staff:
        JobRun.objects.filter(requested_by__email__endswith=demo.MAIL).update(requested_by=None)
        User.objects.exclude(email__endswith=demo.MAIL).update(department=None)
    people = None
    for rows in doomed(keep_staff=keep_staff):
        if rows.model is User:
            people = rows
        elif guards(rows.model._meta.db_table):
            with unlocked(rows.model, reason="demo data removed", by=author, at=at):
                gone += rows._raw_delete(rows.db)
        else:
            gone += rows._raw_delete(rows.db)
    if people is not None:
        gone += people.delete()[0]
    LoadedData.objects.create(code=demo.REMOVED, title="Demo data removed", source="", licence="")
    record("demo.removed", subject="demo", at=at, by=author, rows=gone)
    return gone


def weeks_behind(data: LoadedData, *, at: datetime) -> int:
    """How many weeks the demo could be brought forward now."""
    today = at.astimezone(ZoneInfo(source.TIME_ZONE)).date()
    return source.weeks_to(data.last_day, today) - data.shift_weeks if data.last_day else 0


def bring_forward(*, by: User | None, at: datetime, progress: Progress) -> LoadedData:
    """
    Load the demo anew, so that its last day is as near to today as whole weeks allow.

    Rows of the ledger are never changed, so nothing is moved: everything goes, what people did in the demo, too, and
    comes again under later dates. The demo's people keep their passwords. Raises NoDemo.
    """
    data = LoadedData.objects.filter(code=CODE).first()
    cut = demo.cut_of(data)
    remove(by=by, at=at, keep_staff=True)
    return demo.load_demo(at=at, progress=progress, again=True, cut=cut)
