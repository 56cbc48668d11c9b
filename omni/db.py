"""What the two databases do differently, and nothing else."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")
RETRIED = {
    "40001",
    "40P01",
}  # serialization failure, deadlock (PostgreSQL documentation, section 13.5)


def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


def try_lock(name: str) -> bool:
    """
    Take a lock of this name until the transaction ends; False when somebody else has it.

    On SQLite a write transaction is exclusive already (transaction_mode IMMEDIATE), so the lock is always had.
    """
    if not on_postgresql():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return cursor.fetchone()[0]


def retry_conflicts(function: Callable[P, R], tries: int = 5) -> Callable[P, R]:
    """
    Run the whole outermost transaction again when the database asks for it (deadlock, serialization failure).

    Inside another transaction it runs once: only the outermost may be repeated.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(tries):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in RETRIED or attempt == tries - 1:
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise AssertionError("unreachable")

    return run
