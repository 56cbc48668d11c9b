"""
Strict reading of what a channel answers: a field that is not there, or of another kind, is Garbage.

Nothing is guessed, so that a changed contract stops the exchange instead of filling our books with nonsense.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omni.connectors.errors import Garbage

MOST = 2**53


def part(answer: Any, name: str) -> dict[str, Any]:
    """A named object inside an answer."""
    found = _field(answer, name)
    if not isinstance(found, dict):
        raise Garbage(f"{name} is no object")
    return found


def rows(answer: Any, name: str) -> list[Any]:
    found = _field(answer, name)
    if not isinstance(found, list):
        raise Garbage(f"{name} is no list")
    return found


def text(answer: Any, name: str, *, blank: bool = False) -> str:
    found = _field(answer, name)
    if not isinstance(found, str) or (not found and not blank):
        raise Garbage(f"{name} is no text")
    return found


def integer(answer: Any, name: str) -> int:
    found = _field(answer, name)
    if not isinstance(found, int) or isinstance(found, bool) or abs(found) > MOST:
        raise Garbage(f"{name} is no whole number")
    return found


def flag(answer: Any, name: str) -> bool:
    found = _field(answer, name)
    if not isinstance(found, bool):
        raise Garbage(f"{name} is neither true nor false")
    return found


def moment(answer: Any, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(text(answer, name))
    except ValueError as unreadable:
        raise Garbage(f"{name} is no time") from unreadable
    if at.tzinfo is None:
        raise Garbage(f"{name} has no time zone")
    return at


def _field(answer: Any, name: str) -> Any:
    if not isinstance(answer, Mapping) or name not in answer:
        raise Garbage(f"{name} is missing")
    return answer[name]
