"""A channel that keeps every write in a file, one bulk a line, so that nothing it was ever told can be lost."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from omni.connectors import registry
from omni.connectors.base import Batch, Capabilities, Cursor, ListingRef, Page, RemoteStock, StockWrite, WriteResult

KIND = "recorder"
SLOW = 0.02
CAPABILITIES = Capabilities(
    multi_location=False, stock_write=frozenset({"absolute"}), counts="available", bulk_limit=10, partial_failure=True,
    async_ack=False, order_cursor="placed", stock_query=True,
)  # fmt: skip


def register() -> None:
    registry.KINDS[KIND] = registry.Kind(KIND, KIND, "", "tests.soak.channel.Recorder", ())


def note(file: Path, entries: Sequence[tuple[str, int | None, int]]) -> None:
    """Add a bulk of (SKU, our version, units) in one write; without a version somebody edited it there."""
    with file.open("ab", buffering=0) as out:
        out.write((json.dumps(entries) + "\n").encode())
        os.fsync(out.fileno())


def noted(file: Path) -> list[tuple[str, int | None, int]]:
    return [tuple(entry) for line in file.read_text().splitlines() for entry in json.loads(line)]


def shown(file: Path) -> dict[str, int]:
    return {sku: units for sku, _version, units in noted(file)}


class Recorder:
    """The connector of such a channel: slow enough to be killed in the middle, before and after the write."""

    capabilities = CAPABILITIES

    def __init__(self, config: Mapping[str, Any], _secrets: Mapping[str, str]):
        self.file = Path(config["file"])

    def request_snapshot(self, *, full: bool = True) -> None:
        """It is asked, and need not be told to speak."""

    def stock(self, refs: Sequence[ListingRef] | None = None, cursor: Cursor | None = None) -> Page[RemoteStock]:
        now, there = datetime.now(UTC), shown(self.file)
        wanted = {ref.sku for ref in refs} if refs is not None else set(there)
        items = tuple(
            RemoteStock(ListingRef(sku, sku), units, 0, units, now) for sku, units in there.items() if sku in wanted
        )
        time.sleep(SLOW)
        return Page(items, None, batch=Batch("all", now, full=refs is None, complete=True))

    def write_stock(self, writes: Sequence[StockWrite], key: object) -> Sequence[WriteResult]:
        time.sleep(SLOW)
        note(self.file, [(write.ref.sku, write.version, write.target) for write in writes])
        time.sleep(SLOW)
        return [WriteResult(write.ref, "applied", write.version, write.target) for write in writes]

    def orders(self, cursor: Cursor | None = None) -> Page:
        return Page()

    def orders_from(self, at: datetime) -> Cursor | None:
        return None

    def has_news(self) -> bool:
        return False

    def acknowledge(self, page: Page) -> None:
        """Nothing lies there that could go."""
