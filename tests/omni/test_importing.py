"""Files from people: whatever they hold, they are read or refused with a reason, in bounded time and memory."""

import io
import re
import resource
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from omni.importing import columns, reading, writing
from omni.importing.problems import CELL, FILE, FileRefused, Wrong
from tests.factories.files import csv_file, xlsx_file

HEADER = ["sku", "location", "on_hand"]
MEGABYTE = 1024 * 1024


def read(data, encoding=""):
    """Header and rows of a file, through the door and to its end."""
    file = io.BytesIO(data)
    reading.fingerprint(file)
    reading.look(file, encoding)
    table = reading.read(file, encoding)
    return table.header, list(table.rows)


def refusal(data, encoding=""):
    with pytest.raises(FileRefused) as refused:
        read(data, encoding)
    assert str(refused.value)
    return refused.value.problem["code"]


def sheet(change=None, rows=(("A", "mitte", 1),)):
    """The bytes of a workbook whose parts were changed: name -> function of its text, or new text."""
    original = zipfile.ZipFile(xlsx_file(HEADER, rows))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {name: original.read(name) for name in original.namelist()}
        for name, edit in (change or {}).items():
            parts[name] = edit(parts[name].decode()).encode() if callable(edit) else edit
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


ROWS = re.compile("<sheetData>.*</sheetData>", re.DOTALL)
SHEET = "xl/worksheets/sheet1.xml"
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


def bomb(name, size):
    """A workbook in which one part unpacks to ``size`` bytes of nothing."""
    out = io.BytesIO(sheet())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as part:
        for _ in range(size // MEGABYTE):
            part.write(b" " * MEGABYTE)
    return out.getvalue()


def many_members():
    out = io.BytesIO(sheet())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(250):
            archive.writestr(f"xl/media/{number}.png", b"x")
    return out.getvalue()


def locked():
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600


HOSTILE = {
    "empty": (b"", "empty"),
    "only a mark": (b"\xef\xbb\xbf", "empty"),
    "only line ends": (b"\r\n\r\n", "empty"),
    "too big": (b"a,b\n" * (6 * MEGABYTE), "too_big"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not_a_table"),
    "a PDF": (b"%PDF-1.7\n", "not_a_table"),
    "an old workbook": (locked(), "old_excel"),
    "a plain zip": (b"PK\x05\x06" + b"\0" * 18, "not_a_table"),
    "a cut workbook": (sheet()[:2000], "corrupt"),
    "a workbook with a hole": (sheet()[:700] + b"\0" * 400 + sheet()[1100:], "corrupt"),
    "macros": (sheet({"xl/vbaProject.bin": b"x"}), "macros"),
    "an open document": (sheet({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "other_sheet"),
    "a zip bomb": (bomb("xl/sharedStrings2.xml", 60 * MEGABYTE), "unpacks_too_big"),
    "a sheet bomb": (bomb("xl/worksheets/sheet2.xml", 210 * MEGABYTE), "unpacks_too_big"),
    "too many members": (many_members(), "unpacks_too_big"),
    "an entity bomb": (sheet({SHEET: lambda text: DOCTYPE + text.replace("<v>1</v>", "<v>&b;</v>")}), "unsafe_xml"),
    "an outside entity": (sheet({SHEET: lambda text: XXE + text.replace("<v>1</v>", "<v>&e;</v>")}), "unsafe_xml"),
    "an entity in the texts": (sheet({"xl/workbook.xml": lambda text: XXE + text}), "unsafe_xml"),
    "broken XML": (sheet({SHEET: lambda text: text[: len(text) // 2]}), "corrupt"),
    "a sheet without rows": (sheet({SHEET: lambda text: ROWS.sub("<sheetData/>", text)}), "no_sheet"),
    "one endless cell": (sheet({SHEET: lambda text: text.replace("<v>1<", f"<v>{'1' * 200_000}<")}), "cell_too_long"),
    "far too wide": (("a" + ",a" * 300 + "\n1\n").encode(), "too_many_columns"),
    "too many rows": (b"a\n" + b"1\n" * 200_001, "too_many_rows"),
    "NUL characters": (b"sku,location\nA\0,b\n", "nul_bytes"),
    "NUL characters far below": (b"sku,location\n" + b"A,b\n" * 40_000 + b"A\0,b\n", "nul_bytes"),
    "wrong encoding": ("sku,name\nA,Käse\n".encode("cp1252"), "wrong_encoding"),
    "wrong encoding far below": (b"sku,name\n" + b"A,b\n" * 40_000 + "A,Käse\n".encode("cp1252"), "wrong_encoding"),
    "an open quotation mark": (b'sku,name\nA,"b\nC,d\n', "open_quote"),
    "text after a quotation mark": (b'sku,name\nA,"b"c\n', "bad_quote"),
    "a line without end": (b"sku," + b"x" * 600_000, "cell_too_long"),
    "no names": (b",,\n1,2,3\n", "no_header"),
    "a column without a name": (b"sku,,on_hand\n1,2,3\n", "blank_header"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason_quickly_and_in_little_memory(name):
    data, reason = HOSTILE[name]
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    assert refusal(data) == reason

    assert time.monotonic() - begun < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # in kilobytes


def test_the_wrong_line_is_named():
    with pytest.raises(FileRefused, match="Line 40002 is not UTF-8 text"):
        read(HOSTILE["wrong encoding far below"][0])
    with pytest.raises(FileRefused, match="opened in line 2"):
        read(HOSTILE["an open quotation mark"][0])


@pytest.mark.parametrize(
    ("encoding", "chosen"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("cp1252", "cp1252"), ("gb18030", "gb18030")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_reads_the_same(encoding, chosen, delimiter):
    name = "茶" if encoding == "gb18030" else "Käse"
    file = csv_file(
        ["sku", "name"], [["A", f"{name}; 1,5\tx"], ["B", 'say "x"']], delimiter=delimiter, encoding=encoding
    )

    assert read(file.getvalue(), chosen) == (["sku", "name"], [(2, ["A", f"{name}; 1,5\tx"]), (3, ["B", 'say "x"'])])


def test_an_unknown_encoding_is_refused():
    assert refusal(b"a\n1\n", "utf-7") == "unknown_encoding"


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    text = 'sku,name\nA,"two\nlines"\n\nB,x\n'
    assert read(text.encode())[1] == [(2, ["A", "two\nlines"]), (4, ["B", "x"])]
    assert read(sheet(rows=(("A", "m", 1), (), ("B", "m", 2))))[1] == [(2, ["A", "m", "1"]), (4, ["B", "m", "2"])]


def test_a_sheet_gives_values_and_says_where_it_has_none():
    book = Workbook()
    book.active.append(["text", "whole", "part", "yes", "formula", "error", "long"])
    book.active.append([" 0012 ", 5.0, 1.5, True, "=1+1", "#REF!", 12345678901234567])
    file = io.BytesIO()
    book.save(file)

    _header, [(number, cells)] = read(file.getvalue())

    assert (number, cells[:4]) == (2, ["0012", "5", "1.5", "yes"])
    assert [cell.code for cell in cells[4:]] == ["formula", "sheet_error", "rounded"]


def test_a_far_away_empty_cell_costs_nothing_and_a_far_away_value_is_refused():
    far = '<row r="1048576"><c r="XFD1048576"{}/></row></sheetData>'
    empty = sheet({SHEET: lambda text: text.replace("</sheetData>", far.format(""))})
    full = far.replace("/></row>", "><v>1</v></c></row>").format("")

    assert read(empty)[1] == [(2, ["A", "mitte", "1"])]
    assert refusal(sheet({SHEET: lambda text: text.replace("</sheetData>", full)})) == "too_many_rows"


PROBES = ["=1+1", "+1", "-1", "@x", "\tx", "'=x", "''=x", "=cmd|' /C calc'!A0", "plain", "'plain", "-", "0012"]


@pytest.mark.parametrize("probe", PROBES)
def test_text_never_runs_as_a_formula_and_reads_back_as_it_was(probe):
    column = columns.Column("name", columns.lines(200), "")
    for form in writing.FORMATS:
        file = io.BytesIO()
        writing.write(file, form, ["name"], [[(column, probe)]])
        if form == "xlsx":
            cell = load_workbook(io.BytesIO(file.getvalue())).active["A2"]
            assert cell.data_type == "s"
        _header, [(_number, [cell])] = read(file.getvalue())
        assert cell.strip("'")[:1] not in "=+-@" or cell.startswith("'")
        assert columns.unescaped(cell).strip() == probe.strip()


def test_numbers_stay_numbers_in_both_forms():
    column = columns.Column("on_hand", columns.decimal(places=4), "", number=True)
    for form in writing.FORMATS:
        file = io.BytesIO()
        writing.write(file, form, ["on_hand"], [[(column, "-1234.5")], [(column, 7)]])
        assert [cells for _number, cells in read(file.getvalue())[1]] == [["-1234.5"], ["7"]]
        if form == "xlsx":
            assert load_workbook(io.BytesIO(file.getvalue())).active["A2"].value == -1234.5


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_escaping_is_undone_exactly(text):
    assert columns.unescaped(columns.escaped(text)) == text
    assert not columns.escaped(text).startswith(("=", "+", "-", "@", "\t", "\r", "\0"))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_and_never_break(data):
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"sku,on_hand\n"):
        try:
            header, _rows = read(start + data)
        except FileRefused:
            continue
        assert header


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_cell_is_read_or_named_as_wrong(cell):
    readers = [
        columns.units(), columns.decimal(places=2), columns.code(20), columns.text(20), columns.lines(20),
        columns.moment(), columns.yes_or_no, columns.currency, columns.country, columns.time_zone,
        columns.choice({"a": "a"}),
    ]  # fmt: skip
    for reader in readers:
        try:
            reader(cell)
        except Wrong as wrong:
            said = str(CELL[wrong.code]) % wrong.values
        else:
            continue
        assert said


def test_every_sentence_of_a_file_can_be_said():
    values = {"limit": 1, "line": 2, "encoding": "x", "place": 3, "columns": "a", "found": "b"}
    assert all(str(FileRefused(code, **values)) for code in FILE)
