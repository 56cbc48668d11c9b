"""What listings owe: marked here when stock moves, pushed and cleared by the exchange with the channels."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from itertools import islice

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from inventory.models import KitComponent, Listing, ListingState, Variant
from omni.db import on_postgresql
from omni.models import Channel, ConnectorAccount
from omni.queue import poke

PLACES_AT_ONCE = 500
LISTINGS_AT_ONCE = 5_000
# A listing shows what moved when it is of that variant, or of a kit with it, at that shelf, or pooled over locations
# of a channel that serves that shelf.
TOUCHED = """
WITH moved (variant_id, location_id) AS (VALUES {places}),
touched AS (
    SELECT variant_id, location_id FROM moved
    UNION
    SELECT kit.kit_id, moved.location_id
    FROM moved JOIN inventory_kitcomponent kit ON kit.component_id = moved.variant_id
)
SELECT state.listing_id FROM inventory_listingstate state WHERE state.listing_id IN (
    SELECT listing.id
    FROM touched
    JOIN inventory_listing listing ON listing.variant_id = touched.variant_id AND listing.ended_at IS NULL
    JOIN omni_connectoraccount account ON account.id = listing.account_id
    WHERE listing.location_id = touched.location_id
       OR (listing.location_id IS NULL AND EXISTS (
            SELECT 1 FROM omni_channellocation served
            WHERE served.channel_id = account.channel_id AND served.location_id = touched.location_id))
)
ORDER BY state.listing_id {lock}
"""


def mark_dirty(places: Collection[tuple[int, int]], *, at: datetime) -> int:
    """
    Note that listings may have to show another figure, because stock moved at these (variant, location) keys.

    Their version grows, so that an older push never overwrites it. After commit the push is poked. Returns how many.
    Only inside a transaction, and last in it: the rows stay locked until its end.
    """
    rest, marked = iter(sorted(places)), 0
    while some := list(islice(rest, PLACES_AT_ONCE)):
        marked += mark(touched_by(some), at=at)
    if marked:
        transaction.on_commit(partial(poke, "inventory.schedule_push"))
    return marked


def mark_variants(
    variants: QuerySet[Variant],
    *,
    at: datetime,
    locations: Collection[int] | None = None,
    channel: Channel | None = None,
) -> int:
    """
    Note that every live listing of these variants, or of a kit with one of them, may have to show another figure.

    For what changes figures without moving stock: rules, kits, categories. locations, channel: only what these show.
    Inside a transaction, and last in it. Returns how many.
    """
    keys = variants.order_by().values("pk")
    kits = KitComponent.objects.filter(component__in=keys).values("kit")
    touched = Listing.objects.live().filter(Q(variant__in=keys) | Q(variant__in=kits))
    if locations is not None:
        pooled = Q(location=None, account__channel__channel_locations__location__in=locations)
        touched = touched.filter(Q(location__in=locations) | pooled)
    if channel:
        touched = touched.filter(account__channel=channel)
    rest, marked = iter(list(touched.order_by("pk").values_list("pk", flat=True).distinct())), 0
    while some := list(islice(rest, LISTINGS_AT_ONCE)):
        marked += mark(locked(some), at=at)
    if marked:
        transaction.on_commit(partial(poke, "inventory.schedule_push"))
    return marked


def mark_places(account: ConnectorAccount, skus: Collection[str], *, at: datetime) -> int:
    """
    Note that what these SKUs show at each place of an account is in doubt: it sold some and does not say where.

    Told again at every place, the shop sells from there what we say. Inside a transaction, and last in it.
    """
    rows = Listing.objects.live().filter(account=account, remote_sku__in=skus).exclude(location=None)
    marked = mark(locked(list(rows.values_list("pk", flat=True))), at=at)
    if marked:
        transaction.on_commit(partial(poke, "inventory.schedule_push"))
    return marked


def locked(listing_ids: list[int]) -> list[int]:
    """Those of the listings that have a state, locked in ascending order."""
    states = ListingState.objects.filter(listing__in=listing_ids).order_by("listing")
    return list(states.select_for_update(no_key=True).values_list("listing", flat=True))


def touched_by(places: list[tuple[int, int]]) -> list[int]:
    """Keys of the listings that show these places, locked in ascending order."""
    placeholders = ", ".join(["(%s, %s)"] * len(places))
    lock = "FOR NO KEY UPDATE" if on_postgresql() else ""
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED.format(places=placeholders, lock=lock), [key for place in places for key in place])
        return [row[0] for row in cursor.fetchall()]


def mark(listing_ids: list[int], *, at: datetime) -> int:
    if not listing_ids:
        return 0
    states = ListingState.objects.filter(listing_id__in=listing_ids)
    return states.update(version=F("version") + 1, dirty=True, dirty_since=Coalesce(F("dirty_since"), Value(at)))
