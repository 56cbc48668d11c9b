"""Open a file of unknown origin as a stream of text cells, without trusting a byte of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings

from omni.importing import text_files, workbooks
from omni.importing.problems import FileRefused, Wrong

# How PDF, PNG, JPEG, GIF, gzip, RAR, 7z and programs begin.
OTHER_FILES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x7fELF")
Cells = list[Any]  # text, or a Wrong where the file itself could not say what stands there


@dataclass
class Table:
    """What a file holds: its header, and its rows with their number as a spreadsheet shows it (the header is 1)."""

    header: list[str]
    rows: Iterator[tuple[int, Cells]]
    total: int | None = None
    pads: bool = False  # a sheet leaves out empty cells at the end of a row; a CSV row that is short was cut


def fingerprint(file: IO[bytes]) -> str:
    """Return the SHA-256 of a file and leave it at its beginning. Raises FileRefused when it is too big or empty."""
    limit, size, digest = settings.IMPORT_LIMITS["bytes"], 0, hashlib.sha256()
    file.seek(0)
    while piece := file.read(1 << 20):
        size += len(piece)
        if size > limit:
            raise FileRefused("too_big", limit=limit // (1024 * 1024))
        digest.update(piece)
    file.seek(0)
    if not size:
        raise FileRefused("empty")
    return digest.hexdigest()


def look(file: IO[bytes], encoding: str = "") -> None:
    """Refuse at the door what can be known to be useless or dangerous without unpacking it. Cheap enough for a page."""
    if is_workbook(file):
        workbooks.look(file)
    else:
        text_files.look(file, encoding)


def read(file: IO[bytes], encoding: str = "") -> Table:
    """
    Open a table. encoding: what the person chose; empty means UTF-8, or what the byte order mark says.

    Raises FileRefused, here or while the rows are read, with a sentence for people.
    """
    limits = settings.IMPORT_LIMITS
    if is_workbook(file):
        sheet = workbooks.open_sheet(file, limits)
        rows, total, pads = sheet.rows(), sheet.last_row - 1, True
    else:
        rows, total, pads = text_files.rows_of(file, encoding), None, False
    numbered = limited(rows, limits["rows"])
    _line, first = next(numbered, (1, []))
    return Table(header=header_of(first, limits["columns"]), rows=numbered, total=total, pads=pads)


def is_workbook(file: IO[bytes]) -> bool:
    """Whether this is a zip as every XLSX is. Raises FileRefused for what is neither that nor text."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused("old_excel")
    if start.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x7fELF")
    ):
        raise FileRefused("not_a_table")
    return start.startswith(b"PK")


def limited(rows: Iterator[Cells], most: int) -> Iterator[tuple[int, Cells]]:
    """Number the rows; empty ones are counted and left out, because people see them counted in their spreadsheet."""
    for number, cells in enumerate(rows, start=1):
        if number > most + 1:
            raise FileRefused("too_many_rows", limit=most)
        if number == 1 or any(cells):
            yield number, cells


def header_of(cells: Cells, most: int) -> list[str]:
    """Return the names of the columns as the file writes them. Raises FileRefused when they cannot serve."""
    names = ["" if isinstance(cell, Wrong) else str(cell).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise FileRefused("no_header")
    if len(names) > most:
        raise FileRefused("too_many_columns", limit=most)
    if "" in names:
        raise FileRefused("blank_header", place=names.index("") + 1)
    return names
