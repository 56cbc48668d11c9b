"""The rows of a change set as people look at them: what was sent, what it would change, what is wrong where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omni.importing.columns import Column, as_cell
from omni.importing.problems import ROW, sentence_of_cell
from omni.importing.resource import PROBLEMS, WRONG, StagedResource, shown_before
from omni.models import ChangeRow, ChangeSet

PAGE = 50
SHORT = 120


@dataclass(frozen=True)
class ShownCell:
    """A cell with the value it would replace, and the sentence about it."""

    text: str
    before: str = ""
    changed: bool = False
    problem: str = ""
    number: bool = False


@dataclass(frozen=True)
class ShownRow:
    """A row of the preview; ``problem`` is about the whole row."""

    row: ChangeRow
    cells: list[ShownCell]
    problem: str


def shown(change_set: ChangeSet, resource: type[StagedResource], *, verdict: str, after: int) -> list[ShownRow]:
    """One page of rows (and one more, if there are more), narrowed to a verdict or an outcome."""
    rows = change_set.rows.filter(number__gt=after).order_by("number")
    if verdict in ChangeRow.Outcome.values:
        rows = rows.filter(outcome=verdict)
    elif verdict:
        rows = rows.filter(verdict=verdict)
    columns = columns_of(change_set, resource)
    return [shown_row(row, columns, resource) for row in rows[: PAGE + 1]]


def columns_of(change_set: ChangeSet, resource: type[StagedResource]) -> list[Column]:
    """The columns that the file has, in its order."""
    known = {column.name: column for column in resource.columns}
    return [known[name] for name in change_set.columns if name in known]


def shown_row(row: ChangeRow, columns: list[Column], resource: type[StagedResource]) -> ShownRow:
    before = shown_before(row)
    cells = [
        ShownCell(
            text=short(row.values.get(column.name)),
            before=short(before.get(column.name)),
            changed=column.name in before and row.verdict != WRONG,
            problem=sentence(row, column.name, resource),
            number=column.number,
        )
        for column in columns
    ]
    return ShownRow(row=row, cells=cells, problem=sentence(row, ROW, resource))


def sentence(row: ChangeRow, column: str, resource: type[StagedResource]) -> str:
    return sentence_of_cell(row.errors[column], resource.sentences) if column in row.errors else ""


def short(value: Any) -> str:
    text = as_cell(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def problem_file(
    change_set: ChangeSet, resource: type[StagedResource]
) -> tuple[list[str], Iterator[list[tuple[Column, Any]]]]:
    """The rows that were wrong or refused, as they were sent, with a column that says why: to mend and send again."""
    columns = {column.name: column for column in resource.columns}
    names = [name for name in change_set.columns if name in columns]
    why = Column(PROBLEMS, str, "", readonly=True)
    text = {name: Column(name, str, "") for name in names}

    def rows() -> Iterator[list[tuple[Column, Any]]]:
        for row in change_set.rows.exclude(errors={}).order_by("number").iterator(2000):
            cells = [(text[name], row.values.get(name, "")) for name in names]
            yield [*cells, (why, "; ".join(all_sentences(row, resource)))]

    return [*names, PROBLEMS], rows()


def all_sentences(row: ChangeRow, resource: type[StagedResource]) -> list[str]:
    """Every problem of a row, each with the name of its column."""
    return [
        sentence_of_cell(problem, resource.sentences)
        if column == ROW
        else f"{column}: {sentence_of_cell(problem, resource.sentences)}"
        for column, problem in row.errors.items()
    ]
