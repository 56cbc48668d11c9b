"""
A channel that does what a test tells it, and writes every call down: one JSON line each, in a file that outlives kills.

It compares versions (compare-and-set), answers at once, and can be asked. ``moods`` are taken one a call: "down",
"throttled", "garbage", "lost" (it wrote, and the answer got lost), "dies" (the worker is killed after it wrote).
"""

import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from omni.connectors import registry
from omni.connectors.base import Batch, Capabilities, ListingRef, Page, RemoteStock, StockWrite, WriteResult
from omni.connectors.errors import Garbage, Throttled, Transient, Unknown
from tests.factories.exchange import outside_transactions

KIND = "fake"
CAPABILITIES = Capabilities(
    multi_location=True, stock_write=frozenset({"absolute", "cas"}), counts="available", bulk_limit=3,
    partial_failure=True, async_ack=False, order_cursor="updated",
)  # fmt: skip


@dataclass
class FakeChannel:
    """Its state is the fold of its file, so that every process sees the same."""

    folder: Path
    page_size: int = 100

    capabilities = CAPABILITIES

    @property
    def log(self) -> Path:
        return self.folder / "pushes.jsonl"

    def writes(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def items(self) -> dict[tuple[str, str | None], tuple[int, int]]:
        """(quantity, version) of everything that is shown."""
        found: dict[tuple[str, str | None], tuple[int, int]] = {}
        for row in self.writes():
            key = (row["sku"], row["location"])
            if row["applied"]:
                found[key] = (row["target"], found.get(key, (0, 0))[1] + 1)
        return found

    def put(
        self, sku: str, location: str | None, target: int, *, ours: int | None = None, applied: bool = True
    ) -> None:
        row = {"sku": sku, "location": location, "target": target, "version": ours, "applied": applied}
        with self.log.open("a") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def mood(self) -> str:
        path = self.folder / "moods"
        moods = path.read_text().split() if path.exists() else []
        if moods:
            path.write_text(" ".join(moods[1:]))
        return moods[0] if moods else ""

    @outside_transactions
    def write_stock(self, writes: Sequence[StockWrite], key: UUID) -> list[WriteResult]:
        mood = self.mood()
        if mood == "down":
            raise Transient("connection refused")
        if mood == "throttled":
            raise Throttled(retry_after=30)
        if mood == "garbage":
            raise Garbage("<html>")
        answers = [self.write(write) for write in writes]
        if mood == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if mood == "lost":
            raise Unknown("timed out")
        return answers

    def write(self, write: StockWrite) -> WriteResult:
        quantity, version = self.items().get((write.ref.sku, write.ref.location), (0, 0))
        fits = write.if_version is None or write.if_version == str(version)
        self.put(write.ref.sku, write.ref.location, write.target, ours=write.version, applied=fits)
        if not fits:
            return WriteResult(write.ref, "conflict", write.version, quantity, str(version))
        return WriteResult(write.ref, "applied", write.version, write.target, str(version + 1))

    def stock(self, refs=None, cursor=None) -> Page[RemoteStock]:
        at = datetime.now(UTC)
        wanted = None if refs is None else {(ref.sku, ref.location) for ref in refs}
        items = [
            RemoteStock(ListingRef(sku, sku, place), units, 0, units, at, str(version))
            for (sku, place), (units, version) in self.items().items()
            if wanted is None or (sku, place) in wanted
        ]
        return Page(tuple(items), batch=Batch("sweep", at, full=refs is None, complete=True))

    def orders(self, cursor=None) -> Page:
        return Page()

    def orders_from(self, at: datetime) -> None:
        return None

    def has_news(self) -> bool:
        return True

    def request_snapshot(self, *, full: bool = True) -> None:
        """It can be asked directly."""

    def acknowledge(self, page: Page) -> None:
        """Nothing lies anywhere."""


def register(monkeypatch) -> None:
    kind = registry.Kind(KIND, "Fake", "", "tests.factories.fake_channel.open_fake", ())
    monkeypatch.setitem(registry.KINDS, KIND, kind)


def open_fake(config, secrets) -> FakeChannel:
    return FakeChannel(Path(config["folder"]))
