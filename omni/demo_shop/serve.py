"""The loop that makes a stand-in shop live, and the lock that lets only one loop serve a folder."""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omni.demo_shop.exchange import apply_inbox, tell_sales, write_snapshot
from omni.demo_shop.shop import DemoShop

log = logging.getLogger(__name__)


@contextmanager
def sole(shop: DemoShop) -> Iterator[bool]:
    """True while no other process serves this shop. The lock dies with its process."""
    with (shop.home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def serve_once(shop: DemoShop, *, snapshot: bool = False, full: bool = False) -> bool:
    """One round of work. Returns False, having done nothing, where another process serves the shop."""
    with sole(shop) as mine:
        if mine:
            tell_sales(shop)
            apply_inbox(shop)
            if snapshot:
                write_snapshot(shop, full=full)
        return mine


def serve_forever(
    folders: Path | Sequence[Path],
    stop: threading.Event,
    *,
    poll: float = 0.3,
    snapshot_every: float = 30,
    full_every: float = 3600,
) -> None:
    """
    Serve the shops in these exchange folders until ``stop`` is set.

    A fault of one shop (a full disk, a locked file) is logged and tried again; the others go on.
    """
    shops = [DemoShop(folder) for folder in ([folders] if isinstance(folders, Path) else folders)]
    next_changes = next_full = time.monotonic()
    while not stop.is_set():
        now = time.monotonic()
        full, changes = now >= next_full, now >= next_changes
        next_full = now + full_every if full else next_full
        next_changes = now + snapshot_every if changes else next_changes
        for shop in shops:
            try:
                serve_once(shop, snapshot=changes or full, full=full)
            except Exception:
                log.exception("demo shop %s", shop.folder)
        stop.wait(poll)
