"""Files that people take out: what the screen shows, without a cell that a spreadsheet would run as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook

RISKY = ("=", "+", "-", "@", "\t", "\r")  # OWASP, "CSV Injection"
FORMATS = ("csv", "xlsx")


def safe_cell(value: Any) -> Any:
    """Return the value with an apostrophe before text that a spreadsheet would take for a formula."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(RISKY) else text


def file_response(rows: Iterable[Iterable[Any]], *, name: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """Answer rows (the first one the headers) as a file. form: csv (UTF-8 with a mark, streamed) or xlsx."""
    safe = ([safe_cell(cell) for cell in row] for row in rows)
    if form == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response: HttpResponse | StreamingHttpResponse = HttpResponse(workbook(safe), content_type=kind)
    else:
        response = StreamingHttpResponse(csv_lines(safe), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def csv_lines(rows: Iterable[list[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for row in rows:
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def workbook(rows: Iterable[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
