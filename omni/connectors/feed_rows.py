"""
The rows of exchanged files: which columns each kind has, and a reader that streams them.

A row is one line. A row that cannot be used comes out as a RowProblem with its line, field and reason; the rows
around it go on. Only a file without its columns is refused as a whole.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from omni.connectors.base import RowProblem
from omni.connectors.feed_files import BadFile

MAX_UNITS = 2_147_483_647
MAX_MINOR = 10**15
INTEGER = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?[0-9]*[.,][0-9]+")
CURRENCY = re.compile(r"[A-Z]{3}")
RAW = 300


class Bad(Exception):
    """One cell cannot be used; the argument is a code of ``problems.SENTENCES``."""


def code(text: str) -> str:
    if not text:
        raise Bad("blank")
    return optional_code(text) or ""


def optional_code(text: str) -> str | None:
    if len(text) > 64:
        raise Bad("too_long")
    if not text.isprintable():
        raise Bad("control_characters")
    return text or None


def title(text: str) -> str:
    return text[:200]


def integer(text: str, *, least: int, most: int) -> int:
    if not text:
        raise Bad("blank")
    if not INTEGER.fullmatch(text):
        raise Bad("fractional" if DECIMAL.fullmatch(text) else "not_a_number")
    if len(text) > 17:
        raise Bad("negative" if text.startswith("-") and least == 0 else "too_large")
    number = int(text)
    if number < least:
        raise Bad("negative" if least == 0 else "too_large")
    if number > most:
        raise Bad("too_large")
    return number


def units(text: str) -> int:
    return integer(text, least=0, most=MAX_UNITS)


def signed_units(text: str) -> int:
    return integer(text, least=-MAX_UNITS, most=MAX_UNITS)


def optional_units(text: str) -> int | None:
    return signed_units(text) if text else None


def minor(text: str) -> int | None:
    return integer(text, least=-MAX_MINOR, most=MAX_MINOR) if text else None


def version_number(text: str) -> int:
    return integer(text, least=0, most=10**15)


def currency(text: str) -> str | None:
    if text and not CURRENCY.fullmatch(text):
        raise Bad("bad_currency")
    return text or None


def moment(text: str) -> datetime:
    if not text:
        raise Bad("blank")
    try:
        at = datetime.fromisoformat(text)
    except ValueError as unreadable:
        raise Bad("not_a_time") from unreadable
    if at.tzinfo is None:
        raise Bad("no_time_zone")
    if not 2000 <= at.year < 2100:
        raise Bad("not_a_time")
    return at


def optional_moment(text: str) -> datetime | None:
    return moment(text) if text else None


def outcome(text: str) -> str:
    if text not in ("applied", "conflict", "rejected"):
        raise Bad("bad_outcome")
    return text


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of file. ``key`` names the columns that may come together only once."""

    kind: str
    columns: dict[str, Callable[[str], Any]]
    key: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    snapshot: bool = False


STOCK_OUT = Table(
    "stock",
    {"sku": code, "location": optional_code, "quantity": units, "version": version_number, "if_version": optional_code},
    key=("sku", "location"),
)
LISTINGS = Table(
    "listings",
    {"sku": code, "location": optional_code, "title": title, "price_minor": minor, "currency": currency},
    key=("sku", "location"),
    optional=frozenset({"price_minor", "currency"}),
)
SALES = Table(
    "sales",
    {
        "order": code,
        "line": code,
        "sku": code,
        "location": optional_code,
        "quantity": signed_units,
        "amount_minor": minor,
        "currency": currency,
        "occurred_at": moment,
        "version": optional_code,
    },
    key=("order", "line"),
    optional=frozenset({"version"}),
)
REQUESTS = Table("requests", {"what": code, "mode": code}, key=("what", "mode"))
STOCK_IN = Table(
    "stock",
    {"sku": code, "location": optional_code, "quantity": units, "version": optional_code, "seen_at": optional_moment},
    key=("sku", "location"),
    snapshot=True,
)
ACKS = Table(
    "acks",
    {
        "sku": code,
        "location": optional_code,
        "version": version_number,
        "outcome": outcome,
        "actual": optional_units,
        "actual_version": optional_code,
        "code": optional_code,
        "document": optional_code,
    },
    key=("sku", "location", "version", "document"),
    optional=frozenset({"code", "document"}),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: ``line`` counts from 1, comment and header included."""

    line: int
    values: dict[str, Any]


@dataclass
class Reader:
    """
    Streams one file: iterate for Row and RowProblem.

    ``meta`` holds the words of the comment line. Opening raises BadFile when the columns are not there.
    """

    path: Path
    table: Table
    meta: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._file = self.path.open(encoding="utf-8-sig", newline="")
        self._lines = enumerate(self._file, start=1)
        self._seen: set[tuple[Any, ...]] = set()
        try:
            self._header = self._read_header()
        except BadFile:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    def _read_header(self) -> list[str]:
        for _line, text in self._lines:
            if text.startswith("#"):
                self.meta |= dict(word.split("=", 1) for word in text[1:].split() if "=" in word)
            elif text.strip():
                return self._check_header([name.strip().lower() for name in _cells(text) or []])
        raise BadFile("empty_file")

    def _check_header(self, names: list[str]) -> list[str]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadFile("duplicate_columns", ", ".join(twice)[:RAW])
        missing = [name for name in self.table.columns if name not in names and name not in self.table.optional]
        if missing:
            raise BadFile("missing_columns", ", ".join(missing))
        if self.table.snapshot and (self.taken_at is None or self.meta.get("mode") not in ("full", "changes")):
            raise BadFile("no_snapshot_header")
        return names

    @property
    def taken_at(self) -> datetime | None:
        """When the writer looked at its own state, or None where the file does not say."""
        try:
            return moment(self.meta.get("taken_at", ""))
        except Bad:
            return None

    @property
    def location(self) -> str | None:
        """The one location of which a snapshot speaks, or None for all."""
        return unquote(self.meta["location"]) if self.meta.get("location") else None

    def __iter__(self) -> Iterator[Row | RowProblem]:
        for name in self._header:
            if name not in self.table.columns:
                yield RowProblem(1, name[:64], "unknown_column", name[:64])
        for line, text in self._lines:
            if text.strip():
                yield self._row(line, text)
        self.close()

    def _row(self, line: int, text: str) -> Row | RowProblem:
        raw = text.rstrip("\r\n")[:RAW]
        cells = _cells(text)
        if cells is None:
            return RowProblem(line, "row", "malformed_row", raw=raw)
        if len(cells) != len(self._header):
            return RowProblem(
                line, "row", "too_few_cells" if len(cells) < len(self._header) else "too_many_cells", raw=raw
            )
        values: dict[str, Any] = dict.fromkeys(self.table.optional)
        for name, cell in zip(self._header, cells, strict=True):
            parse = self.table.columns.get(name)
            if parse is None:
                continue
            try:
                values[name] = parse(cell.strip())
            except Bad as bad:
                return RowProblem(line, name, str(bad), cell.strip()[:64], raw)
        key = tuple(values[name] for name in self.table.key)
        if key in self._seen:
            return RowProblem(line, " + ".join(self.table.key), "duplicate_row", " ".join(map(str, key))[:64], raw)
        self._seen.add(key)
        return Row(line, values)


def _cells(text: str) -> list[str] | None:
    """The cells of one line, or None when it is no CSV (a quote that never closes)."""
    try:
        return next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration):
        return None
