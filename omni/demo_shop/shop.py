"""The stand-in shop's own books: items, orders and what happened, in one SQLite file of its own."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    sku TEXT NOT NULL, location TEXT NOT NULL, title TEXT NOT NULL, price_minor INTEGER, currency TEXT,
    quantity INTEGER NOT NULL CHECK (quantity >= 0), version INTEGER NOT NULL, seq INTEGER NOT NULL,
    omni_version INTEGER NOT NULL DEFAULT -1, omni_set INTEGER NOT NULL DEFAULT -1,
    PRIMARY KEY (sku, location)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS items_seq ON items (seq);
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, sku TEXT NOT NULL, location TEXT NOT NULL,
    quantity INTEGER NOT NULL, amount_minor INTEGER, currency TEXT, placed_at TEXT NOT NULL,
    stock_version INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS orders_untold ON orders (told) WHERE told = 0;
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, sku TEXT NOT NULL, location TEXT NOT NULL,
    before INTEGER, after INTEGER);
"""
MOST_EVENTS = 2_000


class NotEnough(Exception):
    """The shop has fewer units than asked for; ``available`` says how many."""

    def __init__(self, available: int) -> None:
        super().__init__(f"only {available} left")
        self.available = available


class UnknownItem(Exception):
    """The shop does not sell this."""


@dataclass(frozen=True, slots=True)
class Item:
    """What the shop sells at one location; ``location`` is "" for its single pool."""

    sku: str
    location: str
    title: str
    price_minor: int | None
    currency: str | None
    quantity: int
    version: int


@dataclass(frozen=True, slots=True)
class Order:
    """One sale of one item. ``number`` is unique for ever, over resets of the shop, too."""

    number: str
    sku: str
    location: str
    quantity: int
    amount_minor: int | None
    currency: str | None
    placed_at: datetime
    stock_version: int


@dataclass(frozen=True, slots=True)
class Event:
    """
    One line of the shop's own log.

    kind: "set_by_omni", "conflict", "sold", "changed_by_hand" or "listed"; before and after are units.
    """

    at: datetime
    kind: str
    sku: str
    location: str
    before: int | None
    after: int | None


ITEM = ", ".join(field.name for field in fields(Item))
ORDER = ", ".join(field.name for field in fields(Order))


def utc_now() -> datetime:
    return datetime.now(UTC)


class DemoShop:
    """
    One stand-in shop. Several processes may open the same one: every change is one SQLite transaction.

    folder: the exchange folder that it shares with Omni. home: its own folder, by default inside that one.
    """

    def __init__(self, folder: Path | str, *, home: Path | None = None, now: Callable[[], datetime] = utc_now) -> None:
        self.folder = Path(folder)
        self.home = home or self.folder / "demo-shop"
        self.now = now
        self.home.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(SCHEMA)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('shop', ?)", [secrets.token_hex(3)])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.home / "shop.sqlite3", timeout=10, isolation_level=None)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction that no other one overlaps."""
        with closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _read(self, query: str, values: list[object]) -> list[tuple[object, ...]]:
        with closing(self._connect()) as db:
            return db.execute(query, values).fetchall()

    def sell(self, sku: str, quantity: int = 1, location: str = "") -> Order:
        """Book a sale here; ``exchange.buy`` tells Omni, too. Raises UnknownItem and NotEnough."""
        if quantity < 1:
            raise ValueError("quantity must be 1 or more")
        with self.transaction() as db:
            return self._sell(db, sku, quantity, location)

    def _sell(self, db: sqlite3.Connection, sku: str, quantity: int, location: str) -> Order:
        item, at = find(db, sku, location), self.now()
        if item.quantity < quantity:
            raise NotEnough(item.quantity)
        version = set_quantity(db, item, item.quantity - quantity)
        note(db, at, "sold", item, item.quantity - quantity)
        amount = None if item.price_minor is None else item.price_minor * quantity
        number = f"{_meta(db, 'shop')}-{_next(db, 'orders'):06d}"
        order = Order(number, sku, location, quantity, amount, item.currency, at, version)
        values = [*(getattr(order, field.name) for field in fields(Order))]
        values[6] = at.isoformat()
        db.execute(f"INSERT INTO orders ({ORDER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608 our own names
        return order

    def tamper(self, sku: str, quantity: int, location: str = "") -> Item:
        """Change the stock behind Omni's back: nobody is told. Raises UnknownItem."""
        if quantity < 0:
            raise ValueError("quantity must not be negative")
        with self.transaction() as db:
            item = find(db, sku, location)
            set_quantity(db, item, quantity)
            note(db, self.now(), "changed_by_hand", item, quantity)
            return find(db, sku, location)

    def items(self, search: str = "", *, location: str | None = None, limit: int = 50) -> list[Item]:
        """Items by SKU or part of the title, those in stock first."""
        where, values = ["1"], list[object]()
        if search:
            pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            where.append("(sku LIKE ? ESCAPE '\\' OR title LIKE ? ESCAPE '\\')")
            values += [pattern, pattern]
        if location is not None:
            where.append("location = ?")
            values.append(location)
        query = f"SELECT {ITEM} FROM items WHERE {' AND '.join(where)} ORDER BY quantity = 0, sku, location LIMIT ?"  # noqa: S608 our own words
        return [Item(*row) for row in self._read(query, [*values, limit])]  # type: ignore[arg-type]

    def item(self, sku: str, location: str = "") -> Item:
        """One item. Raises UnknownItem."""
        with closing(self._connect()) as db:
            return find(db, sku, location)

    def locations(self) -> list[str]:
        return [str(row[0]) for row in self._read("SELECT DISTINCT location FROM items ORDER BY location", [])]

    def orders(self, *, limit: int = 50) -> list[Order]:
        """The newest orders first."""
        rows = self._read(f"SELECT {ORDER} FROM orders ORDER BY id DESC LIMIT ?", [limit])  # noqa: S608 our own names
        return [order_of(row) for row in rows]

    def events(self, *, limit: int = 50) -> list[Event]:
        """What happened, newest first."""
        rows = self._read("SELECT at, kind, sku, location, before, after FROM events ORDER BY id DESC LIMIT ?", [limit])
        return [Event(datetime.fromisoformat(str(row[0])), *row[1:]) for row in rows]  # type: ignore[arg-type]


def order_of(row: tuple[object, ...]) -> Order:
    values = list(row)
    values[6] = datetime.fromisoformat(str(values[6]))
    return Order(*values)  # type: ignore[arg-type]


def find(db: sqlite3.Connection, sku: str, location: str) -> Item:
    query = f"SELECT {ITEM} FROM items WHERE sku = ? AND location = ?"  # noqa: S608 our own names
    row = db.execute(query, [sku, location]).fetchone()
    if row is None:
        raise UnknownItem(sku)
    return Item(*row)


def set_quantity(db: sqlite3.Connection, item: Item, quantity: int) -> int:
    """Every change gives the item a new version, which is returned."""
    db.execute(
        "UPDATE items SET quantity = ?, version = version + 1, seq = ? WHERE sku = ? AND location = ?",
        [quantity, _next(db, "seq"), item.sku, item.location],
    )
    return item.version + 1


def list_item(db: sqlite3.Connection, item: Item) -> None:
    """Sell this, too, or under this title and price; stock starts at 0 and is only changed otherwise."""
    db.execute(
        """INSERT INTO items (sku, location, title, price_minor, currency, quantity, version, seq)
           VALUES (?, ?, ?, ?, ?, 0, 1, ?)
           ON CONFLICT (sku, location) DO UPDATE SET title = excluded.title,
           price_minor = coalesce(excluded.price_minor, price_minor),
           currency = coalesce(excluded.currency, currency)""",
        [item.sku, item.location, item.title, item.price_minor, item.currency, _next(db, "seq")],
    )


def note(db: sqlite3.Connection, at: datetime, kind: str, item: Item, after: int | None) -> None:
    """Write one line into the shop's log, which keeps the newest 2,000."""
    row = db.execute(
        "INSERT INTO events (at, kind, sku, location, before, after) VALUES (?, ?, ?, ?, ?, ?)",
        [at.isoformat(), kind, item.sku, item.location, item.quantity, after],
    )
    db.execute("DELETE FROM events WHERE id <= ?", [(row.lastrowid or 0) - MOST_EVENTS])


def _meta(db: sqlite3.Connection, name: str) -> str:
    return str(db.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()[0])


def _next(db: sqlite3.Connection, name: str) -> int:
    row = db.execute(
        "INSERT INTO meta VALUES (?, '1') ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value", [name]
    )
    return int(row.fetchone()[0])
