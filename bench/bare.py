"""The least that a reservation can be: one stored function, called by a client that does nothing else."""

import json
from datetime import UTC, datetime

import psycopg

CALL = "SELECT reserve_v1(%s, %s, NULL, %s, NULL, %s::bigint[], %s::bigint[], %s::integer[])"


def reserve(connection: psycopg.Connection, holder: str, wanted: list[tuple[int, int, int]], channel: int) -> bool:
    """wanted: variant, location and units of each line. One round trip, one durable transaction."""
    variants, places, units = [list(column) for column in zip(*wanted, strict=True)]
    row = connection.execute(CALL, [holder, channel, datetime.now(UTC), variants, places, units]).fetchone()
    answer = row[0] if row else {}
    return "made" in (json.loads(answer) if isinstance(answer, str) else answer)
