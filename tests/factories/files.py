"""Plain functions that make files as people send them, and take them through an import."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from omni.importing import writing
from omni.importing.resource import kinds
from omni.models import ChangeSet, User
from omni.services import changes
from tests.factories.omni import NOON

Rows = Iterable[Sequence[Any]]


def csv_file(header: Sequence[str], rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return io.BytesIO(text.getvalue().encode(encoding))


def xlsx_file(header: Sequence[str], rows: Rows) -> io.BytesIO:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file


def check_file(kind: str, file: io.BytesIO, *, by: User, at: datetime = NOON, name: str = "file.csv") -> ChangeSet:
    """Send a file and check it, as the page and the worker do."""
    change_set = changes.create_change_set(kind=kind, file=file, file_name=name, by=by, at=at)
    return changes.check(change_set=change_set, at=at)


def apply_file(change_set: ChangeSet, *, by: User | None = None, at: datetime = NOON) -> ChangeSet:
    changes.apply(change_set=change_set, by=by or change_set.author, at=at)
    return changes.finish_applying(change_set=change_set, at=at)


def undo_file(change_set: ChangeSet, *, by: User | None = None, at: datetime = NOON) -> ChangeSet:
    changes.undo(change_set=change_set, by=by or change_set.author, at=at)
    return changes.finish_undoing(change_set=change_set, at=at)


def export_file(kind: str, *, by: User, form: str = "csv", **chosen: str) -> io.BytesIO:
    """What the export button gives."""
    resource = kinds()[kind](by=by, at=NOON)
    file = io.BytesIO()
    writing.write(file, form, list(resource.fields), resource.exported(chosen))
    return file


def wrong_cells(change_set: ChangeSet) -> dict[int, dict[str, str]]:
    """Number of each wrong row: its columns and the codes of what is wrong with them."""
    rows = change_set.rows.filter(verdict="wrong").order_by("number")
    return {row.number: {column: problem[0] for column, problem in row.errors.items()} for row in rows}
