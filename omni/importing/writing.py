"""Write files that can be read again unchanged: templates, exports, and the rows that were wrong."""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from omni.importing.columns import Column, as_cell, escaped, explanation
from omni.importing.resource import StagedResource

Pairs = Iterable[tuple[Column, Any]]
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def new_file() -> IO[bytes]:
    """A file without a name, which is gone when it is closed."""
    return TemporaryFile()


def as_text(column: Column, value: Any) -> str:
    """Write a value for CSV. Numbers stay numbers; all other text is kept from being taken for a formula."""
    cell = as_cell(value)
    return cell if column.number else guarded(cell)


def as_value(column: Column, value: Any) -> Any:
    """Write a value for XLSX: a number as a number, everything else as text."""
    if column.number and value not in (None, ""):
        return value if isinstance(value, int) else Decimal(str(value))
    return guarded(ILLEGAL_CHARACTERS_RE.sub("\ufffd", as_cell(value)))


def guarded(cell: str) -> str:
    return escaped(cell) if settings.IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT else cell


def csv_pieces(header: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield a CSV file in pieces. It begins with a byte order mark, or Excel would not read it as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if not number % 500:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def write(file: IO[bytes], form: str, header: list[str], rows: Iterable[Pairs]) -> None:
    """Write a whole file. form: csv or xlsx."""
    if form == "csv":
        for piece in csv_pieces(header, ([as_text(*pair) for pair in row] for row in rows)):
            file.write(piece.encode())
        return
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Rows"))
    sheet.append(header)
    for row in rows:
        sheet.append([as_value(*pair) for pair in row])
    book.save(file)


def write_template(file: IO[bytes], form: str, resource: type[StagedResource]) -> None:
    """Write the template of a kind: its columns, one example and, in XLSX, a sheet that explains them."""
    columns = resource.read_columns()
    header = [column.name for column in columns]
    if form == "csv":
        return write(file, form, header, [[(column, column.example) for column in columns]])
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Rows"))
    sheet.append(header)
    sheet.append([as_value(column, column.example) for column in columns])
    notes = book.create_sheet(_("Explanations"))
    notes.append([_("Column"), _("Meaning"), _("Example")])
    for column in columns:
        notes.append([column.name, explanation(column), guarded(column.example)])
    book.save(file)
    return None
