"""The one clock of the connectors: when an answer was seen, and whether a file has settled."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
