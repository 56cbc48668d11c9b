"""Good rows of exchanged files, turned into the words of ``base``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omni.connectors.base import ListingRef, RemoteListing, RemoteSale, RemoteStock, WriteResult
from omni.connectors.feed_rows import Row


def ref(values: Mapping[str, Any]) -> ListingRef:
    return ListingRef(remote_id=values["sku"], sku=values["sku"], location=values["location"])


def listing(row: Row, taken_at: datetime) -> RemoteListing:
    values = row.values
    return RemoteListing(
        ref(values),
        title=values["title"],
        price_minor=values["price_minor"],
        currency=values["currency"],
        updated_at=taken_at,
    )


def stock(row: Row, taken_at: datetime) -> RemoteStock:
    values, quantity = row.values, row.values["quantity"]
    return RemoteStock(
        ref(values),
        on_hand=quantity,
        allocated=0,
        available=quantity,
        seen_at=values["seen_at"] or taken_at,
        version=values["version"],
    )


def ack(row: Row, _taken_at: datetime) -> WriteResult:
    values = row.values
    return WriteResult(
        ref(values),
        values["outcome"],
        values["version"],
        actual=values["actual"],
        actual_version=values["actual_version"],
        code=values["code"] or "",
        detail=values["document"] or "",
    )


def sale(row: Row, _taken_at: datetime) -> RemoteSale:
    values = row.values
    return RemoteSale(
        order_id=values["order"],
        line_id=values["line"],
        sku=values["sku"],
        quantity=values["quantity"],
        placed_at=values["occurred_at"],
        version="",
        location=values["location"],
        remote_id=values["sku"],
        amount_minor=values["amount_minor"],
        currency=values["currency"],
        stock_version=values["version"],
    )
