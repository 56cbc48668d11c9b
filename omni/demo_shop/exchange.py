"""How the stand-in shop reads Omni's files and writes its own (``omni.connectors.feed`` describes them)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import quote

from omni.connectors.feed_files import BadFile, Inbox, Layout, NotReady, iso, stamped, write_csv
from omni.connectors.feed_rows import ACKS, LISTINGS, REQUESTS, SALES, STOCK_IN, STOCK_OUT, Reader, Row, Table
from omni.demo_shop.shop import ORDER, DemoShop, Item, Order, UnknownItem, find, list_item, note, order_of, set_quantity

Ack = tuple[str, str, int, str, int | None, int | None, str, str]
ROWS_PER_FILE = 200_000


def apply_inbox(shop: DemoShop) -> int:
    """Read what Omni wrote: listings, then stock, then requests. Returns how many files were dealt with."""
    Layout(shop.folder).ensure()
    inbox = Inbox(Layout(shop.folder).to_channel, shop.home, settle=timedelta(seconds=60))
    done = 0
    kinds: tuple[tuple[Table, Callable[[DemoShop, str, Reader], None]], ...] = (
        (LISTINGS, _list),
        (STOCK_OUT, _set_stock),
        (REQUESTS, _report),
    )
    for table, apply in kinds:
        for name in inbox.pending(table.kind):
            done += _apply_file(shop, inbox, name, table, apply)
    if done:
        inbox.prune(at=shop.now(), days=7, most=500)
    return done


def _apply_file(
    shop: DemoShop, inbox: Inbox, name: str, table: Table, apply: Callable[[DemoShop, str, Reader], None]
) -> int:
    try:
        taken = inbox.take(name, at=shop.now())
        apply(shop, name, Reader(taken.path, table))
    except NotReady:
        return 0
    except BadFile as bad:
        inbox.refuse(name, bad.code)
        return 1
    inbox.done(name)
    return 1


def _list(shop: DemoShop, _name: str, reader: Reader) -> None:
    with shop.transaction() as db:
        for row in reader:
            if isinstance(row, Row):
                values = row.values
                place = values["location"] or ""
                item = Item(values["sku"], place, values["title"], values["price_minor"], values["currency"], 0, 1)
                list_item(db, item)


def _set_stock(shop: DemoShop, name: str, reader: Reader) -> None:
    with shop.transaction() as db:
        acks = [_set_one(shop, db, name, row) for row in reader if isinstance(row, Row)]
    for start in range(0, len(acks), ROWS_PER_FILE):
        _write(shop, ACKS, acks[start : start + ROWS_PER_FILE], {}, seq=name.rsplit("-", 1)[-1].removesuffix(".csv"))


def _set_one(shop: DemoShop, db: sqlite3.Connection, name: str, row: Row) -> Ack:
    """Set one item, if it is still as Omni thinks. A repeat is answered as at first, an older version refused."""
    values, place = row.values, row.values["location"] or ""

    def ack(outcome: str, quantity: int | None, version: int | None, code: str = "") -> Ack:
        return (values["sku"], place, values["version"], outcome, quantity, version, code, name)

    try:
        item = find(db, values["sku"], place)
    except UnknownItem:
        return ack("rejected", None, None, "unknown_sku")
    last, after = db.execute(
        "SELECT omni_version, omni_set FROM items WHERE sku = ? AND location = ?", [item.sku, place]
    ).fetchone()
    if values["version"] < last:
        return ack("rejected", item.quantity, item.version, "older_version")
    if (values["version"], values["quantity"]) == (last, item.quantity) and item.version == after:
        return ack("applied", item.quantity, item.version)
    if values["if_version"] is not None and values["if_version"] != str(item.version):
        note(db, shop.now(), "conflict", item, values["quantity"])
        return ack("conflict", item.quantity, item.version)
    version = set_quantity(db, item, values["quantity"])
    db.execute(
        "UPDATE items SET omni_version = ?, omni_set = ? WHERE sku = ? AND location = ?",
        [values["version"], version, item.sku, place],
    )
    note(db, shop.now(), "set_by_omni", item, values["quantity"])
    return ack("applied", values["quantity"], version)


def _report(shop: DemoShop, _name: str, reader: Reader) -> None:
    modes = {row.values["mode"] for row in reader if isinstance(row, Row) and row.values["what"] == "stock"}
    if modes:
        write_snapshot(shop, full="full" in modes)


def buy(shop: DemoShop, sku: str, quantity: int = 1, location: str = "") -> Order:
    """
    A visitor buys, and Omni is told at once by a file.

    Raises UnknownItem, and NotEnough when the shop itself has too few: nothing is changed then.
    """
    order = shop.sell(sku, quantity, location)
    tell_sales(shop)
    return order


def tell_sales(shop: DemoShop) -> int:
    """Write a file for each order that Omni has not been told of. Safe to repeat: orders have their own numbers."""
    with shop.transaction() as db:
        rows = db.execute(f"SELECT {ORDER} FROM orders WHERE told = 0 ORDER BY id LIMIT 1000").fetchall()  # noqa: S608 our own names
        orders = [order_of(row) for row in rows]
        for order in orders:
            _write(shop, SALES, [_sale(order)], {}, seq=order.number)
            db.execute("UPDATE orders SET told = 1 WHERE number = ?", [order.number])
    return len(orders)


def _sale(order: Order) -> tuple[object, ...]:
    place, paid = (order.sku, order.location, order.quantity), (order.amount_minor, order.currency)
    return (order.number, "1", *place, *paid, order.placed_at, order.stock_version)


def write_snapshot(shop: DemoShop, *, full: bool = True) -> int:
    """Write what the shop has now, or what changed since its last snapshot. Returns how many rows."""
    with shop.transaction() as db:
        taken_at = iso(shop.now())
        since = 0 if full else _told(db)
        rows = db.execute(
            "SELECT sku, location, quantity, version, ? FROM items WHERE seq > ? ORDER BY location, sku",
            [taken_at, since],
        ).fetchall()
        meta = {"mode": "full" if full else "changes", "taken_at": taken_at}
        if len(rows) > ROWS_PER_FILE:
            _write_by_location(shop, rows, meta)
        elif rows or full:
            _write(shop, STOCK_IN, rows, meta, seq=meta["mode"])
        db.execute("INSERT OR REPLACE INTO meta SELECT 'told', coalesce(max(seq), 0) FROM items")
    return len(rows)


def _write_by_location(shop: DemoShop, rows: list[tuple[object, ...]], meta: dict[str, str]) -> None:
    for number, location in enumerate(sorted({str(row[1]) for row in rows})):
        part = [row for row in rows if row[1] == location]
        _write(shop, STOCK_IN, part, meta | {"location": quote(location)}, seq=f"{meta['mode']}-{number}")


def _told(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT value FROM meta WHERE name = 'told'").fetchone()
    return int(row[0]) if row else 0


def _write(shop: DemoShop, table: Table, rows: Sequence[Sequence[object]], meta: dict[str, str], *, seq: str) -> None:
    layout, at = Layout(shop.folder), shop.now()
    layout.ensure()
    write_csv(
        layout.from_channel, stamped(table.kind, at, seq), list(table.columns), rows, {"taken_at": iso(at)} | meta
    )
