"""Cells of the catalogue that hold more than one thing: category paths, GTINs, options, size charts."""

import json
import re
from typing import Any

from stdnum import ean

from omni.importing.problems import Wrong

BETWEEN_CATEGORIES = re.compile(r"(?<!\\)>")
BETWEEN_CODES = re.compile(r"[\s,;|]+")
DEEPEST = 8


def category(cell: str) -> str:
    """A path such as ``Drinks > Tea > Green``, in one spelling; a ``>`` inside a name is written ``\\>``."""
    parts = [part.strip() for part in BETWEEN_CATEGORIES.split(cell)]
    if not all(parts) or len(parts) > DEEPEST or any(len(part) > 120 for part in parts):
        raise Wrong("not_a_path", value=cell[:60])
    return " > ".join(parts)


def category_text(path: tuple[str, ...]) -> str:
    return " > ".join(name.strip().replace(">", "\\>") for name in path)


def category_path(text: str) -> tuple[str, ...]:
    """The names of a path that was read."""
    return tuple(part.strip().replace("\\>", ">") for part in BETWEEN_CATEGORIES.split(text)) if text else ()


def gtins(cell: str) -> str:
    """Barcode numbers, each checked, in order and with spaces between."""
    codes = sorted({code for code in BETWEEN_CODES.split(cell) if code})
    for code in codes:
        if not ean.is_valid(code):
            raise Wrong("not_a_gtin", value=code[:20])
    return " ".join(codes)


def options(cell: str) -> str:
    """``colour=red; size=M``, or a JSON object of words; kept in one spelling."""
    if cell.startswith("{"):
        found = from_json(cell, "not_options")
        plain = isinstance(found, dict) and all(isinstance(value, str | int | float | bool) for value in found.values())
        if not plain:
            raise Wrong("not_options", value=cell[:60])
        return options_text(found)
    pairs = [part.partition("=") for part in cell.split(";") if part.strip()]
    if not all(name.strip() and mark and value.strip() for name, mark, value in pairs):
        raise Wrong("not_options", value=cell[:60])
    return options_text({name.strip(): value.strip() for name, _mark, value in pairs})


def options_text(found: dict[str, Any]) -> str:
    """Write options the way people type them; as JSON where that would be ambiguous."""
    items = sorted(found.items())
    simple = all(
        isinstance(value, str) and value and not set("=;\n{") & set(name + value) and name == name.strip() != ""
        and value == value.strip() for name, value in items
    )  # fmt: skip
    return "; ".join(f"{name}={value}" for name, value in items) if simple else written(found)


def options_of(text: str) -> dict[str, Any]:
    if text.startswith("{"):
        return json.loads(text)
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): value.strip() for name, _mark, value in pairs}


def size_chart(cell: str) -> str:
    """``{"columns": ["Size", "Chest"], "rows": [["S", "90"]]}``: every row as wide as the columns."""
    chart = from_json(cell, "not_a_size_chart")
    columns = chart.get("columns") if isinstance(chart, dict) else None
    rows = chart.get("rows") if isinstance(chart, dict) else None
    if not isinstance(columns, list) or not isinstance(rows, list) or set(chart) != {"columns", "rows"}:
        raise Wrong("not_a_size_chart")
    fits = all(isinstance(row, list) and len(row) == len(columns) for row in rows)
    if not fits or not all(isinstance(value, str | int | float) for row in [columns, *rows] for value in row):
        raise Wrong("not_a_size_chart")
    return written(chart)


def chart_of(text: str) -> dict[str, Any]:
    return json.loads(text) if text else {}


def written(value: Any) -> str:
    """JSON in one spelling, so that equal values compare equal on every database."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def from_json(cell: str, problem: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise Wrong(problem, value=cell[:60]) from error
