"""The least that a reservation can be: one stored function, called by a client that does nothing else."""

from datetime import UTC, datetime

import psycopg

from bench import world

FUNCTION = """
CREATE OR REPLACE FUNCTION bench_reserve(of_holder text, wanted bigint[], units int[], of_channel bigint,
                                         happened timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM inventory_stocklevel WHERE id = ANY(wanted) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM unnest(wanted, units) line (id, units)
               JOIN inventory_stocklevel level ON level.id = line.id WHERE level.available < line.units) THEN
        RETURN FALSE;
    END IF;
    UPDATE inventory_stocklevel level SET reserved = level.reserved + line.units, sequence = level.sequence + 1
    FROM unnest(wanted, units) line (id, units) WHERE level.id = line.id;
    WITH made AS (
        INSERT INTO inventory_reservation (public_id, holder, variant_id, level_id, channel_id, quantity, created_at)
        SELECT gen_random_uuid()::text, of_holder, level.variant_id, level.id, of_channel, line.units, happened
        FROM unnest(wanted, units) line (id, units) JOIN inventory_stocklevel level ON level.id = line.id
        RETURNING public_id, level_id, quantity)
    INSERT INTO inventory_stockmovement (level_id, sequence, bucket, quantity, balance, kind, source, external_id, leg,
                                         document, channel_id, occurred_at)
    SELECT level.id, level.sequence, 'reserved', made.quantity, level.reserved, 'reserve', 'reservation',
           made.public_id, 'reserve', of_holder, of_channel, happened
    FROM made JOIN inventory_stocklevel level ON level.id = made.level_id;
    RETURN TRUE;
END $$
"""
CALL = "SELECT bench_reserve(%s, %s::bigint[], %s::int[], %s, %s)"


def install() -> None:
    world.execute(FUNCTION.replace("%", "%%"))


def reserve(connection: psycopg.Connection, holder: str, wanted: list[tuple[int, int]], channel: int) -> bool:
    """wanted: pairs of level and units. One round trip, one durable transaction."""
    levels, units = [list(column) for column in zip(*wanted, strict=True)]
    row = connection.execute(CALL, [holder, levels, units, channel, datetime.now(UTC)]).fetchone()
    return bool(row and row[0])
