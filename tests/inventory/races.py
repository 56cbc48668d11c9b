"""How tests let rivals act at the same time: threads with connections of their own, and exact interleavings."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections, connection
from django.utils.module_loading import import_string


def at_once(acts: Sequence[Callable[[], Any]], *, threads: int = 16) -> list[Any]:
    """Run the acts in threads that start together; return what each returned, or the error that it raised."""
    gate = threading.Barrier(min(threads, len(acts)))

    def begin() -> None:
        close_old_connections()
        gate.wait(timeout=20)

    def run(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Exception as error:  # noqa: BLE001 (handed back to the test, which judges it)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(min(threads, len(acts)), initializer=begin) as pool:
        return list(pool.map(run, acts))


@contextmanager
def interleave(dotted: str, rival: Callable[[], Any], monkeypatch):
    """Let a rival act, once, right before a named function runs: the exact place between a check and its act."""
    function = import_string(dotted)
    module, name = dotted.rsplit(".", 1)
    acted: list[Any] = []

    def first_the_rival(*args: Any, **kwargs: Any) -> Any:
        if not acted:
            acted.append(None)
            acted[0] = at_once([rival])[0]
        return function(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.{name}", first_the_rival)
        yield acted
