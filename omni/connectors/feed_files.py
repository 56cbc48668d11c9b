"""
Files that two systems exchange in folders, safely: nothing half written is read, nothing unread is lost.

Writing: a temporary name in the same folder, fsync, the checksum beside it (``NAME.sha256``), then the rename.
Reading: a private copy is taken and hashed; it counts only if the original stood still meanwhile and the checksum
matches. ``take`` changes nothing that the other side sees; ``done`` or ``refuse`` moves the file away afterwards.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024
MAX_ROWS = 200_000
CHUNK = 1024 * 1024
CHECKSUM = ".sha256"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.csv")


class NotReady(Exception):
    """The file is still being written, or its checksum has not come yet: look again later."""


class BadFile(Exception):
    """The file as a whole cannot be used. ``code`` is one of ``problems.SENTENCES``."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(f"{code} {value}".strip())
        self.code = code
        self.value = value


@dataclass(frozen=True, slots=True)
class Taken:
    """A private, verified copy of one incoming file."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one account, as both sides see them, and Omni's own three beside."""

    root: Path

    @property
    def to_channel(self) -> Path:
        return self.root / "to-channel"

    @property
    def from_channel(self) -> Path:
        return self.root / "from-channel"

    def ensure(self) -> None:
        """Make what is missing. Raises OSError."""
        for folder in (self.to_channel, self.from_channel):
            folder.mkdir(parents=True, exist_ok=True)

    def inbox(self, *, settle: timedelta = timedelta(seconds=60), checksum_required: bool = True) -> Inbox:
        """Omni's end of ``from-channel``."""
        return Inbox(folder=self.from_channel, home=self.root, settle=settle, checksum_required=checksum_required)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The reading end of one folder; archive/, quarantine/ and working/ lie under ``home``."""

    folder: Path
    home: Path
    settle: timedelta = timedelta(seconds=60)
    checksum_required: bool = True

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def working(self) -> Path:
        return self.home / "working"

    def pending(self, kind: str) -> list[str]:
        """Names that wait, oldest first (names carry their time)."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return sorted(name for name in names if name.startswith(f"{kind}-") and NAME.fullmatch(name))

    def take(self, name: str, *, at: datetime) -> Taken:
        """
        Copy one file aside and prove the copy whole.

        Raises NotReady while it may still change, BadFile when it never can be read.
        """
        source = self.folder / name
        try:
            before = source.stat()
            settled = at.timestamp() - max(before.st_mtime, before.st_ctime) >= self.settle.total_seconds()
            expected = self._expected(name, settled=settled)
            if before.st_size > MAX_BYTES:
                raise BadFile("too_big")
            self.working.mkdir(parents=True, exist_ok=True)
            copy = self.working / name
            sha256, fault = _copy(source, _temporary(copy), copy)
            after = source.stat()
        except FileNotFoundError as gone:
            raise NotReady(name) from gone
        if _mark(before) != _mark(after):
            raise NotReady(name)
        if expected is not None and sha256 != expected:
            if settled:
                raise BadFile("checksum_mismatch")
            raise NotReady(name)
        if fault:
            raise BadFile(fault)
        return Taken(name, copy, sha256)

    def _expected(self, name: str, *, settled: bool) -> str | None:
        try:
            words = (self.folder / f"{name}{CHECKSUM}").read_text("ascii", "replace").split()
        except FileNotFoundError:
            words = []
        if words:
            return words[0].lower()
        if not settled:
            raise NotReady(name)
        if self.checksum_required:
            raise BadFile("no_checksum")
        return None

    def done(self, name: str) -> None:
        """Archive a file whose content is kept. One that changed since it was taken stays for another round."""
        source, copy = self.folder / name, self.working / name
        if source.exists() and copy.exists() and file_digest(source) != file_digest(copy):
            copy.unlink(missing_ok=True)
            return
        self._move(name, self.archive)

    def refuse(self, name: str, reason: str) -> None:
        """Set a file aside that cannot be read, with the reason in ``NAME.reason.txt``."""
        moved = self._move(name, self.quarantine)
        if moved is not None:
            moved.with_name(f"{moved.name}.reason.txt").write_text(f"{reason}\n", "utf-8")

    def _move(self, name: str, folder: Path) -> Path | None:
        folder.mkdir(parents=True, exist_ok=True)
        target = _free_name(folder, name)
        try:
            os.replace(self.folder / name, target)
        except FileNotFoundError:
            target = None  # type: ignore[assignment]
        else:
            with suppress(FileNotFoundError):
                os.replace(self.folder / f"{name}{CHECKSUM}", target.with_name(f"{target.name}{CHECKSUM}"))
        (self.working / name).unlink(missing_ok=True)
        return target

    def prune(self, *, at: datetime, days: int = 30, most: int = 5_000) -> int:
        """Delete what lies in archive/ and quarantine/ for longer, and the oldest of too many. Returns how many."""
        removed = 0
        for folder in (self.archive, self.quarantine, self.working):
            removed += _prune(folder, before=(at - timedelta(days=days)).timestamp(), most=most)
        return removed


def write_csv(
    folder: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], meta: Mapping[str, str]
) -> Path:
    """
    Write one file so that a reader sees all of it or nothing.

    meta: the words of the first line, ``# key=value key=value``. Raises OSError; then nothing is visible.
    """
    target = folder / name
    temporary = _temporary(target)
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            if meta:
                file.write("# " + " ".join(f"{key}={value}" for key, value in meta.items()) + "\n")
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_cell(value) for value in row] for row in rows)
            file.flush()
            os.fsync(file.fileno())
        _write_checksum(target, file_digest(temporary))
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    return target


def stamped(kind: str, at: datetime, seq: str) -> str:
    """File name that sorts by time: ``stock-20260131T093000123456Z-SEQ.csv``."""
    return f"{kind}-{at.astimezone(UTC):%Y%m%dT%H%M%S%f}Z-{seq}.csv"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _temporary(target: Path) -> Path:
    """A hidden name beside the target, never used twice."""
    return target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}.tmp")


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cell(value: object) -> str:
    """Text of one cell: no line breaks (a row is a line) and no control characters."""
    if value is None:
        return ""
    text = iso(value) if isinstance(value, datetime) else str(value)
    return "".join(char if char >= " " and char != "\x7f" else " " for char in text).strip()


def _write_checksum(target: Path, sha256: str) -> None:
    sidecar = target.with_name(f"{target.name}{CHECKSUM}")
    temporary = _temporary(sidecar)
    temporary.write_text(f"{sha256}  {target.name}\n", "ascii")
    os.replace(temporary, sidecar)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, temporary: Path, copy: Path) -> tuple[str, str]:
    """Copy and look at every byte once. Returns the digest and the code of what is wrong with the whole, or ""."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    lines, fault = 0, ""
    with temporary.open("xb") as out:
        for chunk in _chunks(source):
            out.write(chunk)
            digest.update(chunk)
            lines += chunk.count(b"\n")
            fault = fault or _text_fault(decoder, chunk)
    fault = fault or _text_fault(decoder, b"", final=True)
    os.replace(temporary, copy)
    if not fault and copy.stat().st_size == 0:
        fault = "empty_file"
    if not fault and lines > MAX_ROWS + 2:
        fault = "too_many_rows"
    return digest.hexdigest(), fault


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _text_fault(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> str:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return "wrong_encoding"
    return "wrong_encoding" if b"\x00" in chunk else ""


def _mark(stat: os.stat_result) -> tuple[int, int, int]:
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)


def _free_name(folder: Path, name: str) -> Path:
    target, number = folder / name, 1
    while target.exists():
        number += 1
        target = folder / f"{name.removesuffix('.csv')}-{number}.csv"
    return target


def _prune(folder: Path, *, before: float, most: int) -> int:
    if not folder.exists():
        return 0
    found = sorted((entry.stat().st_mtime, entry.path) for entry in os.scandir(folder) if entry.is_file())
    excess = max(0, len(found) - most)
    doomed = [path for index, (changed, path) in enumerate(found) if index < excess or changed < before]
    for path in doomed:
        Path(path).unlink(missing_ok=True)
    return len(doomed)
