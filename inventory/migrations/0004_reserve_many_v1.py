"""On PostgreSQL many orders are taken in by one statement: order by order, each wholly or not at all."""

from django.db import migrations

RESERVE_MANY = """
CREATE OR REPLACE FUNCTION reserve_many_v1(
    p_holders text[], p_channels bigint[], p_untils timestamptz[], p_at timestamptz, p_actor bigint,
    p_orders integer[], p_variants bigint[], p_locations bigint[], p_quantities integer[]
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    n_order integer[]; n_variant bigint[]; n_location bigint[]; n_units integer[];
    n_level bigint[]; n_place integer[]; n_taken boolean[];
    l_id bigint[]; l_free integer[];
    lacks jsonb := '[]'; made jsonb;
    first integer := 1; past integer; line integer; fits boolean;
    marked integer := 0;
BEGIN
    -- demand per order and level, kits by their components
    SELECT array_agg(number ORDER BY number, variant_id, location_id),
           array_agg(variant_id ORDER BY number, variant_id, location_id),
           array_agg(location_id ORDER BY number, variant_id, location_id),
           array_agg(units ORDER BY number, variant_id, location_id)
    INTO n_order, n_variant, n_location, n_units
    FROM (
        SELECT demand.number, COALESCE(kit.component_id, demand.variant_id) AS variant_id, demand.location_id,
               SUM(demand.quantity * COALESCE(kit.quantity, 1))::integer AS units
        FROM unnest(p_orders, p_variants, p_locations, p_quantities)
            AS demand (number, variant_id, location_id, quantity)
        JOIN inventory_variant variant ON variant.id = demand.variant_id
        LEFT JOIN inventory_kitcomponent kit ON kit.kit_id = demand.variant_id
        WHERE kit.id IS NOT NULL OR variant.is_stocked
        GROUP BY 1, 2, 3
    ) need;

    -- the global order of locks: levels by key
    PERFORM 1 FROM inventory_stocklevel level
    JOIN (SELECT DISTINCT * FROM unnest(n_variant, n_location)) AS need (variant_id, location_id)
        ON need.variant_id = level.variant_id AND need.location_id = level.location_id
    ORDER BY level.id FOR NO KEY UPDATE OF level;
    SELECT array_agg(id ORDER BY id), array_agg(on_hand - reserved - unavailable ORDER BY id) INTO l_id, l_free
    FROM inventory_stocklevel level
    JOIN (SELECT DISTINCT * FROM unnest(n_variant, n_location)) AS need (variant_id, location_id)
        ON need.variant_id = level.variant_id AND need.location_id = level.location_id;
    SELECT array_agg(level.id ORDER BY need.line), array_agg(COALESCE(place.nth, 0) ORDER BY need.line)
    INTO n_level, n_place
    FROM unnest(n_variant, n_location) WITH ORDINALITY AS need (variant_id, location_id, line)
    LEFT JOIN inventory_stocklevel level
        ON level.variant_id = need.variant_id AND level.location_id = need.location_id
    LEFT JOIN unnest(l_id) WITH ORDINALITY AS place (id, nth) ON place.id = level.id;

    -- order by order: what an earlier one took is gone, what a refused one wanted is not
    n_taken := array_fill(false, ARRAY[cardinality(n_order)]);
    WHILE first <= cardinality(n_order) LOOP
        past := first;
        fits := true;
        WHILE past <= cardinality(n_order) AND n_order[past] = n_order[first] LOOP
            IF n_place[past] = 0 OR n_units[past] > l_free[n_place[past]] THEN
                fits := false;
                lacks := lacks || jsonb_build_array(jsonb_build_array(n_order[past], n_variant[past], n_location[past],
                    n_units[past], CASE WHEN n_place[past] = 0 THEN 0 ELSE l_free[n_place[past]] END));
            END IF;
            past := past + 1;
        END LOOP;
        IF fits THEN
            FOR line IN first..past - 1 LOOP
                l_free[n_place[line]] := l_free[n_place[line]] - n_units[line];
                n_taken[line] := true;
            END LOOP;
        END IF;
        first := past;
    END LOOP;

    WITH need AS (
        SELECT taken.number, taken.variant_id, taken.level_id, taken.units,
               ROW_NUMBER() OVER earlier AS nth, SUM(taken.units) OVER earlier AS running
        FROM unnest(n_order, n_variant, n_level, n_units, n_taken)
            AS taken (number, variant_id, level_id, units, fits)
        WHERE taken.fits
        WINDOW earlier AS (PARTITION BY taken.level_id ORDER BY taken.number)
    ), moved AS (
        UPDATE inventory_stocklevel level SET reserved = level.reserved + total.units, sequence = level.sequence + total.n
        FROM (SELECT level_id, SUM(units)::integer AS units, COUNT(*)::integer AS n FROM need GROUP BY level_id) total
        WHERE level.id = total.level_id
        RETURNING level.id, level.reserved - total.units AS reserved, level.sequence - total.n AS sequence
    ), promised AS (
        INSERT INTO inventory_reservation (public_id, holder, variant_id, level_id, channel_id, quantity, until, created_at)
        SELECT omni_public_id_v1(), p_holders[number], variant_id, level_id, p_channels[number], units, p_untils[number],
            p_at
        FROM need ORDER BY number, variant_id, level_id
        RETURNING id, public_id, holder, variant_id, level_id, quantity
    ), numbered AS (
        SELECT promised.*, need.number, need.nth, need.running
        FROM promised JOIN need ON p_holders[need.number] = promised.holder AND need.level_id = promised.level_id
    ), written AS (
        INSERT INTO inventory_stockmovement (level_id, sequence, bucket, quantity, balance, kind, source, external_id,
            leg, document, channel_id, actor_id, occurred_at, origin)
        SELECT moved.id, moved.sequence + numbered.nth, 'reserved', numbered.quantity, moved.reserved + numbered.running,
            'reserve', 'reservation', numbered.public_id, 'reserve', left(numbered.holder, 80),
            p_channels[numbered.number], p_actor, p_at, 'real'
        FROM numbered JOIN moved ON moved.id = numbered.level_id
    ), told AS (
        INSERT INTO omni_activity (verb, subject, occurred_at, actor_id, actor_kind, channel_id, data)
        SELECT 'stock.reserved', left(min(holder), 80), p_at, p_actor,
            CASE WHEN p_actor IS NULL THEN 'system' ELSE 'staff' END, p_channels[number],
            jsonb_build_object('reservations', jsonb_agg(public_id ORDER BY id), 'units', SUM(quantity))
        FROM numbered GROUP BY number ORDER BY number
    )
    SELECT COALESCE(jsonb_agg(jsonb_build_array(number, id, public_id, variant_id, level_id, quantity) ORDER BY id), '[]')
    INTO made FROM numbered;

    marked := mark_dirty_v1(ARRAY(
        SELECT DISTINCT taken.level_id FROM unnest(n_level, n_taken) AS taken (level_id, fits) WHERE taken.fits), p_at);
    RETURN jsonb_build_object('made', made, 'lacks', lacks, 'marked', marked);
END $$
"""
DROP = """
DROP FUNCTION IF EXISTS reserve_many_v1(text[], bigint[], timestamptz[], timestamptz, bigint, integer[], bigint[],
    bigint[], integer[])
"""


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(RESERVE_MANY)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_reserve_v1")]

    operations = [migrations.RunPython(install, remove)]
