"""Many clients at once, each a process of its own, all let go at the same moment."""

import multiprocessing
import time
import traceback
from collections import Counter
from collections.abc import Callable

from django.db import connections

Client = Callable[[int, float], Counter]
"""Called with the client's number and the moment (monotonic) at which to stop; returns what it did, by name."""
FORK = multiprocessing.get_context("fork")
READY_WITHIN = 60.0


class ClientFailed(AssertionError):
    """A client met an error that no client may see."""


def race(clients: int, work: Client, *, seconds: float, warm_up: Client | None = None) -> Counter:
    """
    Let ``clients`` processes do ``work`` for so many seconds. Returns the sums of what they did.

    warm_up: what each does once before it is let go (a server that runs for days is warm).
    The figure ``seconds`` of the sums is the time until the last one had ended. Raises ClientFailed.
    """
    connections.close_all()  # a child must not inherit an open connection
    gate, answers = FORK.Barrier(clients + 1), FORK.SimpleQueue()
    crew = [
        FORK.Process(target=one, args=(number, work, warm_up, gate, answers, seconds), daemon=True)
        for number in range(clients)
    ]
    for process in crew:
        process.start()
    gate.wait(READY_WITHIN)
    begun = time.monotonic()
    found = [answers.get() for _process in crew]
    ended = time.monotonic()
    for process in crew:
        process.join()
    broken = [text for text in found if isinstance(text, str)]
    if broken:
        raise ClientFailed(f"{len(broken)} of {clients} clients failed, the first with:\n{broken[0]}")
    sums: Counter = sum(found, Counter())
    sums["seconds"] = ended - begun
    return sums


def one(number: int, work: Client, warm_up: Client | None, gate, answers, seconds: float) -> None:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        if warm_up:
            warm_up(number, 0.0)
        gate.wait(READY_WITHIN)
        answers.put(work(number, time.monotonic() + seconds))
    except BaseException:  # noqa: BLE001 - the parent waits for an answer, whatever went wrong
        answers.put(traceback.format_exc())
    finally:
        connections.close_all()
