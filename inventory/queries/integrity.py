"""
Whether the ledger is whole: every invariant that can be broken, asked of the whole database in one statement each.

The numbers of the invariants (I1, I2, …) are those of docs/architecture. Nothing here changes
anything: ``inventory.services.integrity`` previews and books repairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from inventory.models import StockLevel, StockMovement
from inventory.queries.integrity_sql import CHECKS, PLACE, Check
from omni.append_only import guards

MOST = 500


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


def findings(*, most: int = MOST) -> list[Finding]:
    """Everything that is not as it must be, at most ``most`` of each kind; an empty list proves the ledger whole."""
    found = [*missing_guards()]
    for check in CHECKS:
        found += [finding_of(check, row) for row in rows_of(check, most)]
    return found


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
        figures={name: value for name, value in row.items() if name not in ("sku", "location")},
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
