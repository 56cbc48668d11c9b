"""Where each stream of an account was left, and what of it could not be read."""

from datetime import datetime, timedelta
from typing import Any

from omni.connectors.base import ChannelConnector, Cursor, Page, RowProblem
from omni.connectors.problems import sentence
from omni.models import ConnectorAccount, ConnectorCursor
from omni.services.inbound import set_aside

ROW = "feed.row"
FILE = "feed.file"
NOTES = {"unknown_column"}  # problems that cost no row
MOST_ROWS_ASIDE = 500
FIRST_LOOK_BACK = timedelta(days=1)


def cursor_of(
    account: ConnectorAccount, stream: str, connector: ChannelConnector | None = None, *, at: datetime | None = None
) -> Cursor | None:
    """Where a stream was left; a stream of sales never read begins a day before (a repeat books nothing twice)."""
    row = ConnectorCursor.objects.filter(account=account, stream=stream).first()
    if row is not None:
        return row.value or None
    return connector.orders_from(at - FIRST_LOOK_BACK) if connector and at else None


def leave(account: ConnectorAccount, stream: str, page: Page[Any], *, at: datetime) -> None:
    """Note how far a stream was read, and set aside what of the page could not be. Inside a transaction only."""
    keep_problems(account, stream, page, at=at)
    nothing = not page.items and not page.problems and page.next_cursor is None and page.batch is None
    if nothing:
        return
    ConnectorCursor.objects.update_or_create(
        account=account, stream=stream, defaults={"value": page.next_cursor or {}, "read_at": at}
    )


def keep_problems(account: ConnectorAccount, stream: str, page: Page[Any], *, at: datetime) -> None:
    problems = [problem for problem in page.problems if problem.code not in NOTES]
    name = page.batch.name if page.batch else ""
    for problem in problems[:MOST_ROWS_ASIDE]:
        keep_problem(account, stream, name, problem, at=at)
    if len(problems) > MOST_ROWS_ASIDE:
        rest = RowProblem(0, "file", "more_bad_rows", str(len(problems) - MOST_ROWS_ASIDE))
        keep_problem(account, stream, name, rest, at=at)


def keep_problem(account: ConnectorAccount, stream: str, name: str, problem: RowProblem, *, at: datetime) -> None:
    payload = {
        "stream": stream, "file": name, "row": problem.row, "field": problem.field, "value": problem.value,
        "raw": problem.raw,
    }  # fmt: skip
    kind = FILE if problem.row == 0 else ROW
    set_aside(kind=kind, account=account, payload=payload, code=problem.code, reason=sentence(problem), at=at)
