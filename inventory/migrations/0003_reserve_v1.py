"""
On PostgreSQL an order of many lines is reserved in one round trip.

The functions are versioned: a changed one gets a new number and a new migration, so that old code keeps what it calls
while a release rolls out. What they do is done by inventory.services.promises, too, for every other database; both are
tested to leave equal rows.
"""

from django.db import migrations

PUBLIC_ID = """
CREATE OR REPLACE FUNCTION omni_public_id_v1() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (get_byte(random.bytes, place) & 31) + 1, 1), '')
    FROM (SELECT uuid_send(gen_random_uuid()) AS bytes) random,
         unnest(ARRAY[0, 1, 2, 3, 4, 5, 10, 11, 12, 13]) place
$$
"""

MARK_DIRTY = """
CREATE OR REPLACE FUNCTION mark_dirty_v1(p_levels bigint[], p_at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE marked integer;
BEGIN
    WITH moved AS (
        SELECT variant_id, location_id FROM inventory_stocklevel WHERE id = ANY(p_levels)
    ), touched AS (
        SELECT variant_id, location_id FROM moved
        UNION
        SELECT kit.kit_id, moved.location_id
        FROM moved JOIN inventory_kitcomponent kit ON kit.component_id = moved.variant_id
    ), locked AS (
        SELECT state.listing_id FROM inventory_listingstate state WHERE state.listing_id IN (
            SELECT listing.id
            FROM touched
            JOIN inventory_listing listing ON listing.variant_id = touched.variant_id AND listing.ended_at IS NULL
            JOIN omni_connectoraccount account ON account.id = listing.account_id
            WHERE listing.location_id = touched.location_id
               OR (listing.location_id IS NULL AND EXISTS (
                    SELECT 1 FROM omni_channellocation served
                    WHERE served.channel_id = account.channel_id AND served.location_id = touched.location_id)))
        ORDER BY state.listing_id FOR NO KEY UPDATE
    )
    UPDATE inventory_listingstate state
    SET version = state.version + 1, dirty = true, dirty_since = COALESCE(state.dirty_since, p_at)
    FROM locked WHERE state.listing_id = locked.listing_id;
    GET DIAGNOSTICS marked = ROW_COUNT;
    RETURN marked;
END $$
"""

RESERVE = """
CREATE OR REPLACE FUNCTION reserve_v1(
    p_holder text, p_channel bigint, p_until timestamptz, p_at timestamptz, p_actor bigint,
    p_variants bigint[], p_locations bigint[], p_quantities integer[]
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    n_variants bigint[];
    n_locations bigint[];
    n_units integer[];
    wrong jsonb;
    made jsonb;
    made_levels bigint[];
    made_units integer;
    marked integer := 0;
BEGIN
    -- demand per level, kits by their components
    SELECT array_agg(need.variant_id ORDER BY need.variant_id, need.location_id),
           array_agg(need.location_id ORDER BY need.variant_id, need.location_id),
           array_agg(need.units ORDER BY need.variant_id, need.location_id)
    INTO n_variants, n_locations, n_units
    FROM (
        SELECT COALESCE(kit.component_id, demand.variant_id) AS variant_id, demand.location_id,
               SUM(demand.quantity * COALESCE(kit.quantity, 1))::integer AS units
        FROM unnest(p_variants, p_locations, p_quantities) AS demand (variant_id, location_id, quantity)
        JOIN inventory_variant variant ON variant.id = demand.variant_id
        LEFT JOIN inventory_kitcomponent kit ON kit.kit_id = demand.variant_id
        WHERE kit.id IS NOT NULL OR variant.is_stocked
        GROUP BY 1, 2
    ) need;

    -- the global order of locks: levels by key
    PERFORM 1 FROM inventory_stocklevel level
    JOIN unnest(n_variants, n_locations) AS need (variant_id, location_id)
        ON need.variant_id = level.variant_id AND need.location_id = level.location_id
    ORDER BY level.id FOR NO KEY UPDATE OF level;

    -- all or nothing: what is lacking, then what the holder has promised to itself differently
    SELECT jsonb_agg(jsonb_build_array(need.variant_id, need.location_id, need.units,
        COALESCE(level.on_hand - level.reserved - level.unavailable, 0)) ORDER BY need.variant_id, need.location_id)
    INTO wrong
    FROM unnest(n_variants, n_locations, n_units) AS need (variant_id, location_id, units)
    LEFT JOIN inventory_stocklevel level
        ON level.variant_id = need.variant_id AND level.location_id = need.location_id
    LEFT JOIN inventory_reservation held
        ON held.level_id = level.id AND held.holder = p_holder AND held.state = 'open'
    WHERE held.id IS NULL AND need.units > COALESCE(level.on_hand - level.reserved - level.unavailable, 0);
    IF wrong IS NOT NULL THEN
        RETURN jsonb_build_object('lacks', wrong);
    END IF;
    SELECT jsonb_agg(jsonb_build_array(need.variant_id, held.quantity, need.units, held.id)) INTO wrong
    FROM unnest(n_variants, n_locations, n_units) AS need (variant_id, location_id, units)
    JOIN inventory_stocklevel level ON level.variant_id = need.variant_id AND level.location_id = need.location_id
    JOIN inventory_reservation held ON held.level_id = level.id AND held.holder = p_holder AND held.state = 'open';
    IF wrong IS NOT NULL AND EXISTS (SELECT 1 FROM jsonb_array_elements(wrong) held WHERE held->1 <> held->2) THEN
        RETURN jsonb_build_object('held', wrong, 'differs', true);
    END IF;

    WITH moved AS (
        UPDATE inventory_stocklevel level SET reserved = level.reserved + need.units, sequence = level.sequence + 1
        FROM unnest(n_variants, n_locations, n_units) AS need (variant_id, location_id, units)
        WHERE level.variant_id = need.variant_id AND level.location_id = need.location_id
            AND (wrong IS NULL OR NOT EXISTS (
                SELECT 1 FROM inventory_reservation held
                WHERE held.level_id = level.id AND held.holder = p_holder AND held.state = 'open'))
        RETURNING level.id, level.variant_id, level.location_id, level.reserved, level.sequence, need.units
    ), promised AS (
        INSERT INTO inventory_reservation (public_id, holder, variant_id, level_id, channel_id, quantity, until, created_at)
        SELECT omni_public_id_v1(), p_holder, variant_id, id, p_channel, units, p_until, p_at
        FROM moved ORDER BY variant_id, location_id
        RETURNING id, public_id, variant_id, level_id, quantity
    ), written AS (
        INSERT INTO inventory_stockmovement (level_id, sequence, bucket, quantity, balance, kind, source, external_id,
            leg, document, channel_id, actor_id, occurred_at, origin)
        SELECT moved.id, moved.sequence, 'reserved', moved.units, moved.reserved, 'reserve', 'reservation',
            promised.public_id, 'reserve', left(p_holder, 80), p_channel, p_actor, p_at, 'real'
        FROM promised JOIN moved ON moved.id = promised.level_id
    )
    SELECT jsonb_agg(jsonb_build_array(id, public_id, variant_id, level_id, quantity) ORDER BY id),
           array_agg(level_id), SUM(quantity)
    INTO made, made_levels, made_units FROM promised;

    IF made IS NOT NULL THEN
        marked := mark_dirty_v1(made_levels, p_at);
        INSERT INTO omni_activity (verb, subject, occurred_at, actor_id, actor_kind, channel_id, data)
        VALUES ('stock.reserved', left(p_holder, 80), p_at, p_actor,
            CASE WHEN p_actor IS NULL THEN 'system' ELSE 'staff' END, p_channel,
            jsonb_build_object('reservations', jsonb_path_query_array(made, '$[*][1]'), 'units', made_units));
    END IF;
    RETURN jsonb_build_object('made', COALESCE(made, '[]'::jsonb), 'held', COALESCE(wrong, '[]'::jsonb),
        'marked', marked);
END $$
"""
DROP = """
DROP FUNCTION IF EXISTS reserve_v1(text, bigint, timestamptz, timestamptz, bigint, bigint[], bigint[], integer[]);
DROP FUNCTION IF EXISTS mark_dirty_v1(bigint[], timestamptz);
DROP FUNCTION IF EXISTS omni_public_id_v1();
"""


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in (PUBLIC_ID, MARK_DIRTY, RESERVE):
            schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_staged_stock_is_scratch"), ("omni", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
