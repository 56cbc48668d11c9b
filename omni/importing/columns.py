"""
What a cell may hold. A reader turns the text of a cell into a value that JSON can keep, or raises Wrong.

Blank cells are the column's business, not the reader's: needed, or empty on purpose. A column that a file does not have
is left as it is.
"""

import json
import re
import zoneinfo
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from babel import Locale
from babel.numbers import list_currencies
from django.utils.translation import gettext as now
from import_export.fields import Field
from import_export.widgets import Widget

from omni.importing.problems import Wrong

Reader = Callable[[str], Any]
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(?:[.,][0-9]+)?|[+-]?[.,][0-9]+")
CODE = re.compile(r"[\w.\-/]+")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
DANGEROUS = re.compile(r"'*[=+\-@\t\r\x00]")  # what a spreadsheet may run (ASVS 1.2.10)


def escaped(text: str) -> str:
    """Return text so that no spreadsheet takes it for a formula. ``unescaped`` undoes it exactly."""
    return f"'{text}" if DANGEROUS.match(text) else text


def unescaped(text: str) -> str:
    return text[1:] if text.startswith("'") and DANGEROUS.match(text) else text


class CellWidget(Widget):
    """Lets django-import-export read and write a cell the way we do."""

    def __init__(self, reader: Reader):
        super().__init__()
        self.reader = reader

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return self.reader(str(value))
        except Wrong as wrong:
            raise ValueError(wrong.code) from wrong

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class Column(Field):
    """
    One column of one kind of file.

    name: its heading, in English and stable, because programs write files, too. words, example: what the template
    explains. needed: every file has it. filled: where a file has it, no cell is empty. blank: the value of an empty
    cell. number: keep it a number in files. group: rows with the same value in that column agree on this one.
    """

    def __init__(
        self,
        name: str,
        reader: Reader,
        words: Any,
        *,
        example: str = "",
        needed: bool = False,
        filled: bool = False,
        blank: Any = "",
        number: bool = False,
        readonly: bool = False,
        group: str = "",
    ):
        super().__init__(attribute=name, column_name=name, widget=CellWidget(reader), readonly=readonly)
        self.name, self.reader, self.words, self.example = name, reader, words, example
        self.needed, self.filled, self.blank = needed, needed or filled, blank
        self.number, self.group = number, group

    def read(self, cell: Any) -> Any:
        """Return the value of a cell. Raises Wrong."""
        if isinstance(cell, Wrong):
            raise cell
        if cell:
            return self.reader(unescaped(cell) if cell[0] == "'" else cell)
        if self.filled:
            raise Wrong("blank")
        return self.blank


def text(most: int) -> Reader:
    """One line of text of at most ``most`` characters."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise Wrong("too_long", limit=most)
        if "\n" in cell or "\r" in cell or CONTROL.search(cell):
            raise Wrong("control_characters")
        return cell

    return read


def lines(most: int) -> Reader:
    """Several lines of text; line ends become line feeds."""

    def read(cell: str) -> str:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
        if len(cell) > most:
            raise Wrong("too_long", limit=most)
        if CONTROL.search(cell):
            raise Wrong("control_characters")
        return cell

    return read


def code(most: int) -> Reader:
    """A code: letters, digits, dot, dash, slash, underscore."""

    def read(cell: str) -> str:
        if len(cell) > most:
            raise Wrong("too_long", limit=most)
        if not CODE.fullmatch(cell):
            raise Wrong("not_a_code", value=cell[:60])
        return cell

    return read


def units(most: int = 2_147_483_647) -> Reader:
    """Whole units, none or more."""

    def read(cell: str) -> int:
        try:
            number = int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 19 else slow_whole(cell)
        except ValueError as error:
            raise Wrong("not_a_whole_number", value=cell[:40]) from error
        if number < 0:
            raise Wrong("negative", value=number)
        if number > most:
            raise Wrong("too_large", limit=most)
        return number

    return read


def slow_whole(cell: str) -> int:
    """Read a whole number that is written in another way (-1, +1, 3.0); say why when it is none."""
    if WHOLE.fullmatch(cell):
        return int(cell)
    if not DECIMAL.fullmatch(cell):
        raise Wrong("not_a_whole_number", value=cell[:40])
    number = Decimal(cell.replace(",", "."))
    if number != number.to_integral_value():
        raise Wrong("fractional", value=cell[:40])
    return int(number)


def decimal(*, places: int, least: Decimal | None = None, most: Decimal | None = None) -> Reader:
    """A decimal number with a dot (or one comma), kept as text without needless zeros."""

    def read(cell: str) -> str:
        if not DECIMAL.fullmatch(cell):
            raise Wrong("not_a_number", value=cell[:40])
        number = Decimal(cell.replace(",", "."))
        if least is not None and number < least:
            raise Wrong("negative" if least == 0 else "too_small", value=cell[:40], limit=str(least))
        if most is not None and number > most:
            raise Wrong("too_large", limit=str(most))
        return plain(number, places)

    return read


def plain(number: Decimal, places: int = 6) -> str:
    """Write a decimal without an exponent and without needless zeros. Raises Wrong when it has too many places."""
    try:
        kept = round(number, places)
    except InvalidOperation as error:
        raise Wrong("not_a_number", value=str(number)[:40]) from error
    if kept != number:
        raise Wrong("not_a_number", value=str(number)[:40])
    written = f"{kept:f}"
    return (written.rstrip("0").rstrip(".") or "0") if "." in written else written


def choice(allowed: dict[str, Any]) -> Reader:
    """One of some words; upper and lower case do not matter."""

    def read(cell: str) -> str:
        word = cell.lower()
        if word not in allowed:
            raise Wrong("not_a_choice", value=cell[:40], choices=", ".join(allowed))
        return word

    return read


YES, NO = {"yes", "true", "1", "y", "x"}, {"no", "false", "0", "n"}


def yes_or_no(cell: str) -> bool:
    word = cell.lower()
    if word in YES or word in NO:
        return word in YES
    raise Wrong("not_yes_or_no", value=cell[:40])


def moment(*, end: bool = False) -> Reader:
    """
    A time, kept as ISO 8601 in UTC. A date alone is the beginning of that day; with ``end`` it is the end of it.

    Times without a zone are read as UTC.
    """

    def read(cell: str) -> str:
        try:
            at = datetime.fromisoformat(cell)
        except ValueError as error:
            raise Wrong("not_a_date", value=cell[:40]) from error
        if not 1990 <= at.year < 2200:
            raise Wrong("not_a_date", value=cell[:40])
        if end and is_date(cell):
            at += timedelta(days=1)
        return stamp(at if at.tzinfo else at.replace(tzinfo=UTC))

    return read


def is_date(cell: str) -> bool:
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def stamp(at: datetime | None) -> str:
    """Write a time as files and change sets keep it."""
    return at.astimezone(UTC).isoformat(" ", "seconds") if at else ""


@cache
def currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def countries() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def currency(cell: str) -> str:
    if cell.upper() not in currencies():
        raise Wrong("not_a_currency", value=cell[:10])
    return cell.upper()


def country(cell: str) -> str:
    if cell.upper() not in countries():
        raise Wrong("not_a_country", value=cell[:10])
    return cell.upper()


def time_zone(cell: str) -> str:
    if cell not in zones():
        raise Wrong("not_a_time_zone", value=cell[:40])
    return cell


def as_cell(value: Any) -> str:
    """Write a stored value as the text of a cell that reads back as the same value."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def explanation(column: Column) -> str:
    """What the template says about a column: needed or not, read or not, and its meaning."""
    if column.readonly:
        return now("For your information; not read.") + " " + str(column.words)
    return str(column.words) if not column.needed else now("Needed.") + " " + str(column.words)


def named(columns: Iterable[Column]) -> dict[str, Column]:
    return {column.name: column for column in columns}
