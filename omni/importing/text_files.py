"""CSV: which encoding and which delimiter it has, and its rows as a stream."""

import csv
import io
from collections.abc import Iterator
from typing import IO, Any

from omni.importing.problems import FileRefused

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CHOICES = {"": "utf-8", "utf-8": "utf-8", "cp1252": "cp1252", "gb18030": "gb18030"}  # gb18030 takes GBK and GB2312, too
DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 131_072  # characters; the csv module's own limit
LONGEST_LINE = 4 * LONGEST_CELL
FIRST_LOOK = 64 * 1024


def encoding_of(file: IO[bytes], chosen: str = "") -> str:
    """Return the codec of a file: the byte order mark is believed first, then the person, then UTF-8."""
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    for mark, codec in MARKS:
        if start.startswith(mark):
            return codec
    if chosen.lower() not in CHOICES:
        raise FileRefused("unknown_encoding", encoding=chosen[:20])
    return CHOICES[chosen.lower()]


def look(file: IO[bytes], chosen: str = "") -> None:
    """Refuse a file whose first kilobytes cannot be text of its encoding."""
    codec = encoding_of(file, chosen)
    head = file.read(FIRST_LOOK)
    file.seek(0)
    whole = head[: head.rfind(b"\n") + 1] if b"\n" in head and codec != "utf-16" else b""
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t"):
        raise FileRefused("empty")
    if codec != "utf-16" and b"\0" in head:
        raise FileRefused("nul_bytes", line=head[: head.index(b"\0")].count(b"\n") + 1)
    try:
        whole.decode(codec)
    except UnicodeDecodeError as error:
        raise FileRefused(
            "wrong_encoding", line=whole[: error.start].count(b"\n") + 1, encoding=shown(codec)
        ) from error


def shown(codec: str) -> str:
    return codec.upper().removesuffix("-SIG")


def lines_of(file: IO[bytes], codec: str) -> Iterator[str]:
    """Yield the lines of a text file. Raises FileRefused with the line at which it stops being text."""
    text, number = io.TextIOWrapper(file, codec, errors="strict", newline=""), 0
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise FileRefused("cell_too_long", line=number)
            if "\0" in line:
                raise FileRefused("nul_bytes", line=number)
            yield line
    except UnicodeError as error:
        raise FileRefused("wrong_encoding", line=bad_line(text, codec) or number + 1, encoding=shown(codec)) from error
    finally:
        if not file.closed:
            text.detach()  # or the wrapper would close the file with itself


def bad_line(text: io.TextIOWrapper, codec: str) -> int | None:
    """Find the line of the first bytes that are no text. The wrapper decodes in blocks, so it cannot say."""
    raw: Any = text.buffer
    raw.seek(0)
    for number, line in enumerate(raw, start=1):
        try:
            line.decode(codec)
        except UnicodeDecodeError:
            return None if codec == "utf-16" else number
    return None


def delimiter_of(header: str) -> str:
    """Choose the delimiter that the header holds most often outside quotation marks."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (bare.count(mark), -DELIMITERS.index(mark)))


def rows_of(file: IO[bytes], chosen: str = "") -> Iterator[list[str]]:
    """Yield the rows of a CSV file. Raises FileRefused for what cannot be read."""
    lines = lines_of(file, encoding_of(file, chosen))
    first = next(lines, "")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        delimiter, first = first.strip()[4], next(lines, "")
    else:
        delimiter = delimiter_of(first)
    if not first:
        raise FileRefused("empty")
    begun = 1
    reader = csv.reader(chain(first, lines), delimiter=delimiter, strict=True)
    while True:
        begun = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(quoting_problem(str(error)), line=begun) from error
        yield [cell.strip() for cell in row]


def chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def quoting_problem(message: str) -> str:
    if "field larger" in message:
        return "cell_too_long"
    return "open_quote" if "unexpected end of data" in message else "bad_quote"
