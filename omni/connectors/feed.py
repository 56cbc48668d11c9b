"""
The feed: CSV files in a folder, as tills and marketplaces exchange them over SFTP.

Under the account's folder Omni writes ``to-channel/`` and the channel writes ``from-channel/``:

    to-channel/    stock-*.csv     sku, location, quantity, version, if_version     (set absolute; compare-and-set)
                   listings-*.csv  sku, location, title, price_minor, currency
                   requests-*.csv  what, mode       ("stock, full": please send a snapshot now)
    from-channel/  sales-*.csv     order, line, sku, location, quantity, amount_minor, currency, occurred_at [, version]
                   stock-*.csv     sku, location, quantity, version, seen_at
                   acks-*.csv      sku, location, version, outcome, actual, actual_version [, code, document]
                   listings-*.csv  as above

Each file has ``NAME.sha256`` beside it. The first line may be a comment ``# key=value``; a stock snapshot must say
``# mode=full taken_at=...Z`` (or ``mode=changes``; ``location=CODE`` when it speaks of one only). An empty location
is the channel's single pool. Files that are dealt with go to ``archive/``, unreadable ones to ``quarantine/`` with
the reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from omni.connectors import feed_items, feed_rows
from omni.connectors.base import (
    Batch,
    Capabilities,
    Cursor,
    Health,
    ListingRef,
    ListingWrite,
    Page,
    RawRequest,
    RemoteListing,
    RemoteLocation,
    RemoteSale,
    RemoteStock,
    RowProblem,
    StockWrite,
    WebhookEvent,
    WriteResult,
)
from omni.connectors.clock import utc_now
from omni.connectors.errors import BadSignature, Misconfigured, Transient
from omni.connectors.feed_files import MAX_ROWS, BadFile, Layout, NotReady, Taken, iso, stamped, write_csv
from omni.connectors.feed_rows import Reader, Row, Table
from omni.connectors.problems import describe

T = TypeVar("T")
PAGE_ROWS = 10_000
MOST_UNREAD = 1_000

CAPABILITIES = Capabilities(
    multi_location=True,
    stock_write=frozenset({"absolute", "cas"}),
    counts="available",
    bulk_limit=5_000,
    partial_failure=True,
    async_ack=True,
    order_cursor="file",
    idempotency="optional",
    listing_write=True,
    stock_query=False,
)


@dataclass
class _Open:
    """A file in the middle of being read, kept so that the next page need not start over."""

    sha256: str
    row: int
    reader: Reader
    rows: Iterator[Row | RowProblem]


@dataclass
class FeedConnector:
    """One account's folder. Keep one instance while paging through a big file: it goes on where it stopped."""

    folder: Path
    checksum_required: bool = True
    settle: timedelta = timedelta(seconds=60)
    archive_days: int = 30
    now: Callable[[], datetime] = utc_now
    page_rows: int = PAGE_ROWS
    _open: dict[str, _Open] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.layout = Layout(self.folder)
        self.inbox = self.layout.inbox(settle=self.settle, checksum_required=self.checksum_required)

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def check(self) -> Health:
        """Write, read back and delete a file; count what waits on both sides."""
        start = time.monotonic()
        try:
            self.layout.ensure()
            probe = self.layout.to_channel / ".omni-check"
            probe.write_text("ok", "ascii")
            probe.unlink()
        except OSError as error:
            return Health(False, _("The folder cannot be written: %(reason)s") % {"reason": error.strerror or error})
        waiting, unread = len(self._waiting()), len(self._unread())
        facts = {"waiting": str(waiting), "unread": str(unread), "quarantined": str(self._quarantined())}
        sentence = _("The folder can be used. %(waiting)s files wait for Omni, %(unread)s for the channel.")
        latency = round((time.monotonic() - start) * 1000)
        return Health(unread < MOST_UNREAD, sentence % facts, latency, facts)

    def _waiting(self) -> list[str]:
        return [name for kind in ("sales", "stock", "acks", "listings") for name in self.inbox.pending(kind)]

    def _unread(self) -> list[Path]:
        return sorted(self.layout.to_channel.glob("*.csv"))

    def _quarantined(self) -> int:
        return len(list(self.inbox.quarantine.glob("*.reason.txt")))

    def locations(self) -> Sequence[RemoteLocation]:
        """A feed does not describe its locations; rows name them."""
        return ()

    def listings(self, cursor: Cursor | None = None) -> Page[RemoteListing]:
        return self._page(feed_rows.LISTINGS, feed_items.listing, cursor)

    def stock(self, refs: Sequence[ListingRef] | None = None, cursor: Cursor | None = None) -> Page[RemoteStock]:
        """The snapshots that lie there. Asked for particular listings, a feed cannot answer: an empty page."""
        return Page() if refs is not None else self._page(feed_rows.STOCK_IN, feed_items.stock, cursor)

    def write_results(self, cursor: Cursor | None = None) -> Page[WriteResult]:
        return self._page(feed_rows.ACKS, feed_items.ack, cursor)

    def orders_from(self, at: datetime) -> Cursor | None:
        return None

    def orders(self, cursor: Cursor | None = None) -> Page[RemoteSale]:
        return self._page(feed_rows.SALES, feed_items.sale, cursor)

    def open_orders(self, order_ids: Sequence[str]) -> Iterable[RemoteSale]:
        """A till's sale is final; what changes it is another row."""
        return ()

    def verify_webhook(self, request: RawRequest) -> WebhookEvent:
        raise BadSignature("a feed sends no webhooks")

    def write_stock(self, writes: Sequence[StockWrite], key: UUID) -> Sequence[WriteResult]:
        """One file for all writes; the channel answers with acks. The same key writes no second file."""
        rows = [(write.ref.sku, write.ref.location, write.target, write.version, write.if_version) for write in writes]
        name = self._write(feed_rows.STOCK_OUT, rows, key.hex[:16])
        return [WriteResult(write.ref, "accepted", write.version, detail=name) for write in writes]

    def write_listings(self, listings: Sequence[ListingWrite]) -> None:
        rows = [(item.sku, item.location, item.title, item.price_minor, item.currency) for item in listings]
        for start in range(0, len(rows), MAX_ROWS):
            self._write(feed_rows.LISTINGS, rows[start : start + MAX_ROWS], f"{time.monotonic_ns():x}")

    def request_snapshot(self, *, full: bool = True) -> None:
        self._write(feed_rows.REQUESTS, [("stock", "full" if full else "changes")], f"{time.monotonic_ns():x}")

    def _write(self, table: Table, rows: Sequence[Sequence[object]], seq: str) -> str:
        try:
            self.layout.ensure()
            written = sorted(self.layout.to_channel.glob(f"{table.kind}-*-{seq}.csv"))
            if written:
                return written[0].name
            if len(self._unread()) >= MOST_UNREAD:
                raise Transient("the channel does not fetch its files", code="not_fetched")
            at = self.now()
            name = stamped(table.kind, at, seq)
            write_csv(self.layout.to_channel, name, list(table.columns), rows, {"taken_at": iso(at)})
        except OSError as error:
            raise Transient(f"the folder cannot be written: {error.strerror}") from error
        return name

    def has_news(self) -> bool:
        return any(self.inbox.pending(kind) for kind in ("sales", "acks"))

    def acknowledge(self, page: Page[Any]) -> None:
        """Archive the file whose last page this is, or set it aside when the page says it cannot be read."""
        if page.batch is None or not page.batch.complete:
            return
        refused = [problem for problem in page.problems if problem.row == 0]
        try:
            if refused:
                reason = describe(refused[0].code, field=refused[0].field, value=refused[0].value)
                self.inbox.refuse(page.batch.name, reason)
            else:
                self.inbox.done(page.batch.name)
            self._prune()
        except OSError as error:
            raise Transient(f"the file cannot be moved: {error.strerror}") from error

    def _prune(self) -> None:
        """Tidy up once an hour, whichever process comes by."""
        marker, at = self.folder / ".pruned", self.now()
        if marker.exists() and at.timestamp() - marker.stat().st_mtime < 3600:
            return
        marker.touch()
        self.inbox.prune(at=at, days=self.archive_days)

    def _page(self, table: Table, convert: Callable[[Row, datetime], T], cursor: Cursor | None) -> Page[T]:
        """The next rows of the oldest file of this kind that is ready."""
        names = self.inbox.pending(table.kind)
        for index, name in enumerate(names):
            try:
                taken = self._take(name, cursor)
                return self._rows(table, convert, taken, cursor, more=index + 1 < len(names))
            except NotReady:
                continue
            except BadFile as bad:
                problem = RowProblem(0, "file", bad.code, bad.value)
                batch = Batch(name, self.now(), complete=True)
                return Page(has_more=index + 1 < len(names), problems=(problem,), batch=batch)
            except OSError as error:
                raise Transient(f"{name} cannot be read: {error.strerror}") from error
        return Page()

    def _take(self, name: str, cursor: Cursor | None) -> Taken:
        """The verified copy; taken again unless this instance is in the middle of it."""
        opened = self._open.get(name)
        if opened and cursor and (cursor.get("file"), cursor.get("row")) == (name, opened.row):
            return Taken(name, opened.reader.path, opened.sha256)
        return self.inbox.take(name, at=self.now())

    def _rows(
        self,
        table: Table,
        convert: Callable[[Row, datetime], T],
        taken: Taken,
        cursor: Cursor | None,
        *,
        more: bool,
    ) -> Page[T]:
        opened = self._resume(table, taken, cursor)
        reader = opened.reader
        taken_at = reader.taken_at or self.now()
        found = list(islice(opened.rows, self.page_rows))
        opened.row += len(found)
        complete = len(found) < self.page_rows
        if complete:
            del self._open[taken.name]
        return Page(
            items=tuple(convert(row, taken_at) for row in found if isinstance(row, Row)),
            next_cursor=None if complete else {"file": taken.name, "sha256": taken.sha256, "row": opened.row},
            has_more=more or not complete,
            problems=tuple(row for row in found if isinstance(row, RowProblem)),
            batch=Batch(taken.name, taken_at, reader.meta.get("mode") == "full", complete, reader.location),
        )

    def _resume(self, table: Table, taken: Taken, cursor: Cursor | None) -> _Open:
        """The open file at the cursor's row; from its start when the cursor speaks of another file."""
        row = 0
        if cursor and (cursor.get("file"), cursor.get("sha256")) == (taken.name, taken.sha256):
            row = int(cursor.get("row", 0))
        opened = self._open.get(taken.name)
        if opened and opened.sha256 == taken.sha256 and opened.row == row:
            return opened
        reader = Reader(taken.path, table)
        rows = iter(reader)
        skipped = sum(1 for _row in islice(rows, row))
        self._open[taken.name] = _Open(taken.sha256, skipped, reader, rows)
        return self._open[taken.name]


def open_feed(config: Mapping[str, Any], secrets: Mapping[str, str]) -> FeedConnector:
    """
    Open the feed of one account.

    config["folder"] is a name under config["root"], which the installation adds; without a root it is absolute.
    Raises Misconfigured when the folder would lie elsewhere or a number is none.
    """
    folder = Path(str(config["folder"]).strip())
    if root := config.get("root"):
        if folder.is_absolute() or ".." in folder.parts or not folder.parts:
            raise Misconfigured("the folder must be a plain name", field="folder")
        folder = Path(root) / folder
    elif not folder.is_absolute():
        raise Misconfigured("the folder must be absolute", field="folder")
    return FeedConnector(
        folder,
        checksum_required=config.get("checksum") != "optional",
        settle=timedelta(seconds=_number(config, "settle_seconds", 60)),
        archive_days=_number(config, "archive_days", 30),
    )


def _number(config: Mapping[str, Any], name: str, default: int) -> int:
    try:
        number = int(config.get(name) or default)
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"{name} is not a number", field=name) from error
    if not 0 < number <= 100_000:
        raise Misconfigured(f"{name} is out of range", field=name)
    return number
