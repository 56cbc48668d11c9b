"""
The words every channel connector speaks.

A connector leaves the building for a shop, a till system or a marketplace. It takes plain arguments and
gives back the frozen dataclasses below; it knows no model, no setting and no request. Quantities are whole
units, money is integer minor units with an ISO 4217 code, and every time is aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

T = TypeVar("T")

Cursor = dict[str, Any]
"""Where a stream was left: JSON that only the connector reads, saved by the caller beside the imported rows."""

Outcome = Literal["applied", "conflict", "rejected", "unknown", "accepted"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one connector can do; the reconciliation engine chooses its way of writing by these flags."""

    multi_location: bool
    """Stock is kept per location there; otherwise one pool, and every ``location`` is None."""
    stock_write: frozenset[str]
    """Any of "absolute", "delta", "cas"."""
    counts: Literal["available", "on_hand"]
    """What the channel's own figure means. A connector of an "on_hand" channel converts for the caller."""
    bulk_limit: int
    """Most entries in one call of ``write_stock``."""
    partial_failure: bool
    """Each entry has its own outcome; otherwise a call is applied or refused as a whole."""
    async_ack: bool
    """``write_stock`` answers "accepted" and the true outcome comes later by ``write_results``."""
    order_cursor: Literal["updated", "placed", "sweep", "file"]
    idempotency: Literal["required", "optional", "none"] = "none"
    max_window: timedelta | None = None
    listing_write: bool = False
    stock_query: bool = True
    """``stock(refs)`` answers for particular listings; a feed only ever tells what it tells."""
    webhooks: bool = False
    customers: bool = False
    reservations: bool = False


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row, or one field of it, that could not be used. The rows around it go on."""

    row: int
    """Line of the file, the header being line 1; 0 when the source is no file."""
    field: str
    code: str
    """Stable word such as "negative"; ``omni.connectors.problems.sentence`` says it to people."""
    value: str = ""
    raw: str = ""
    """The row as it came, shortened."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a page is a part of: one file, or one sweep through an API."""

    name: str
    taken_at: datetime
    """The channel's state is known as of this time."""
    full: bool = False
    """True: what the whole batch does not name does not exist there. False: only changes."""
    complete: bool = False
    """This page is the last of the batch."""
    location: str | None = None
    """The batch speaks of this one location only; None: of all."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """
    Some items of a stream. Save ``next_cursor`` in the transaction that stores the items, then call ``acknowledge``.

    A page never crosses two batches. ``has_more`` says that asking again now brings more.
    """

    items: tuple[T, ...] = ()
    next_cursor: Cursor | None = None
    has_more: bool = False
    problems: tuple[RowProblem, ...] = ()
    batch: Batch | None = None


@dataclass(frozen=True, slots=True)
class RemoteLocation:
    remote_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ListingRef:
    """How the channel calls one of our variants, at one of its locations or (None) in its single pool."""

    remote_id: str
    sku: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteListing:
    ref: ListingRef
    title: str = ""
    active: bool = True
    price_minor: int | None = None
    currency: str | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteStock:
    """What the channel shows, as seen at ``seen_at``. ``available`` is what it would sell now."""

    ref: ListingRef
    on_hand: int
    allocated: int
    available: int
    seen_at: datetime
    version: str | None = None
    """The channel's own mark of this state, to be handed back as ``StockWrite.if_version``."""


@dataclass(frozen=True, slots=True)
class StockWrite:
    """Show ``target`` units as available. Every channel gets the same figure: Omni's available to promise."""

    ref: ListingRef
    target: int
    version: int
    """Omni's own version of the listing's state; a channel that can, refuses an older one."""
    expected: int | None = None
    """The available figure we believe is shown there now (for channels that compare quantities)."""
    if_version: str | None = None
    """Apply only when the channel still has this version of its own (for channels that compare versions)."""
    reason: str = "sync"
    document: str = ""


@dataclass(frozen=True, slots=True)
class WriteResult:
    ref: ListingRef
    outcome: Outcome
    version: int
    """``StockWrite.version`` of the write that this answers."""
    actual: int | None = None
    """The available figure the channel has now, where it told."""
    actual_version: str | None = None
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RemoteSale:
    """
    One line of a remote order, as it stands now.

    ``quantity`` is what stands sold on the line (ordered less cancelled); negative for a return. A line that is
    read again replaces what was read before: book the difference under ``key``.
    """

    order_id: str
    line_id: str
    sku: str
    quantity: int
    placed_at: datetime
    version: str = ""
    """Changes when the line does; equal versions need no second look."""
    location: str | None = None
    remote_id: str = ""
    """The listing's id there, when the channel gives it."""
    amount_minor: int | None = None
    """What the customer paid for the whole line, tax included, for ``quantity`` units."""
    currency: str | None = None
    is_open: bool = False
    """The order may still change there: remember it for ``open_orders``."""
    stock_version: str | None = None
    """Version of the channel's stock after this sale, where it tells (see ``RemoteStock.version``)."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What the channel says besides: state, remote order number. No personal data."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes a second delivery of this line the same sale."""
        return (self.order_id, self.line_id)


@dataclass(frozen=True, slots=True)
class ListingWrite:
    """Tell a channel that takes our listings what we list there."""

    sku: str
    title: str
    location: str | None = None
    price_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Answer of ``check``: one sentence a person can act on."""

    ok: bool
    sentence: str
    latency_ms: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A webhook as it came in: the body untouched, the full public URL."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A hint that something changed; fetch it again before believing it."""

    event_id: str
    topic: str
    order_ids: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    occurred_at: datetime | None = None


class ChannelConnector(Protocol):
    """
    One account at one channel.

    Every method raises a ``ConnectorError`` (see ``errors``) and nothing else for what goes wrong outside.
    None sleeps for long, and none may be called inside a database transaction.
    """

    @property
    def capabilities(self) -> Capabilities: ...

    def check(self) -> Health:
        """Try the connection; never raises a ConnectorError."""

    def locations(self) -> Sequence[RemoteLocation]: ...

    def listings(self, cursor: Cursor | None = None) -> Page[RemoteListing]: ...

    def stock(self, refs: Sequence[ListingRef] | None = None, cursor: Cursor | None = None) -> Page[RemoteStock]:
        """What the channel shows: of these listings, or (None) of all, a page at a time."""

    def request_snapshot(self, *, full: bool = True) -> None:
        """Ask a channel that reports by itself to report now; does nothing where ``stock_query`` is True."""

    def write_stock(self, writes: Sequence[StockWrite], key: UUID) -> Sequence[WriteResult]:
        """
        Show these figures. One result a write, in the same order; at most ``bulk_limit`` writes.

        key: the same for a repeat of the same call, another for anything else.
        """

    def write_results(self, cursor: Cursor | None = None) -> Page[WriteResult]:
        """Late answers to earlier writes; always empty where ``async_ack`` is False."""

    def write_listings(self, listings: Sequence[ListingWrite]) -> None:
        """Tell the channel what we list; does nothing where ``listing_write`` is False."""

    def orders_from(self, at: datetime) -> Cursor | None:
        """The cursor with which ``orders`` begins at this time (None where a channel only ever tells what is new)."""

    def orders(self, cursor: Cursor | None = None) -> Page[RemoteSale]:
        """Sales since the cursor, oldest first, with an overlap: the same line may come again."""

    def open_orders(self, order_ids: Sequence[str]) -> Iterable[RemoteSale]:
        """These orders once more, line by line, as they stand now."""

    def has_news(self) -> bool:
        """Whether sales or answers may wait. Cheap: asks nobody, and is True where one must ask to know."""

    def acknowledge(self, page: Page[Any]) -> None:
        """The page is committed here: let its source go (files are archived). Safe to repeat and to miss."""

    def verify_webhook(self, request: RawRequest) -> WebhookEvent:
        """Prove the sender and read the hint; raises BadSignature."""
