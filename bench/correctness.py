"""What must hold after every round; a fast wrong answer is no answer."""

from bench import world
from inventory.queries.integrity import findings

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


class WrongResult(AssertionError):
    """The bench was quick and wrong."""


def must(holds: bool, sentence: str) -> None:
    if not holds:
        raise WrongResult(sentence)


def deadlocks() -> int:
    """How many deadlocks this database has resolved so far, retried ones included."""
    return world.scalar(DEADLOCKS)


def check(*, deadlocks_before: int) -> None:
    """The ledger is whole, nothing is promised twice, and nobody ran into a deadlock."""
    broken = findings(most=5)
    must(not broken, "; ".join(str(finding) for finding in broken))
    must(deadlocks() == deadlocks_before, f"{deadlocks() - deadlocks_before} deadlocks")
