"""
Reserving on PostgreSQL: check and promise in one statement and one round trip (the function reserve_v1).

Outside a transaction the statement is its own. What it does is what .promises does, row for row.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from inventory.models import Reservation, Variant
from inventory.services.ledger import check_units, lacking
from inventory.services.promises import Demand, differing
from omni.models import Channel, Location, User
from omni.queue import poke

RESERVE = "SELECT reserve_v1(%s, %s, %s, %s, %s, %s::bigint[], %s::bigint[], %s::integer[])"


def reserve(
    *,
    holder: str,
    demands: Sequence[Demand],
    channel: Channel | None,
    until: datetime | None,
    by: User | None,
    at: datetime,
) -> list[Reservation]:
    """See .reservations.reserve; every demand has a location."""
    for demand in demands:
        check_units(demand.variant, demand.quantity)
    places = [demand.location for demand in demands if demand.location]
    answer = ask(
        RESERVE,
        holder, channel.pk if channel else None, until, at, by.pk if by else None,
        [demand.variant.pk for demand in demands], [place.pk for place in places],
        [demand.quantity for demand in demands],
    )  # fmt: skip
    if "lacks" in answer:
        raise lacking([lack_of(row) for row in answer["lacks"]])
    held = {row[3]: row for row in answer["held"]}
    if answer.get("differs"):
        variant, promised, asked, _pk = next(row for row in answer["held"] if row[1] != row[2])
        raise differing(Variant.objects.get(pk=variant), promised, asked)
    if answer["marked"]:
        transaction.on_commit(partial(poke, "inventory.schedule_push"))
    variants = {demand.variant.pk: demand.variant for demand in demands}
    made = [promise_of(row, variants, holder=holder, channel=channel, until=until, at=at) for row in answer["made"]]
    if not held:
        return made
    known = Reservation.objects.filter(pk__in=held).select_related("variant")
    return sorted([*made, *known], key=lambda row: (row.variant_id, row.level_id or 0))


def ask(statement: str, *values: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        answer = cursor.fetchone()[0]
    return json.loads(answer) if isinstance(answer, str) else answer


def promise_of(row: list[Any], variants: dict[int, Variant], **said: Any) -> Reservation:
    """The reservation as the database keeps it, without asking for it again."""
    pk, public_id, variant, level, quantity = row
    names = ["id", "public_id", "holder", "variant_id", "level_id", "channel_id", "quantity", "committed", "released",
             "short", "open_units", "state", "until", "created_at", "closed_at"]  # fmt: skip
    channel = said["channel"].pk if said["channel"] else None
    values = [pk, public_id, said["holder"], variant, level, channel, quantity, 0, 0, 0, quantity,
              Reservation.State.OPEN, said["until"], said["at"], None]  # fmt: skip
    promise = Reservation.from_db("default", names, values)
    if variant in variants:
        promise.variant = variants[variant]
    return promise


def lack_of(row: list[int]) -> dict[str, Any]:
    variant, location, asked, available = row
    names = Variant.objects.filter(pk=variant).values_list("sku", flat=True)
    places = Location.objects.filter(pk=location).values_list("name", flat=True)
    return {"sku": names.get(), "location": places.get(), "asked": asked, "available": max(0, available)}
