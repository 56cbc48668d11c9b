"""What every listing should show, for whole accounts at once: the formula of .availability as one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from inventory.models import ChannelBuffer, KitComponent, Reservation, SafetyStockRule
from inventory.queries.listing_sql import statement
from omni.db import on_postgresql
from omni.models import ConnectorAccount


@dataclass(frozen=True)
class Shown:
    """What a listing should show, in whole units."""

    listing_id: int
    quantity: int


def shown_on(
    account: ConnectorAccount,
    *,
    at: datetime,
    known_at: datetime | None = None,
    listing_ids: Collection[int] | None = None,
) -> list[Shown]:
    """
    What each live listing of an account should show at a time, in one statement; see .availability for the formula.

    known_at: as far as we knew at that time. listing_ids: only these.
    """
    sql, params = shown_sql(account, at=at, known_at=known_at, listing_ids=listing_ids)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Shown(*row) for row in cursor.fetchall()]


def shown_sql(
    account: ConnectorAccount,
    *,
    at: datetime,
    known_at: datetime | None = None,
    listing_ids: Collection[int] | None = None,
    here: str = "",
) -> tuple[str, dict[str, Any]]:
    """
    The statement behind ``shown_on``: columns listing_id and quantity, and its named parameters (all begin with
    ``shown_``). It may stand in brackets inside another statement.

    here: only listings whose location is this, in the caller's words: ``IS NULL``, ``= %(location)s``.
    """
    time = connection.ops.adapt_datetimefield_value
    params: dict[str, Any] = {
        "shown_account": account.pk, "shown_channel": account.channel_id, "shown_at": time(at),
        "shown_known": time(known_at) if known_at else None,
    }  # fmt: skip
    if listing_ids is not None:
        wanted = sorted(listing_ids)
        params["shown_ids"] = wanted if on_postgresql() else str(wanted)
    sql = statement(
        some=listing_ids is not None,
        here=here,
        known=known_at is not None,
        kits=KitComponent.objects.exists(),
        safety=SafetyStockRule.objects.valid(at).exists(),
        buffers=ChannelBuffer.objects.valid(at).filter(channel=account.channel_id).exists(),
        unrouted=Reservation.objects.filter(level=None).exists(),
        postgresql=on_postgresql(),
    )
    return sql, params
