"""
Whether the ledger is whole: every invariant that can be broken, asked of the whole database in one statement each.

The numbers of the invariants (I1, I2, …) are those of docs/architecture. Nothing here changes
anything: ``inventory.services.integrity`` previews and books repairs.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from inventory.models import StockLevel, StockMovement
from inventory.queries.integrity_sql import CHECKS, PLACE, Check
from omni.append_only import guards
from omni.models import JobRun, User

MOST = 500
TASK = "inventory.verify_ledger"


@dataclass(frozen=True)
class Finding:
    """
    One broken promise: which, where, what was expected, what is, and why it probably is so.

    code: the invariant, such as I1. level_id: the level concerned, if one is. repairable: a repair can be booked.
    """

    code: str
    place: str
    expected: str
    actual: str
    cause: str
    level_id: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    repairable: bool = False

    def __str__(self) -> str:
        return f"{self.code} {self.place}: {self.expected} ≠ {self.actual}. {self.cause}"


def findings(*, most: int = MOST, tell: Callable[[int, int], None] = lambda done, total: None) -> list[Finding]:
    """
    Everything that is not as it must be, at most ``most`` of each kind; an empty list proves the ledger whole.

    tell: told after each check how many of how many are done.
    """
    found = [*missing_guards()]
    for number, check in enumerate(CHECKS):
        tell(number, len(CHECKS))
        found += [finding_of(check, row) for row in rows_of(check, most)]
    tell(len(CHECKS), len(CHECKS))
    return found


def finding(code: str, level_id: int) -> Finding | None:
    """What breaks this invariant at one level now, if anything does."""
    for check in CHECKS:
        if check.code == code and "level_id" in check.sql:
            here = f"SELECT * FROM ({check.sql}) found WHERE found.level_id = {int(level_id)}"  # noqa: S608 (a number)
            for row in rows_of(replace(check, sql=here), 1):
                return finding_of(check, row)
    return None


def rows_of(check: Check, most: int) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{check.sql} LIMIT {int(most)}".replace("{place}", PLACE))
        names = [column[0] for column in cursor.description]
        rows = cursor.fetchall()
    return (dict(zip(names, row, strict=True)) for row in rows)


def finding_of(check: Check, row: dict[str, Any]) -> Finding:
    return Finding(
        code=check.code,
        place=place_of(row),
        expected=str(check.expected(row)),
        actual=str(check.actual(row)),
        cause=str(check.cause(row)),
        level_id=row.get("level_id"),
        figures=row,
        repairable=check.repairable(row),
    )


def place_of(row: dict[str, Any]) -> str:
    """SKU and location code, or whatever else names the row."""
    if row.get("sku") and row.get("location"):
        return f"{row['sku']} @ {row['location']}"
    return str(row.get("sku") or row["what"])


def missing_guards() -> list[Finding]:
    """I2, I6, I7: the constraints and triggers on which the rest stands are there."""
    found = []
    for model in (StockLevel, StockMovement):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            there = set(connection.introspection.get_constraints(cursor, table))
        for constraint in model._meta.constraints:
            if constraint.name not in there:
                found.append(gone("I6" if model is StockMovement else "I2", constraint.name))
    lost = {"UPDATE", "DELETE"} - guards(StockMovement._meta.db_table)
    return found + [gone("I7", f"inventory_stockmovement_no_{what.lower()}") for what in sorted(lost)]


def gone(code: str, name: str) -> Finding:
    return Finding(code, name, _("there"), _("gone"), _("Somebody changed the schema. Migrate again."))


@dataclass(frozen=True)
class LastCheck:
    """
    What the last proof of the ledger said. findings: the first of them, ``count`` in all.

    broken_link: the first entry of the audit log that no longer fits its chain.
    """

    at: datetime
    count: int
    findings: list[Finding]
    broken_link: int | None


def checks(staff: User) -> tuple[JobRun | None, LastCheck | None]:
    """The check that runs or waits now, and what the last one said."""
    runs = JobRun.objects.visible_to(staff).filter(task=TASK)
    done = runs.filter(state=JobRun.State.DONE, finished_at__isnull=False).order_by("-finished_at").first()
    return runs.unfinished().order_by("pk").first(), last_check(done) if done else None


def last_check(run: JobRun) -> LastCheck:
    said = run.result
    told = [told_again(one) for one in said.get("said", [])]
    at = run.finished_at or run.run_at
    return LastCheck(at, said.get("findings", 0), [one for one in told if one], said.get("audit", {}).get("broken"))


def as_said(found: Finding) -> dict[str, Any]:
    """A finding as a check keeps it: figures instead of words, so that everybody reads it in the own language."""
    return {"code": found.code, "place": found.place, "row": found.figures}


def told_again(said: dict[str, Any]) -> Finding | None:
    """The finding that was kept, in the reader's words; None for what this release no longer checks."""
    if not said["row"]:
        return gone(said["code"], said["place"])
    for check in CHECKS:
        if check.code == said["code"]:
            with suppress(KeyError):  # the row of another check of this invariant, or of another release
                return finding_of(check, said["row"])
    return None
