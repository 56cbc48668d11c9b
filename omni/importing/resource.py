"""
One kind of file: its columns, and how its rows are compared with what is there, merged into it and taken back.

A resource of django-import-export (the columns are its fields, ``export()`` is its export), whose rows are worked on in
sets instead of one by one. An app declares a subclass in ``resources/`` and names it in settings.IMPORT_KINDS.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from import_export.resources import Resource

from omni.access import IMPORT_FILES
from omni.importing.columns import CONTROL, Column, as_cell
from omni.importing.problems import ROW, FileRefused, Wrong
from omni.importing.reading import Cells, Table
from omni.models import ChangeRow, ChangeSet, User

NEW, CHANGED, SAME, WRONG = ChangeRow.Verdict.values
LONGEST_KEPT = 4000
PROBLEMS = "problems"  # heading of the column that says what was wrong in a file of wrong rows; it is not read


@dataclass(slots=True)
class Row:
    """One row of a file while it is checked. ``values`` holds what its cells mean, ``before`` what would change."""

    number: int
    cells: Cells
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list] = field(default_factory=dict)
    verdict: str = NEW

    def wrong(self, column: str, code: str, **values: Any) -> None:
        """Say what is wrong with one cell; the first problem of a cell stands."""
        self.errors.setdefault(column, [code, values])
        self.verdict = WRONG


@dataclass(frozen=True)
class Mapping:
    """Which cell of a row belongs to which column; ``unread`` names what nothing is called."""

    places: tuple[tuple[int, Column], ...]
    unread: tuple[str, ...]
    width: int
    example: list[str]

    @property
    def names(self) -> list[str]:
        return [column.name for _place, column in self.places]


class StagedResource(Resource):
    """What an app says about one kind of file. Everything here reads; ``merge`` and ``take_back`` call services."""

    do_not_call_in_templates = True  # pages show the class, not an instance
    kind: ClassVar[str]
    title: ClassVar[Any]
    about: ClassVar[Any]
    right: ClassVar[str]  # beside the right to import files
    icon: ClassVar[str] = "file-spreadsheet"
    columns: ClassVar[list[Column]]
    key: ClassVar[tuple[str, ...]]  # what makes two rows say something about the same thing
    sentences: ClassVar[dict[str, Any]] = {}
    filters: ClassVar[tuple[str, ...]] = ()  # by what an export can be narrowed: location, category, price_list
    chunk: ClassVar[int] = 2000

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "columns" in vars(cls):
            cls.fields = OrderedDict((column.name, column) for column in cls.columns)

    def __init__(self, *, by: User, at: datetime):
        super().__init__()
        self.by, self.at = by, at

    # --- what a kind says -----------------------------------------------------------------------------------------
    def begin(self, mapping: Mapping) -> None:
        """Prepare to check a file: load what is small enough to be known by heart."""

    def resolve(self, rows: list[Row]) -> None:
        """Find what the rows name (set by set, not one by one) and say what cannot be found or is not allowed."""

    def current(self, rows: Sequence[Row | ChangeRow]) -> dict[tuple, dict[str, Any]]:
        """Return what is there now for the keys of these rows, in the form in which cells are read."""
        raise TypeError(f"{type(self).__name__} does not say what is there")

    def review(self, rows: list[Row], there: dict[tuple, dict[str, Any]]) -> None:
        """Look at the verdicts of rows in the light of what is there, and correct them."""

    def wanted(self, chosen: dict[str, str]) -> QuerySet:
        """The rows of the database behind an export, one for each row of the file."""
        raise TypeError(f"{type(self).__name__} exports nothing")

    def records(self, chosen: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Yield everything that this person may export, narrowed by the filters they chose."""
        raise TypeError(f"{type(self).__name__} exports nothing")

    def put(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> None:
        """Write new and changed rows through the kind's service, all in one set."""
        raise TypeError(f"{type(self).__name__} writes nothing")

    def put_back(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> list[int]:
        """Bring back what was before these rows. Returns the numbers of rows on which something was built since."""
        raise TypeError(f"{type(self).__name__} takes nothing back")

    # --- what all kinds share -------------------------------------------------------------------------------------
    @classmethod
    def read_columns(cls) -> list[Column]:
        return [column for column in cls.columns if not column.readonly]

    def map_header(self, table: Table) -> Mapping:
        """Find the columns of a file by name; upper and lower case, spaces and underscores do not matter."""
        known = {plain(name): column for name, column in self.fields.items()}
        found = [known.get(plain(name)) for name in table.header]
        names = [column.name for column in found if column and not column.readonly]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise FileRefused("duplicate_columns", columns=", ".join(twice))
        missing = [column.name for column in self.read_columns() if column.needed and column.name not in names]
        if missing:
            raise FileRefused("missing_columns", columns=", ".join(missing), found=", ".join(table.header)[:500])
        headings = zip(table.header, found, strict=True)
        unread = tuple(name[:80] for name, column in headings if not column and plain(name) != PROBLEMS)
        places = tuple((place, column) for place, column in enumerate(found) if column and not column.readonly)
        example = [column.example if column else "" for column in found]
        return Mapping(places=places, unread=unread, width=len(table.header), example=example)

    @classmethod
    def nearest_column(cls, name: str) -> str:
        """Return the column that somebody may have meant by a heading that nothing is called."""
        near = get_close_matches(plain(name), [plain(column.name) for column in cls.read_columns()], n=1)
        return next((column.name for column in cls.read_columns() if near and plain(column.name) == near[0]), "")

    def read_row(self, number: int, cells: Cells, mapping: Mapping, pads: bool) -> Row:
        """Read the cells of one row; what is wrong with them is said in the row."""
        row = Row(number, cells)
        if len(cells) != mapping.width and not fits(row, mapping.width, pads):
            return row
        if cells == mapping.example:
            row.wrong(ROW, "example")
            return row
        values = row.values
        for place, column in mapping.places:
            try:
                values[column.name] = column.read(cells[place])
            except Wrong as wrong:
                row.wrong(column.name, wrong.code, **wrong.values)
        return row

    def key_of(self, values: dict[str, Any]) -> tuple:
        return tuple([values[name] for name in self.key])

    def compare(self, rows: list[Row]) -> None:
        """Give each row its verdict: new, changed, as it is, or wrong."""
        self.resolve([row for row in rows if row.verdict != WRONG])
        good = [row for row in rows if row.verdict != WRONG]
        there = self.current(good) if good else {}
        for row in good:
            values, now = row.values, there.get(self.key_of(row.values))
            if now is not None:
                row.before = {name: now[name] for name in now if name in values and now[name] != values[name]}
                row.verdict = CHANGED if row.before else SAME
        if good:
            self.review(good, there)

    def merge(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> dict[int, list]:
        """Write rows that are still as the person saw them. Returns what was refused: row number and its problem."""
        there = self.current(rows)
        refused = {
            row.number: problem for row in rows if (problem := moved_on(row, there.get(self.key_of(row.values))))
        }
        self.put([row for row in rows if row.number not in refused], change_set, recorded=recorded)
        return refused

    def merge_next(self, change_set: ChangeSet, *, recorded: datetime) -> int | None:
        """
        Merge the next staged rows inside the database, outcomes included, where the kind and the database can.

        Returns how many rows were looked at, 0 when nothing is left, None when it has to be done row by row.
        """
        return None

    def take_back(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> list[int]:
        """Undo rows that are still as they were written. Returns the numbers of rows that are not."""
        there = self.current(rows)
        blocked = [row.number for row in rows if not as_written(row, there.get(self.key_of(row.values)))]
        return blocked or self.put_back(rows, change_set, recorded=recorded)

    def raw(self, row: Row, mapping: Mapping) -> dict[str, str]:
        """Return the cells of a row as they were sent, for the file of wrong rows."""
        return {
            column.name: as_sent(row.cells[place]) if place < len(row.cells) else "" for place, column in mapping.places
        }

    def exported(self, chosen: dict[str, str]) -> Iterator[list[tuple[Column, Any]]]:
        """Yield the rows of an export as pairs of column and value."""
        columns = list(self.fields.values())
        for record in self.records(chosen):
            yield [(column, record.get(column.name)) for column in columns]

    def get_queryset(self) -> Iterable[Any]:
        """What django-import-export's own ``export()`` writes: objects whose attributes are named like the columns."""
        return (Record(record) for record in self.records({}))

    @classmethod
    def example(cls) -> list[str]:
        return [column.example for column in cls.read_columns()]


class Record:
    """One exported row with its columns as attributes."""

    def __init__(self, values: dict[str, Any]):
        self.__dict__.update({name: as_cell(value) for name, value in values.items()})


def moved_on(row: ChangeRow, there: dict[str, Any] | None) -> list | None:
    """Say what changed under a row since it was checked, or None."""
    if row.verdict == NEW:
        return None if there is None else ["moved_on", {"before": "", "now": " ".join(map(str, there.values()))[:80]}]
    if there is None:
        return ["gone", {}]
    for name, before in shown_before(row).items():
        if there[name] not in (before, row.values[name]):  # rows of one product share what is said about it
            return ["moved_on", {"before": str(before)[:80], "now": str(there[name])[:80]}]
    return None


def as_written(row: ChangeRow, there: dict[str, Any] | None) -> bool:
    """Whether what a row wrote is still there, or what was before it is there again."""
    if there is None:
        return False
    before = shown_before(row)
    names = before if row.verdict == CHANGED else [name for name in there if name in row.values]
    return all(there[name] in (row.values[name], before.get(name, row.values[name])) for name in names)


def shown_before(row: ChangeRow | Row) -> dict[str, Any]:
    """What people see as *before*; names with a star are notes for undoing."""
    return {name: value for name, value in row.before.items() if not name.startswith("*")}


def plain(name: str) -> str:
    """Bring a heading into the form in which headings are compared."""
    return "_".join(name.strip().strip("*").lower().replace("_", " ").replace("-", " ").split()).replace("_:_", ":")


def fits(row: Row, width: int, pads: bool) -> bool:
    """Bring a row to the width of its header, or say that it cannot be: a short line of a CSV file was cut."""
    extra = row.cells[width:]
    if any(extra):
        row.wrong(ROW, "too_many_cells")
    elif len(row.cells) < width and not pads:
        row.wrong(ROW, "too_few_cells", cells=len(row.cells), columns=width)
    row.cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
    return row.verdict != WRONG


def as_sent(cell: Any) -> str:
    if isinstance(cell, Wrong):
        return str(cell.values.get("value", ""))
    return CONTROL.sub("\ufffd", cell.replace("\r\n", "\n"))[:LONGEST_KEPT]


def kinds() -> dict[str, type[StagedResource]]:
    """Every kind of file that this installation reads and writes, in the order of settings.IMPORT_KINDS."""
    found = [import_string(path) for path in settings.IMPORT_KINDS]
    return {resource.kind: resource for resource in found}


def kinds_for(staff: User) -> dict[str, type[StagedResource]]:
    """The kinds of file that this person may import."""
    return {
        name: resource
        for name, resource in kinds().items()
        if staff.has_perm(IMPORT_FILES) and staff.has_perm(resource.right)
    }
