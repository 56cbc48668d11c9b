"""
A retailer of any size, seeded by a few statements: places, variants, stock that adds up, accounts, listings.

Everything has a number, and what it holds follows from its number, so that nothing need be looked up again.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from omni.models import Channel, ChannelLocation, ConnectorAccount, Location, RemoteLocationLink

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
PRODUCTS = """
INSERT INTO inventory_product (public_id, code, name, brand, maker, size_chart, origin)
SELECT 'benchp' || n, 'BP' || n, 'Bench product ' || n, '', '', '{}', 'made_up' FROM generate_series(1, %(count)s) n
"""
VARIANTS = """
INSERT INTO inventory_variant (public_id, product_id, sku, options, size, plausible_units)
SELECT 'benchv' || n, product.id, 'B' || lpad(n::text, 7, '0'), '{}', '', 1000000
FROM generate_series(1, %(count)s) n JOIN inventory_product product ON product.code = 'BP' || ((n - 1) / 10 + 1)
"""
LEVELS = """
INSERT INTO inventory_stocklevel (variant_id, location_id, on_hand, sequence)
SELECT variant.id, place.id, COALESCE(%(units)s, (substr(variant.sku, 2)::int * 7 + place.number * 3) %% 40 + 1), 1
FROM inventory_variant variant
CROSS JOIN unnest(%(places)s::bigint[]) WITH ORDINALITY place (id, number)
ORDER BY variant.id, place.number
"""
OPENINGS = """
INSERT INTO inventory_stockmovement
    (level_id, sequence, bucket, quantity, balance, kind, source, external_id, occurred_at, recorded_at)
SELECT id, 1, 'on_hand', on_hand, on_hand, 'opening', 'bench', id::text, %(at)s, %(at)s FROM inventory_stocklevel
"""
LISTINGS = """
INSERT INTO inventory_listing (account_id, variant_id, location_id, remote_id, remote_sku, listed_at)
SELECT %(account)s, variant.id, place, variant.sku, variant.sku, %(at)s
FROM inventory_variant variant CROSS JOIN unnest(%(places)s::bigint[]) place
"""
STATES = """
INSERT INTO inventory_listingstate
    (listing_id, dirty, pushed_version, sent_version, sent_quantity, pushed_quantity, seen_quantity, seen_at, in_step)
SELECT listing.id, FALSE, 1, 1, level.on_hand, level.on_hand, level.on_hand, %(at)s, TRUE
FROM inventory_listing listing
LEFT JOIN inventory_stocklevel level
    ON level.variant_id = listing.variant_id AND level.location_id = listing.location_id
WHERE listing.account_id = %(account)s
"""


def execute(sql: str, **params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def scalar(sql: str, **params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


def dsn() -> str:
    """How a bare client reaches the database that Django uses."""
    settings = connection.get_connection_params()
    return " ".join(f"{name}={settings[name]}" for name in ("host", "port", "user", "password", "dbname")
                    if settings.get(name))  # fmt: skip


def url() -> str:
    """The same as an address, for a process that sets Django up by itself."""
    said = connection.settings_dict
    secret = f":{said['PASSWORD']}" if said["PASSWORD"] else ""
    return f"postgres://{said['USER']}{secret}@{said['HOST'] or '127.0.0.1'}:{said['PORT'] or 5432}/{said['NAME']}"


def empty() -> None:
    """Forget the retailer of another bench."""
    execute("TRUNCATE omni_location, omni_channel, inventory_product, omni_activity, omni_idempotencykey CASCADE")


def sku(number: int) -> str:
    return f"B{number:07d}"


def figure(variant: int, place: int) -> int:
    """Units of variant number ``variant`` at place number ``place``, when the world was seeded without a figure."""
    return (variant * 7 + place * 3) % 40 + 1


def places(count: int) -> list[Location]:
    return [Location.objects.create(code=f"bench-{n}", name=f"Bench {n}") for n in range(1, count + 1)]


def catalogue(variants: int) -> None:
    """Seed variants 1 to ``variants``, ten to a product."""
    execute(PRODUCTS, count=(variants - 1) // 10 + 1)
    execute(VARIANTS, count=variants)
    execute("ANALYZE inventory_variant")


def stock(*, at: Sequence[Location], units: int | None = None) -> None:
    """Lay ``units`` of each variant (or what its number says) at each place."""
    execute(LEVELS, places=[place.pk for place in at], units=units)
    execute(OPENINGS, at=OPENED)
    execute("ANALYZE inventory_stocklevel, inventory_stockmovement")


def account(code: str, *, at: Sequence[Location], per_shelf: bool, kind: str = "feed") -> ConnectorAccount:
    """An account that lists everything: each shelf by itself, or one pooled figure; nothing is owed."""
    channel = Channel.objects.create(code=code, name=code, sells=True, pooled=not per_shelf)
    ChannelLocation.objects.bulk_create(ChannelLocation(channel=channel, location=place) for place in at)
    made = ConnectorAccount.objects.create(channel=channel, code=code, name=code, kind=kind, config={"folder": code})
    links = [RemoteLocationLink(account=made, remote_id=place.code, location=place) for place in at]
    RemoteLocationLink.objects.bulk_create(links)
    shelves = [place.pk for place in at] if per_shelf else [None]
    execute(LISTINGS, account=made.pk, places=shelves, at=OPENED)
    execute(STATES, account=made.pk, at=timezone.now())
    execute("ANALYZE inventory_listing, inventory_listingstate")
    return made
