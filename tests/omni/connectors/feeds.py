"""What the tests of the feed share: an account's folder, and files as a channel might write them."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from omni.connectors.feed import FeedConnector

SALES_HEADER = "order,line,sku,location,quantity,amount_minor,currency,occurred_at"
STOCK_HEADER = "# mode=full taken_at=2026-03-02T11:59:00Z\nsku,location,quantity,version,seen_at"


def make_feed(folder: Path, **options) -> FeedConnector:
    feed = FeedConnector(folder, now=lambda: datetime.now(UTC), **options)
    feed.layout.ensure()
    return feed


def put(feed: FeedConnector, name: str, text: str | bytes, *, checksum: bool = True) -> Path:
    """Lay a file into from-channel, with its checksum or without."""
    path = feed.layout.from_channel / name
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(content)
    if checksum:
        path.with_name(f"{name}.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    return path


def sale_row(number: int = 1, **changed: object) -> str:
    row = {
        "order": f"T1-{number}",
        "line": "1",
        "sku": "MILK-1",
        "location": "S1",
        "quantity": "2",
        "amount_minor": "598",
        "currency": "USD",
        "occurred_at": "2026-03-02T11:00:00Z",
    } | changed
    return ",".join(str(value) for value in row.values())


def sales_file(*rows: str) -> str:
    return "\n".join([SALES_HEADER, *rows]) + "\n"


def names(folder: Path) -> set[str]:
    return {name for name in os.listdir(folder) if not name.endswith(".sha256")} if folder.exists() else set()
