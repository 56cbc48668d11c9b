"""A channel that shows the seeded world, except that one line in a hundred shows one unit more."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from bench import world
from omni.connectors import registry
from omni.connectors.base import Batch, Capabilities, Cursor, ListingRef, Page, RemoteStock

KIND = "bench"
PAGE_ROWS = 10_000
ONE_IN = 100
CAPABILITIES = Capabilities(
    multi_location=True, stock_write=frozenset({"absolute"}), counts="available", bulk_limit=5_000,
    partial_failure=True, async_ack=False, order_cursor="placed", stock_query=False,
)  # fmt: skip


def register() -> None:
    """Make accounts of this kind known in this process."""
    registry.KINDS[KIND] = registry.Kind(KIND, KIND, "", "bench.channel.Snapshot", ())


def differs(row: int) -> bool:
    return row % ONE_IN == 7


def lines(variants: int, places: int, *, full: bool) -> Iterator[tuple[str, int, int]]:
    """
    SKU, number of the place and units of every line of the picture, place after place, as channels report them.

    full: all of them; else what changed alone.
    """
    for row in range(variants * places):
        if full or differs(row):
            place, variant = row // variants + 1, row % variants + 1
            yield world.sku(variant), place, world.figure(variant, place) + differs(row)


class Snapshot:
    """
    Pages through the picture of one account; it sells nothing and confirms nothing.

    config: variants and places, how many of each there are.
    """

    capabilities = CAPABILITIES

    def __init__(self, config: Mapping[str, Any], _secrets: Mapping[str, str]):
        self.variants, self.places = int(config["variants"]), int(config["places"])
        self.codes = [f"bench-{number}" for number in range(self.places + 1)]
        self.taken_at = datetime.now(UTC)
        self.full = True
        self.rest: Iterator[tuple[str, int, int]] = iter(())

    def request_snapshot(self, *, full: bool = True) -> None:
        self.full, self.taken_at = full, datetime.now(UTC) + timedelta(seconds=1)
        self.rest = lines(self.variants, self.places, full=full)

    def stock(self, refs=None, cursor: Cursor | None = None) -> Page[RemoteStock]:
        items = tuple(self.item(*line) for line in islice(self.rest, PAGE_ROWS))
        more = len(items) == PAGE_ROWS
        batch = Batch("bench", self.taken_at, full=self.full, complete=not more)
        return Page(items, {"row": len(items)}, more, batch=batch)

    def item(self, sku: str, place: int, units: int) -> RemoteStock:
        return RemoteStock(ListingRef(sku, sku, self.codes[place]), units, 0, units, self.taken_at)

    def orders(self, cursor: Cursor | None = None) -> Page:
        return Page()

    def orders_from(self, at: datetime) -> Cursor | None:
        return None

    def has_news(self) -> bool:
        return False

    def acknowledge(self, page: Page) -> None:
        """Nothing lies there that could go."""
