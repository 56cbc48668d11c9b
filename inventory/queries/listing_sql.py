"""The statement of .listings in its parts; only those are put in for which there are rows."""

WANTED = """
wanted AS (
    SELECT listing.id AS listing_id, listing.variant_id, listing.location_id
    FROM inventory_listing listing
    WHERE listing.account_id = %(shown_account)s AND listing.ended_at IS NULL{some}{here}
),
served AS (SELECT location_id FROM omni_channellocation WHERE channel_id = %(shown_channel)s)"""
SOME = {
    True: " AND listing.id = ANY(%(shown_ids)s)",
    False: " AND listing.id IN (SELECT value FROM json_each(%(shown_ids)s))",
}
# What one unit of a listing takes: itself, or the components of a kit.
THINGS = """
things AS (
    SELECT wanted.listing_id, wanted.location_id, COALESCE(kit.component_id, wanted.variant_id) AS variant_id,
           COALESCE(kit.quantity, 1) AS each_takes, kit.id IS NOT NULL AS is_kit
    FROM wanted LEFT JOIN inventory_kitcomponent kit ON kit.kit_id = wanted.variant_id
)"""
THINGS_WITHOUT_KITS = """
things AS (SELECT listing_id, location_id, variant_id, 1 AS each_takes FROM wanted)"""
# What moved after the time asked for is taken out of the balance again. A row from a clock that runs ahead counts from
# when we knew it.
LATER = """
later AS (
    SELECT level_id,
        CAST(SUM(CASE WHEN bucket = 'on_hand' THEN quantity WHEN bucket IN ('reserved', 'unavailable') THEN -quantity
            ELSE 0 END) AS BIGINT) AS units
    FROM inventory_stockmovement
    WHERE (occurred_at > %(shown_at)s AND recorded_at > %(shown_at)s){known}
    GROUP BY level_id
)"""
KNOWN = " OR recorded_at > %(shown_known)s"
# A rule for a variant beats every rule for a category, so that the two can be looked up apart.
SAFETY = """
safety_rule AS (
    SELECT rule.id, rule.variant_id, rule.units, rule.starts_at, COALESCE(category.path, '') AS path, place.id AS place,
           CASE WHEN rule.location_id IS NOT NULL THEN 2 WHEN rule.group_id IS NOT NULL THEN 1 ELSE 0 END AS place_rank
    FROM inventory_safetystockrule rule
    LEFT JOIN inventory_category category ON category.id = rule.category_id
    JOIN omni_location place ON place.id = rule.location_id
        OR (rule.location_id IS NULL AND (rule.group_id IS NULL OR rule.group_id = place.group_id))
    WHERE rule.starts_at <= %(shown_at)s AND (rule.ends_at IS NULL OR rule.ends_at > %(shown_at)s)
),
safety_of_variant AS (
    SELECT variant_id, place, units FROM (
        SELECT variant_id, place, units, ROW_NUMBER() OVER (
            PARTITION BY variant_id, place ORDER BY place_rank DESC, starts_at DESC, id DESC) AS rank
        FROM safety_rule WHERE variant_id IS NOT NULL) ranked
    WHERE rank = 1
),
safety_of_category AS (
    SELECT category, place, units FROM (
        SELECT branch.category, rule.place, rule.units, ROW_NUMBER() OVER (
            PARTITION BY branch.category, rule.place
            ORDER BY LENGTH(rule.path) DESC, rule.place_rank DESC, rule.starts_at DESC, rule.id DESC) AS rank
        FROM safety_rule rule JOIN branch ON SUBSTR(branch.path, 1, LENGTH(rule.path)) = rule.path
        WHERE rule.variant_id IS NULL) ranked
    WHERE rank = 1
)"""
BUFFERS = """
buffer_rule AS (
    SELECT rule.id, rule.variant_id, rule.units, rule.percent, rule.starts_at, COALESCE(category.path, '') AS path
    FROM inventory_channelbuffer rule LEFT JOIN inventory_category category ON category.id = rule.category_id
    WHERE rule.channel_id = %(shown_channel)s
      AND rule.starts_at <= %(shown_at)s AND (rule.ends_at IS NULL OR rule.ends_at > %(shown_at)s)
),
buffer_of_variant AS (
    SELECT variant_id, id, units, percent FROM (
        SELECT variant_id, id, units, percent,
               ROW_NUMBER() OVER (PARTITION BY variant_id ORDER BY starts_at DESC, id DESC) AS rank
        FROM buffer_rule WHERE variant_id IS NOT NULL) ranked
    WHERE rank = 1
),
buffer_of_category AS (
    SELECT category, units, percent FROM (
        SELECT branch.category, rule.units, rule.percent, ROW_NUMBER() OVER (
            PARTITION BY branch.category ORDER BY LENGTH(rule.path) DESC, rule.starts_at DESC, rule.id DESC) AS rank
        FROM buffer_rule rule JOIN branch ON SUBSTR(branch.path, 1, LENGTH(rule.path)) = rule.path
        WHERE rule.variant_id IS NULL) ranked
    WHERE rank = 1
)"""
BRANCH = """
branch AS (SELECT id AS category, path FROM inventory_category UNION ALL SELECT 0, '')"""
FREE = """
free AS (
    SELECT things.*, level.location_id AS place,
           {greatest}(0, level.on_hand - level.reserved - level.unavailable - COALESCE(later.units, 0){less}) AS units
    FROM things
    JOIN inventory_stocklevel level ON level.variant_id = things.variant_id
    LEFT JOIN later ON later.level_id = level.id{safety}
    WHERE level.location_id = things.location_id
       OR (things.location_id IS NULL AND level.location_id IN (SELECT location_id FROM served))
)"""
LESS_SAFETY = " - COALESCE(of_variant.units, of_category.units, 0)"
JOIN_SAFETY = """
    JOIN inventory_variant variant ON variant.id = level.variant_id
    JOIN inventory_product product ON product.id = variant.product_id
    LEFT JOIN safety_of_variant of_variant
        ON of_variant.variant_id = level.variant_id AND of_variant.place = level.location_id
    LEFT JOIN safety_of_category of_category
        ON of_category.category = COALESCE(product.category_id, 0) AND of_category.place = level.location_id"""
TOTAL = """
total AS (SELECT listing_id, CAST(SUM(units) AS BIGINT) AS units FROM free{plain} GROUP BY listing_id{kits})"""
PLAIN = " WHERE NOT is_kit"
# A kit is made where all its components lie.
KITS = """
    UNION ALL
    SELECT listing_id, CAST(SUM(units) AS BIGINT) FROM (
        SELECT free.listing_id, free.place, MIN(free.units / free.each_takes) AS units
        FROM free
        JOIN (SELECT listing_id, COUNT(*) AS parts FROM things WHERE is_kit GROUP BY listing_id) recipe
            ON recipe.listing_id = free.listing_id
        WHERE free.is_kit
        GROUP BY free.listing_id, free.place, recipe.parts
        HAVING COUNT(*) = recipe.parts) made
    GROUP BY listing_id"""
# Demand without a place that may fall on the locations of a listing.
UNROUTED = """
waiting AS (
    SELECT variant_id, channel_id,
           CAST(SUM(CASE WHEN closed_at IS NULL THEN open_units ELSE quantity END) AS BIGINT) AS units
    FROM inventory_reservation
    WHERE level_id IS NULL AND created_at <= %(shown_at)s AND (closed_at IS NULL OR closed_at > %(shown_at)s)
    GROUP BY variant_id, channel_id
),
demand AS (
    SELECT listing_id, MAX((units + each_takes - 1) / each_takes) AS units FROM (
        SELECT things.listing_id, things.variant_id, things.each_takes, CAST(SUM(waiting.units) AS BIGINT) AS units
        FROM things JOIN waiting ON waiting.variant_id = things.variant_id
        WHERE waiting.channel_id IS NULL OR EXISTS (
            SELECT 1 FROM omni_channellocation other WHERE other.channel_id = waiting.channel_id
            AND (other.location_id = things.location_id
                OR (things.location_id IS NULL AND other.location_id IN (SELECT location_id FROM served))))
        GROUP BY things.listing_id, things.variant_id, things.each_takes) part
    GROUP BY listing_id
)"""
LEFT_OVER = """
left_over AS (
    SELECT wanted.listing_id, wanted.variant_id, {greatest}(0, COALESCE(total.units, 0){less}) AS units
    FROM wanted LEFT JOIN total ON total.listing_id = wanted.listing_id{demand}
)"""
LESS_DEMAND = " - COALESCE(demand.units, 0)"
JOIN_DEMAND = " LEFT JOIN demand ON demand.listing_id = wanted.listing_id"
SHOWN = """
SELECT listing_id, units AS quantity FROM left_over"""
SHOWN_LESS_BUFFER = """
SELECT left_over.listing_id, {greatest}(0, left_over.units - CASE
    WHEN of_variant.id IS NOT NULL THEN COALESCE(of_variant.units, left_over.units * of_variant.percent / 100)
    ELSE COALESCE(of_category.units, left_over.units * of_category.percent / 100, 0) END) AS quantity
FROM left_over
JOIN inventory_variant variant ON variant.id = left_over.variant_id
JOIN inventory_product product ON product.id = variant.product_id
LEFT JOIN buffer_of_variant of_variant ON of_variant.variant_id = left_over.variant_id
LEFT JOIN buffer_of_category of_category ON of_category.category = COALESCE(product.category_id, 0)"""


def statement(
    *, some: bool, here: str, known: bool, kits: bool, safety: bool, buffers: bool, unrouted: bool, postgresql: bool
) -> str:
    """Put the parts together that there are rows for. here: what the listing's location must be, "" for any."""
    greatest = "GREATEST" if postgresql else "MAX"
    parts = [
        WANTED.format(
            some=SOME[postgresql] if some else "", here=f" AND listing.location_id {here}" if here else ""
        ),
        THINGS if kits else THINGS_WITHOUT_KITS,
        LATER.format(known=KNOWN if known else ""),
        BRANCH if safety or buffers else "",
        SAFETY if safety else "",
        BUFFERS if buffers else "",
        FREE.format(
            greatest=greatest, less=LESS_SAFETY if safety else "", safety=JOIN_SAFETY if safety else ""
        ),
        TOTAL.format(plain=PLAIN if kits else "", kits=KITS if kits else ""),
        UNROUTED if unrouted else "",
        LEFT_OVER.format(
            greatest=greatest, less=LESS_DEMAND if unrouted else "", demand=JOIN_DEMAND if unrouted else ""
        ),
    ]  # fmt: skip
    last = SHOWN_LESS_BUFFER if buffers else SHOWN
    return "WITH" + ",".join(part for part in parts if part) + last.format(greatest=greatest)
