"""Keep a checked file as rows of its change set: read, compare and write in chunks, each in its own transaction."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from omni.db import on_postgresql
from omni.importing.problems import FileRefused
from omni.importing.reading import Table
from omni.importing.resource import WRONG, Mapping, Row, StagedResource
from omni.models import ChangeRow, ChangeSet

Progress = Callable[[int, int], None]
COLUMNS = '(change_set_id, number, verdict, "values", before, errors, outcome)'
COPY = f"COPY omni_changerow {COLUMNS} FROM STDIN"
INSERT = f"INSERT INTO omni_changerow {COLUMNS} VALUES (%s, %s, %s, %s, %s, %s, '')"  # noqa: S608 - only this file's own words


class Twins:
    """Finds rows of one file that speak of the same thing, and rows that contradict each other about a group."""

    def __init__(self, resource: StagedResource, mapping: Mapping):
        self.resource = resource
        self.first: dict[tuple, int] = {}
        self.late: dict[int, list] = {}
        self.said: dict[tuple, tuple[int, list]] = {}
        self.groups: dict[str, list[str]] = {}
        for _place, column in mapping.places:
            if column.group and column.group != column.name:
                self.groups.setdefault(column.group, []).append(column.name)

    def check(self, row: Row) -> None:
        if any(name not in row.values for name in self.resource.key):
            return
        first = self.first.setdefault(self.resource.key_of(row.values), row.number)
        if first != row.number:
            columns = ", ".join(self.resource.key)
            row.wrong(self.resource.key[-1], "same_as", columns=columns, row=first)
            self.late.setdefault(first, ["same_as", {"columns": columns, "row": row.number}])
        elif row.verdict != WRONG:
            self.check_groups(row)

    def check_groups(self, row: Row) -> None:
        for group, names in self.groups.items():
            if group not in row.values:
                continue
            said = [row.values[name] for name in names]
            number, before = self.said.setdefault((group, row.values[group]), (row.number, said))
            for name, value, earlier in zip(names, said, before, strict=True):
                if value != earlier:
                    row.wrong(name, "differs_from", row=number, group=group, value=str(earlier)[:80])


def stage(
    change_set: ChangeSet,
    resource: StagedResource,
    table: Table,
    *,
    progress: Progress = lambda done, total: None,
    guard: Callable[[], None] = lambda: None,
) -> Mapping:
    """
    Check every row of a table against what is there and keep it with its verdict.

    Goes on where an earlier attempt stopped: rows that were kept are read again, not written again. ``guard`` runs
    inside each chunk's transaction and raises when another worker has taken over. Raises FileRefused.
    """
    mapping = resource.map_header(table)
    resource.begin(mapping)
    twins, kept = Twins(resource, mapping), last_kept(change_set)
    done = 0
    for rows in chunks(resource, table, mapping):
        for row in rows:
            twins.check(row)
        fresh = [row for row in rows if row.number > kept]
        resource.compare(rows)
        if fresh:
            with transaction.atomic():
                guard()
                write(change_set.pk, fresh, resource, mapping)
        done += len(rows)
        progress(done, table.total or 0)
    if not done:
        raise FileRefused("no_sheet")
    with transaction.atomic():
        guard()
        mark_first_twins(change_set, resource, twins.late)
    return mapping


def chunks(resource: StagedResource, table: Table, mapping: Mapping) -> Iterator[list[Row]]:
    rows = (resource.read_row(number, cells, mapping, table.pads) for number, cells in table.rows)
    while chunk := list(islice(rows, resource.chunk)):
        yield chunk


def last_kept(change_set: ChangeSet) -> int:
    return change_set.rows.aggregate(last=Max("number"))["last"] or 0


def write(change_set: int, rows: list[Row], resource: StagedResource, mapping: Mapping) -> None:
    """Keep rows: COPY on PostgreSQL, one prepared statement on SQLite."""
    plain: list[tuple[Any, ...]] = [
        (
            change_set,
            row.number,
            row.verdict,
            dumps(resource.raw(row, mapping) if row.verdict == WRONG else row.values),
            dumps(row.before) if row.before else "{}",
            dumps(row.errors) if row.errors else "{}",
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        if not on_postgresql():
            cursor.executemany(INSERT, plain)
            return
        lines = [f"{pk}\t{number}\t{verdict}\t{escape(values)}\t{escape(before)}\t{escape(errors)}\t\n"
                 for pk, number, verdict, values, before, errors in plain]  # fmt: skip
        with cursor.copy(COPY) as copy:
            copy.write("".join(lines))


def escape(text: str) -> str:
    """Escape for COPY: JSON has no raw tabs or line ends, so only its backslashes need it."""
    return text.replace("\\", "\\\\") if "\\" in text else text


dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def mark_first_twins(change_set: ChangeSet, resource: StagedResource, late: dict[int, list]) -> None:
    """The first of two rows about the same thing was kept before its twin was met: it is wrong as well."""
    numbers = sorted(late)
    for begin in range(0, len(numbers), 500):
        rows = list(change_set.rows.filter(number__in=numbers[begin : begin + 500]))
        for row in rows:
            row.verdict, row.before = ChangeRow.Verdict.WRONG, {}
            row.errors = {resource.key[-1]: late[row.number], **row.errors}
        ChangeRow.objects.bulk_update(rows, ["verdict", "before", "errors"])
