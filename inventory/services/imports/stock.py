"""
Stock from files, booked as movements: a first figure opens a level, a later one counts it.

Every row is a compare-and-set against what its author saw: a level that moved since is refused, never overwritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from inventory.models import Bucket, StockLevel, StockMovement
from inventory.services.ledger import Kind, Place, Posting, post
from omni.models import User


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a file: how many units lie at a place, and how many its author saw there (nothing: 0)."""

    number: int
    place: Place
    on_hand: int
    seen: int
    assumed: bool = False
    counted_at: datetime | None = None


@transaction.atomic
def book(*, figures: Sequence[Figure], source: str, document: str, by: User | None, at: datetime) -> dict[int, list]:
    """
    Bring each place to its figure. Returns what was refused, by number: the level moved on, or units are promised.

    Books a figure once per (source, number); all levels of the call are locked in the ledger's order.
    """
    posting = post([figure.place for figure in figures], source=source, at=at, by=by, document=document)
    refused: dict[int, list] = {}
    for figure in figures:
        level = posting.levels[figure.place]
        if problem := why_not(figure, level):
            refused[figure.number] = problem
            continue
        kind = Kind.COUNT if level.sequence else Kind.OPENING
        level.assumed, level.counted_at = False, at
        posting.move(
            level, Bucket.ON_HAND, figure.on_hand - level.on_hand, kind, external_id=str(figure.number), reason="import"
        )
    posting.write()
    return refused


def why_not(figure: Figure, level: StockLevel) -> list[Any] | None:
    """The problem of a figure that cannot be booked on this level as it is now."""
    if level.on_hand != figure.seen:
        return ["moved_on", {"before": figure.seen, "now": level.on_hand}]
    promised = level.reserved + level.unavailable
    return ["promised", {"promised": promised}] if figure.on_hand < promised else None


@transaction.atomic
def take_back(
    *, figures: Sequence[Figure], booked_as: str, source: str, document: str, by: User | None, at: datetime
) -> list[int]:
    """
    Book the opposite of figures that were booked under ``booked_as``.

    Returns the numbers whose level has moved since; then nothing of the call may stand.
    """
    posting = post([figure.place for figure in figures], source=source, at=at, by=by, document=document)
    last = last_sequences(booked_as, figures)
    blocked = [figure.number for figure in figures if posting.levels[figure.place].sequence != last.get(figure.number)]
    if not blocked:
        for figure in figures:
            restore(posting, figure)
        posting.write()
    return blocked


def last_sequences(booked_as: str, figures: Sequence[Figure]) -> dict[int, int]:
    rows = StockMovement.objects.filter(source=booked_as, external_id__in=[str(figure.number) for figure in figures])
    return {int(external_id): sequence for external_id, sequence in rows.values_list("external_id", "sequence")}


def restore(posting: Posting, figure: Figure) -> None:
    """Go back to what was seen before, with what was known about it then."""
    level = posting.levels[figure.place]
    level.assumed, level.counted_at = figure.assumed, figure.counted_at
    posting.move(
        level,
        Bucket.ON_HAND,
        figure.seen - level.on_hand,
        Kind.ADJUSTMENT,
        external_id=str(figure.number),
        reason="import undone",
    )
