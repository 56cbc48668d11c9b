"""The statements that prove the ledger whole, and the words for what each finds. Both databases understand them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.models import Bucket

Row = dict[str, Any]
BUCKETS = [bucket.value for bucket in Bucket]


@dataclass(frozen=True)
class Check:
    """One invariant: the statement whose rows break it, and how a row is told."""

    code: str
    sql: str
    expected: Callable[[Row], str | Promise]
    actual: Callable[[Row], str | Promise]
    cause: Callable[[Row], str | Promise]
    repairable: Callable[[Row], bool] = lambda _row: False


def named(prefix: str) -> Callable[[Row], str]:
    """Figures of a row per bucket, in words."""
    return lambda row: ", ".join(f"{bucket} {row[prefix + bucket]}" for bucket in BUCKETS if differs(row, bucket))


def differs(row: Row, bucket: str) -> bool:
    return row[f"sum_{bucket}"] != row[f"is_{bucket}"]


def always(words: Promise | str) -> Callable[[Row], Promise | str]:
    return lambda _row: words


PLACE = """
    JOIN inventory_variant variant ON variant.id = level.variant_id
    JOIN omni_location location ON location.id = level.location_id"""
SUMS = ",\n        ".join(
    f"CAST(SUM(CASE WHEN bucket = '{bucket}' THEN quantity ELSE 0 END) AS BIGINT) AS {bucket}" for bucket in BUCKETS
)
BALANCES = f"""
WITH ledger AS (
    SELECT level_id, MAX(sequence) AS last_row, COUNT(*) AS row_count,
        {SUMS}
    FROM inventory_stockmovement GROUP BY level_id
)
SELECT level.id AS level_id, variant.sku, location.code AS location, level.sequence,
    COALESCE(ledger.last_row, 0) AS last_row, COALESCE(ledger.row_count, 0) AS row_count,
    {", ".join(f"level.{bucket} AS is_{bucket}, COALESCE(ledger.{bucket}, 0) AS sum_{bucket}" for bucket in BUCKETS)}
FROM inventory_stocklevel level LEFT JOIN ledger ON ledger.level_id = level.id{{place}}
"""  # noqa: S608 (put together from the names of the buckets)


def cause_of_balance(row: Row) -> Promise | str:
    if row["row_count"] != row["last_row"]:
        return _("Rows of the ledger are missing: somebody deleted them past the triggers.")
    if row["sequence"] != row["last_row"]:
        return _("The level and its ledger were written apart: a restore of one table, or a loader that was cut off.")
    return _("The balance was changed without a row in the ledger, by a direct UPDATE.")


CHECKS = [
    Check(
        "I1",
        BALANCES
        + "WHERE "
        + " OR ".join(f"level.{bucket} <> COALESCE(ledger.{bucket}, 0)" for bucket in BUCKETS)
        + " ORDER BY level.id",
        named("sum_"),
        named("is_"),
        cause_of_balance,
        repairable=lambda row: row["row_count"] == row["last_row"],
    ),
    Check(
        "I12",
        BALANCES
        + "WHERE (level.sequence <> COALESCE(ledger.last_row, 0)"
        + " OR COALESCE(ledger.row_count, 0) <> COALESCE(ledger.last_row, 0)) ORDER BY level.id",
        lambda row: _("%(sequence)s rows, the last of number %(sequence)s") % row,
        lambda row: _("%(row_count)s rows, the last of number %(last_row)s") % row,
        cause_of_balance,
    ),
    Check(
        "I12",
        """
SELECT * FROM (
    SELECT entry.level_id, variant.sku, location.code AS location, entry.id AS movement, entry.sequence, entry.bucket,
        entry.balance, entry.running,
        ROW_NUMBER() OVER (PARTITION BY entry.level_id, entry.bucket ORDER BY entry.sequence) AS nth
    FROM (
        SELECT id, level_id, sequence, bucket, quantity, balance,
            SUM(quantity) OVER (PARTITION BY level_id, bucket ORDER BY sequence) AS running
        FROM inventory_stockmovement) entry
    JOIN inventory_stocklevel level ON level.id = entry.level_id{place}
    WHERE entry.running <> entry.balance) wrong
WHERE nth = 1 ORDER BY level_id, sequence""",
        lambda row: _("%(bucket)s %(running)s after row %(sequence)s") % row,
        lambda row: _("%(bucket)s %(balance)s after row %(sequence)s") % row,
        always(_("A row of the ledger was changed or deleted past the triggers, or written by something else.")),
    ),
    Check(
        "I2",
        """
SELECT level.id AS level_id, variant.sku, location.code AS location, level.on_hand, level.reserved, level.unavailable
FROM inventory_stocklevel level{place}
WHERE level.reserved < 0 OR level.unavailable < 0 OR level.in_transit < 0 OR level.incoming < 0
    OR level.on_hand < level.reserved + level.unavailable
ORDER BY level.id""",
        always(_("0 ≤ reserved + unavailable ≤ on hand")),
        lambda row: f"{row['reserved']} + {row['unavailable']} of {row['on_hand']}",
        always(_("A constraint was dropped.")),
    ),
    Check(
        "I3",
        """
WITH promised AS (
    SELECT level_id, CAST(SUM(open_units) AS BIGINT) AS units
    FROM inventory_reservation WHERE state = 'open' AND level_id IS NOT NULL GROUP BY level_id
)
SELECT level.id AS level_id, variant.sku, location.code AS location, level.reserved,
    COALESCE(promised.units, 0) AS promised
FROM inventory_stocklevel level LEFT JOIN promised ON promised.level_id = level.id{place}
WHERE level.reserved <> COALESCE(promised.units, 0) ORDER BY level.id""",
        lambda row: _("reserved %(promised)s") % row,
        lambda row: _("reserved %(reserved)s") % row,
        always(_("A reservation was changed without its movement, or a movement without its reservation.")),
        repairable=lambda _row: True,
    ),
    Check(
        "I5",
        """
WITH on_the_way AS (
    SELECT line.variant_id, transfer.receiver_id, CAST(SUM(line.sent - line.received - line.lost) AS BIGINT) AS units
    FROM inventory_transferline line JOIN inventory_transfer transfer ON transfer.id = line.transfer_id
    WHERE transfer.state = 'sent' GROUP BY line.variant_id, transfer.receiver_id
)
SELECT level.id AS level_id, variant.sku, location.code AS location, level.in_transit,
    COALESCE(on_the_way.units, 0) AS units
FROM inventory_stocklevel level
LEFT JOIN on_the_way ON on_the_way.variant_id = level.variant_id AND on_the_way.receiver_id = level.location_id{place}
WHERE level.in_transit <> COALESCE(on_the_way.units, 0) ORDER BY level.id""",
        lambda row: _("in transit %(units)s") % row,
        lambda row: _("in transit %(in_transit)s") % row,
        always(_("The lines of a transfer and its movements were written apart.")),
        repairable=lambda _row: True,
    ),
    Check(
        "I5",
        """
WITH moved AS (
    SELECT document, CAST(SUM(quantity) AS BIGINT) AS units FROM inventory_stockmovement
    WHERE document <> '' AND document LIKE 'transfer:%' AND bucket IN ('on_hand', 'in_transit') GROUP BY document
), lost AS (
    SELECT 'transfer:' || transfer.public_id AS document, CAST(SUM(line.lost) AS BIGINT) AS units
    FROM inventory_transferline line JOIN inventory_transfer transfer ON transfer.id = line.transfer_id
    GROUP BY transfer.public_id
)
SELECT moved.document AS what, -COALESCE(lost.units, 0) AS lost, moved.units AS moved
FROM moved LEFT JOIN lost ON lost.document = moved.document
WHERE moved.units <> -COALESCE(lost.units, 0) ORDER BY moved.document""",
        lambda row: _("%(lost)s in all") % row,
        lambda row: _("%(moved)s in all") % row,
        always(_("Units vanished between two stores, or appeared there.")),
    ),
    Check(
        "I8",
        """
SELECT public_id AS what, state, open_units FROM inventory_reservation
WHERE state <> 'open' AND open_units <> 0 ORDER BY id""",
        always(_("nothing open")),
        lambda row: _("%(state)s, open %(open_units)s") % row,
        always(_("A closed reservation was changed again.")),
    ),
    Check(
        "I10",
        """
SELECT reservation.public_id AS what, level.id AS level_id, variant.sku, location.code AS location,
    reservation.variant_id AS promised, level.variant_id AS held
FROM inventory_reservation reservation JOIN inventory_stocklevel level ON level.id = reservation.level_id{place}
WHERE reservation.variant_id <> level.variant_id ORDER BY reservation.id""",
        lambda row: _("variant %(held)s") % row,
        lambda row: _("variant %(promised)s") % row,
        always(_("A reservation points to the shelf of another variant.")),
    ),
    Check(
        "kits",
        """
SELECT level.id AS level_id, variant.sku, location.code AS location, level.on_hand, level.reserved, level.in_transit
FROM inventory_stocklevel level{place}
WHERE (level.on_hand <> 0 OR level.reserved <> 0 OR level.in_transit <> 0)
    AND (NOT variant.is_stocked OR EXISTS (
        SELECT 1 FROM inventory_kitcomponent kit WHERE kit.kit_id = variant.id))
ORDER BY level.id""",
        always(_("no stock of its own")),
        lambda row: _("on hand %(on_hand)s, reserved %(reserved)s") % row,
        always(_("The variant became a kit, or stopped being counted, while units of it lay on a shelf.")),
        repairable=lambda row: not row["reserved"] and not row["in_transit"],
    ),
    Check(
        "I11",
        """
SELECT 'listing ' || listing_id AS what, version, sent_version, pushed_version FROM inventory_listingstate
WHERE sent_version > version OR pushed_version > version ORDER BY listing_id""",
        lambda row: _("at most version %(version)s") % row,
        lambda row: _("sent %(sent_version)s, pushed %(pushed_version)s") % row,
        always(_("A push was noted that was never owed.")),
    ),
]  # fmt: skip
