"""What is wrong with a file or a cell. Codes are stored; sentences are made when shown, in the reader's language."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from omni.errors import RuleBroken

FILE = {
    "empty": _("The file is empty."),
    "too_big": _("The file is larger than %(limit)s MB: send it in parts."),
    "unpacks_too_big": _("The file unpacks to more than Omni reads: send it in parts, or as CSV."),
    "not_a_table": _("This is neither a CSV nor an XLSX file."),
    "old_excel": _("This is an old or locked Excel file. Save it as XLSX without a password, or as CSV."),
    "other_sheet": _("This kind of spreadsheet is not read. Save it as XLSX or CSV."),
    "macros": _("The file holds macros. Save it as XLSX (without macros) or as CSV."),
    "corrupt": _("The file is damaged or was cut short: it cannot be opened."),
    "unsafe_xml": _("The file holds declarations that no table needs. Save it anew as XLSX or CSV."),
    "no_sheet": _("The file holds no sheet with rows."),
    "wrong_encoding": _(
        "Line %(line)s is not %(encoding)s text. Say which encoding the file has, or save it as UTF-8."
    ),
    "unknown_encoding": _("%(encoding)s is not an encoding that Omni reads."),
    "nul_bytes": _("Line %(line)s holds NUL characters: this is no text file, or UTF-16 without its mark."),
    "open_quote": _(
        "A quotation mark is opened in line %(line)s and never closed: the file is damaged or was cut short."
    ),
    "bad_quote": _("Line %(line)s cannot be read as CSV: look at its quotation marks."),
    "cell_too_long": _("A cell in line %(line)s is longer than Omni reads."),
    "too_many_rows": _("The file has more than %(limit)s rows: send it in parts."),
    "too_many_columns": _("The file has more than %(limit)s columns."),
    "no_header": _("The first line must name the columns."),
    "blank_header": _("Column %(place)s has cells but no name."),
    "duplicate_columns": _("A column comes twice: %(columns)s"),
    "missing_columns": _("Columns are missing: %(columns)s. The file has: %(found)s"),
    "gone": _("The file is no longer there. Send it again."),
    "changed": _("The file changed while it was read. Send it again."),
}
CELL = {
    "blank": _("A value is needed here."),
    "too_long": _("Longer than %(limit)s characters."),
    "control_characters": _("Holds characters that cannot be printed."),
    "not_a_whole_number": _("“%(value)s” is not a whole number."),
    "fractional": _("Only whole units: “%(value)s” has a fraction."),
    "negative": _("Must not be negative: %(value)s."),
    "too_large": _("At most %(limit)s."),
    "too_small": _("At least %(limit)s."),
    "not_a_number": _("“%(value)s” is not a number. Write 1234.50, without signs for thousands."),
    "rounded": _("The spreadsheet has rounded this number. Format the column as text and type it again."),
    "not_a_code": _("“%(value)s” is not a code: letters, digits, dot, dash and underscore only."),
    "not_a_choice": _("“%(value)s” is none of: %(choices)s."),
    "not_yes_or_no": _("“%(value)s” is neither yes nor no."),
    "not_a_date": _("“%(value)s” is not a date. Write 2026-01-31 or 2026-01-31 09:30."),
    "not_a_currency": _("“%(value)s” is not a currency code such as USD."),
    "not_a_country": _("“%(value)s” is not a country code of two letters, such as DE."),
    "not_a_time_zone": _("“%(value)s” is not a time zone such as Europe/Berlin."),
    "formula": _("Holds a formula without its value. Paste the values instead of the formulas."),
    "sheet_error": _("The spreadsheet shows the error %(value)s here."),
    "too_few_cells": _("The row has %(cells)s cells, the header %(columns)s: it may have been cut."),
    "too_many_cells": _("The row has more cells than the header."),
    "same_as": _("The same %(columns)s stand in row %(row)s, too. Which of them is meant?"),
    "differs_from": _("Row %(row)s says something else about the same %(group)s: “%(value)s”."),
    "moved_on": _("Changed since it was checked: it was %(before)s then and is %(now)s now. Nothing was booked."),
    "gone": _("This no longer exists."),
    "example": _("This is the example of the template: it is not imported."),
}
UNDO = {
    "later_moves": _("Something was built on this import since. Rows: %(rows)s"),
}
ROW = "*"  # the column under which a problem of the whole row is kept


class FileRefused(RuleBroken):
    """The file as a whole cannot be read; nothing was changed."""

    code = "file_refused"

    def __init__(self, problem: str, **values: Any):
        super().__init__(sentence_of_file({"code": problem, **values}))
        self.problem = {"code": problem, **values}


class Wrong(Exception):
    """One cell cannot be used. ``code`` is one of CELL or of the kind's own sentences."""

    def __init__(self, code: str, **values: Any):
        super().__init__(code)
        self.code = code
        self.values = values

    def stored(self) -> list:
        return [self.code, self.values]


def sentence_of_file(problem: dict[str, Any]) -> str:
    """Say what is wrong with a file (or why it cannot be undone) in the reader's language."""
    code = problem.get("code", "")
    words = FILE.get(code) or UNDO.get(code) or code
    return str(words) % problem


def sentence_of_cell(stored: list, more: dict[str, Any] | None = None) -> str:
    """Say what is wrong with a cell. more: the sentences of the kind of file beside the common ones."""
    code, values = stored
    words = (more or {}).get(code) or CELL.get(code) or code
    return str(words) % values
