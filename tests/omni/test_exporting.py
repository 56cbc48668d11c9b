import io

import pytest
from openpyxl import load_workbook

from omni.exporting import file_response, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_escaped(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, 2.5, True, None, "milk", "", "a=b"])
def test_figures_and_plain_text_stay_as_they_are(value):
    assert safe_cell(value) == value


def test_both_kinds_of_file_hold_the_same_rows():
    rows = [["SKU", "Units"], ["=cmd", -3], ["牛奶", 4]]

    text = b"".join(file_response(rows, name="stock", form="csv").streaming_content).decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(file_response(rows, name="stock", form="xlsx").content)).active

    assert text == "SKU,Units\r\n'=cmd,-3\r\n牛奶,4\r\n"
    assert [list(row) for row in sheet.values] == [["SKU", "Units"], ["'=cmd", -3], ["牛奶", 4]]
