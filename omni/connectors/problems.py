"""What is wrong with a row or a file, said to people. Codes are stored; sentences are made when shown."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from omni.connectors.base import RowProblem

SENTENCES = {
    "blank": _("%(field)s is empty."),
    "too_long": _("%(field)s is longer than 64 characters."),
    "control_characters": _("%(field)s contains characters that cannot be printed."),
    "not_a_number": _("%(field)s is not a whole number: %(value)s"),
    "fractional": _("%(field)s must be a whole number of units, not %(value)s"),
    "negative": _("%(field)s must not be negative: %(value)s"),
    "too_large": _("%(field)s is too large: %(value)s"),
    "not_a_time": _("%(field)s is not a date and time (2026-01-31T09:30:00Z): %(value)s"),
    "no_time_zone": _("%(field)s has no time zone: %(value)s"),
    "bad_currency": _("%(field)s is not a currency code of three letters: %(value)s"),
    "bad_outcome": _("%(field)s is not an outcome Omni knows: %(value)s"),
    "too_few_cells": _("The row has fewer cells than the header."),
    "too_many_cells": _("The row has more cells than the header."),
    "duplicate_row": _("The same %(field)s came earlier in this file; the first row stands."),
    "unknown_column": _("The column %(value)s is not known and was not read."),
    "malformed_row": _("The row cannot be read as CSV."),
    "checksum_mismatch": _("The checksum does not match: the file is truncated or was changed."),
    "no_checksum": _("The file has no checksum beside it."),
    "wrong_encoding": _("The file is not UTF-8 text."),
    "empty_file": _("The file is empty."),
    "too_many_rows": _("The file has more than 200,000 rows: send it in parts."),
    "too_big": _("The file is larger than 64 MB: send it in parts."),
    "missing_columns": _("Columns are missing: %(value)s"),
    "duplicate_columns": _("A column comes twice: %(value)s"),
    "no_snapshot_header": _("The first line does not say when the snapshot was taken and whether it is full."),
}


def sentence(problem: RowProblem) -> str:
    """One problem in the reader's language."""
    return describe(problem.code, field=problem.field, value=problem.value)


def describe(code: str, *, field: str = "", value: str = "") -> str:
    """A problem code in the reader's language; an unknown code stands for itself."""
    return str(SENTENCES.get(code, code)) % {"field": field, "value": value}
