"""Orders of a Vendure shop, polled by the time they were placed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from omni.connectors import shapes
from omni.connectors.base import Batch, Cursor, Page, RemoteSale
from omni.connectors.errors import Garbage, Misconfigured
from omni.connectors.feed_files import iso
from omni.connectors.vendure_api import VendureApi

ORDERS = """query Orders($options: OrderListOptions) { orders(options: $options) { items {
  id code state active type orderPlacedAt currencyCode
  lines { id quantity orderPlacedQuantity proratedLinePriceWithTax productVariant { id sku } } } } }"""
TERMINAL = {"Delivered", "Cancelled"}
TICK = timedelta(milliseconds=1)
LAG = timedelta(minutes=3)
"""How far each poll looks back: an order may become visible later than one that was placed after it."""
MOST_CODES = 100


@dataclass(frozen=True, slots=True)
class Order:
    id: str
    code: str
    placed_at: datetime
    lines: tuple[RemoteSale, ...]


def cursor_at(at: datetime) -> Cursor:
    """Begin at this time; no look back ever goes before it."""
    return {"placed_at": iso(at), "seen": [], "first": iso(at)}


def page(api: VendureApi, cursor: Cursor | None, *, at: datetime, take: int) -> Page[RemoteSale]:
    """
    Orders from the cursor on, oldest first; lines of one order stay together.

    Within a run the cursor is the last order's time and the ids seen at that very time. A run that has reached the
    end leaves it ``LAG`` before the last order, but never before the time from which orders count.
    """
    since, seen = _position(cursor)
    found, fresh = _fetch_fresh(api, since, seen, take)
    more = len(found) == take
    return Page(
        items=tuple(line for order in fresh for line in order.lines),
        next_cursor=_onward(cursor, found, fresh, more=more),
        has_more=more,
        batch=Batch(f"orders since {iso(since) if since else 'the first'}", at, complete=not more),
    )


def _onward(cursor: Cursor | None, found: list[Order], fresh: list[Order], *, more: bool) -> Cursor | None:
    """Where the next poll begins."""
    if not found:
        return cursor
    since, seen = _position(cursor)
    first = {"first": cursor["first"]} if cursor and "first" in cursor else {}
    if more:
        last = fresh[-1].placed_at
        kept = seen if last == since else set()
        ids = sorted(kept | {order.id for order in fresh if order.placed_at == last})
        return {"placed_at": iso(last), "seen": ids, **first}
    back = found[-1].placed_at - LAG
    if first:
        back = max(back, datetime.fromisoformat(first["first"]))
    return {"placed_at": iso(back), "seen": [], **first}


def by_code(api: VendureApi, codes: Sequence[str]) -> Iterator[RemoteSale]:
    """These orders as they stand now. Raises Garbage when others come back."""
    for start in range(0, len(codes), MOST_CODES):
        some = list(codes[start : start + MOST_CODES])
        found = _orders(api, {"filter": {"code": {"in": some}}, "take": len(some)})
        if not {order.code for order in found} <= set(some):
            raise Garbage("the filter by code was not applied")
        for order in found:
            yield from order.lines


def _position(cursor: Cursor | None) -> tuple[datetime | None, set[str]]:
    if not cursor:
        return None, set()
    try:
        since, seen = datetime.fromisoformat(cursor["placed_at"]), set(cursor["seen"])
    except (KeyError, TypeError, ValueError) as unreadable:
        raise Misconfigured("the saved position of the orders cannot be read") from unreadable
    return since, seen


def _fetch_fresh(api: VendureApi, since: datetime | None, seen: set[str], take: int) -> tuple[list[Order], list[Order]]:
    """One page, and those of it that are new; further on where a page holds only orders of the same instant."""
    skip = 0
    while True:
        found = _fetch(api, since, skip, take)
        fresh = [order for order in found if not (order.placed_at == since and order.id in seen)]
        if fresh or len(found) < take:
            return found, fresh
        skip += take


def _fetch(api: VendureApi, since: datetime | None, skip: int, take: int) -> list[Order]:
    placed: dict[str, Any] = {"isNull": False} if since is None else {"after": iso(since - TICK)}
    options = {
        "filter": {"orderPlacedAt": placed, "active": {"eq": False}},
        "sort": {"orderPlacedAt": "ASC"},
        "take": take,
        "skip": skip,
    }
    found = _orders(api, options)
    times = [order.placed_at for order in found]
    if times != sorted(times) or len(found) > take or (since and times and times[0] < since):
        raise Garbage("orders came that were not asked for, or in another order")
    return found


def _orders(api: VendureApi, options: dict[str, Any]) -> list[Order]:
    answer = shapes.part(api.read(ORDERS, options=options), "orders")
    return [_order(item) for item in shapes.rows(answer, "items")]


def _order(answer: Any) -> Order:
    if shapes.flag(answer, "active"):
        raise Garbage("a cart came among the orders")
    code, state = shapes.text(answer, "code"), shapes.text(answer, "state")
    placed_at, currency = shapes.moment(answer, "orderPlacedAt"), shapes.text(answer, "currencyCode")
    # A marketplace splits an order among sellers: their parts repeat the lines of the whole.
    lines = [] if shapes.text(answer, "type") == "Seller" else shapes.rows(answer, "lines")
    return Order(
        shapes.text(answer, "id"),
        code,
        placed_at,
        tuple(_line(line, code, state, placed_at, currency) for line in lines),
    )


def _line(answer: Any, code: str, state: str, placed_at: datetime, currency: str) -> RemoteSale:
    variant = shapes.part(answer, "productVariant")
    quantity, amount = shapes.integer(answer, "quantity"), shapes.integer(answer, "proratedLinePriceWithTax")
    if quantity < 0:
        raise Garbage("an order line below nothing")
    return RemoteSale(
        order_id=code,
        line_id=shapes.text(answer, "id"),
        sku=shapes.text(variant, "sku", blank=True),
        quantity=quantity,
        placed_at=placed_at,
        version=f"{quantity}:{amount}:{state}",
        remote_id=shapes.text(variant, "id"),
        amount_minor=amount,
        currency=currency,
        is_open=state not in TERMINAL,
        hints={"state": state, "ordered": str(shapes.integer(answer, "orderPlacedQuantity"))},
    )
