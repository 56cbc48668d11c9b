"""
XLSX: looked over before anything is unpacked, then read by openpyxl row by row.

openpyxl (with defusedxml) refuses entity tricks but keeps a whole row in memory and believes any coordinate. So the
sheet is scanned first, at little cost: how far it really reaches, how wide it is, and which formulas hold no value.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import IO, Any
from xml.parsers import expat

import defusedxml
import openpyxl
from defusedxml.common import DefusedXmlException
from django.conf import settings
from openpyxl.utils import column_index_from_string

from omni.importing.problems import FileRefused, Wrong

COORDINATE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ERRORS = {"#REF!", "#DIV/0!", "#NAME?", "#N/A", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!"}
LONGEST_CELL = 131_072
MOST_EXACT = 10**15  # a double, as spreadsheets keep numbers, holds 15 digits
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, IndexError, AttributeError, OSError,
    expat.ExpatError, SyntaxError, NotImplementedError, RuntimeError,
)  # fmt: skip


def look(file: IO[bytes]) -> zipfile.ZipFile:
    """Check what the table of contents says before unpacking. Raises FileRefused."""
    limits = settings.IMPORT_LIMITS
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGED as error:
        raise FileRefused("corrupt") from error
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits["members"] or unpacked > limits["unpacked_bytes"]:
        raise FileRefused("unpacks_too_big")
    for member in members:
        if member.flag_bits & 1:
            raise FileRefused("old_excel")
        ratio_counts = member.file_size > 1024 * 1024
        if ratio_counts and member.file_size > limits["ratio"] * max(member.compress_size, 1):
            raise FileRefused("unpacks_too_big")
        if not is_sheet(member.filename) and member.file_size > limits["part_bytes"]:
            raise FileRefused("unpacks_too_big")
    refuse_other_kinds({member.filename for member in members})
    return archive


def is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/")


def refuse_other_kinds(names: set[str]) -> None:
    if any(PurePosixPath(name).name.lower() == "vbaproject.bin" for name in names):
        raise FileRefused("macros")
    if "mimetype" in names or "xl/workbook.bin" in names:
        raise FileRefused("other_sheet")
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise FileRefused("not_a_table")


class Scan:
    """One cheap pass over a sheet: its last filled row and column, formulas without values, declarations."""

    def __init__(self, limits: dict[str, int]):
        self.limits = limits
        self.last_row = self.last_column = self.row = self.column = self.length = 0
        self.in_formula = self.has_formula = self.has_value = False
        self.unsolved: set[tuple[int, int]] = set()

    def run(self, source: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self.declared
        parser.buffer_text = True
        while piece := source.read(1 << 16):
            parser.Parse(piece)
        parser.Parse(b"", True)

    def declared(self, *_what: Any) -> None:
        raise FileRefused("unsafe_xml")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self.start_cell(attributes.get("r", ""))
        elif tag == "f":
            self.in_formula = self.has_formula = True
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0

    def start_cell(self, coordinate: str) -> None:
        self.column += 1
        self.length, self.has_formula, self.has_value = 0, False, False
        place = COORDINATE.fullmatch(coordinate)
        if place:
            self.column, self.row = column_index_from_string(place[1]), int(place[2])

    def text(self, data: str) -> None:
        self.length += len(data)
        if self.length > LONGEST_CELL:
            raise FileRefused("cell_too_long", line=self.row)
        if not self.in_formula and not data.isspace():
            self.has_value = True

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "f":
            self.in_formula = False
        elif tag == "c" and (self.has_value or self.has_formula):
            self.filled()

    def filled(self) -> None:
        self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        if self.last_row > self.limits["rows"] + 1:
            raise FileRefused("too_many_rows", limit=self.limits["rows"])
        if self.last_column > self.limits["columns"]:
            raise FileRefused("too_many_columns", limit=self.limits["columns"])
        if self.has_formula and not self.has_value:
            self.unsolved.add((self.row, self.column))


class Sheet:
    """The first sheet of a workbook that holds rows."""

    def __init__(self, book: openpyxl.Workbook, sheet: Any, scan: Scan):
        self.book, self.sheet, self.scan = book, sheet, scan
        self.last_row = scan.last_row

    def rows(self) -> Iterator[list[Any]]:
        """Yield every row as cells of text, empty rows included. Raises FileRefused when the file is damaged."""
        wide, unsolved = self.scan.last_column, self.scan.unsolved
        try:
            self.sheet.reset_dimensions()
            values = self.sheet.iter_rows(max_row=self.last_row, max_col=wide, values_only=True)
            for number, row in enumerate(values, start=1):
                cells = [as_text(value) for value in row]
                for column in range(1, wide + 1) if unsolved else ():
                    if (number, column) in unsolved:
                        cells[column - 1] = Wrong("formula")
                yield cells
        except DAMAGED as error:
            raise FileRefused(what_broke(error)) from error


def what_broke(error: BaseException) -> str:
    """Say whether a workbook is damaged or was refused by defusedxml, whose errors openpyxl wraps in its own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DefusedXmlException):
            return "unsafe_xml"
        cause = cause.__cause__ or cause.__context__
    return "corrupt"


def open_sheet(file: IO[bytes], limits: dict[str, int]) -> Sheet:
    """Open the first sheet with rows, values only. Raises FileRefused."""
    if not openpyxl.DEFUSEDXML:
        raise RuntimeError(f"openpyxl does not use defusedxml {defusedxml.__version__}")
    archive = look(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            scan = Scan(limits)
            with archive.open(sheet._worksheet_path) as source:
                scan.run(source)
            if scan.last_row:
                return Sheet(book, sheet, scan)
    except DAMAGED as error:
        raise FileRefused(what_broke(error)) from error
    raise FileRefused("no_sheet")


def as_text(value: Any) -> Any:
    """Return what a cell shows as text, or a Wrong when the spreadsheet could not say."""
    if value is None:
        return ""
    if isinstance(value, str):
        return Wrong("sheet_error", value=value) if value in ERRORS else value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_as_text(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()


def number_as_text(value: float) -> Any:
    if abs(value) >= MOST_EXACT:
        return Wrong("rounded")
    return str(int(value)) if value == int(value) else repr(value)
