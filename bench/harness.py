"""How a claim is measured: rounds in turn, medians, a ratio, one line each."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import psycopg

SERVER = os.environ.get("OMNI_BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
DATABASE = "omni_bench"


@dataclass(frozen=True)
class Claim:
    """One measured claim. ``ratio`` is ours against the limit; above 1 would mean that the limit was no limit."""

    name: str
    ours: float
    limit: float
    unit: str
    ratio: float
    rounds: int
    machine: str
    goal: float | None = None

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "reached" if self.ratio >= self.goal else "MISSED"


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def compare(
    name: str,
    *,
    ours: Callable[[], float],
    limit: Callable[[], float],
    unit: str,
    rounds: int,
    goal: float | None = None,
    less_is_better: bool = False,
) -> Claim:
    """
    Measure ours and the limit in turn, ``rounds`` times each, and take the medians.

    ours, limit: run once and return a figure in ``unit`` (a rate, or seconds with ``less_is_better``).
    """
    pairs = [(ours(), limit()) for _round in range(rounds)]
    mine, best = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = best / mine if less_is_better else mine / best
    return Claim(name, round(mine, 3), round(best, 3), unit, round(ratio, 3), rounds, machine(), goal)


def show(claims: Iterator[Claim], *, as_json: bool) -> None:
    for claim in claims:
        if as_json:
            print(json.dumps(asdict(claim)), flush=True)
        else:
            goal = f"  goal {claim.goal:g} {claim.verdict}" if claim.goal is not None else ""
            print(
                f"{claim.name:<48} ours {claim.ours:>12,.3f}  limit {claim.limit:>12,.3f} {claim.unit:<14} "
                f"ratio {claim.ratio:.2f}{goal}",
                flush=True,
            )


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Seconds of the block, in the first place of the list, once it has ended."""
    spent: list[float] = []
    begun = time.perf_counter()
    yield spent
    spent.append(time.perf_counter() - begun)


def fresh_database() -> str:
    """Make an empty database for the bench and return its URL. An older one of the same name is dropped."""
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {DATABASE}")
    return SERVER.rsplit("/", 1)[0] + f"/{DATABASE}"


def drop_database() -> None:
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
