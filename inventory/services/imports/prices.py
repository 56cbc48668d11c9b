"""Prices from files."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime

from inventory.models import Price, PriceList, Variant
from omni.money import to_minor

BATCH = 1000


@transaction.atomic
def merge(*, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    """Make or change prices and the lists that hold them; what a row does not name stays as it is."""
    lists = merge_lists(rows)
    variants = dict(Variant.objects.filter(sku__in={row["sku"] for row in rows}).values_list("sku", "pk"))
    prices = [
        Price(
            price_list=lists[row["price_list"]],
            variant_id=variants[row["sku"]],
            amount_minor=to_minor(Decimal(row["amount"]), lists[row["price_list"]].currency),
        )
        for row in rows
        if "amount" in row
    ]
    Price.objects.bulk_create(
        prices,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["price_list", "variant"],
        update_fields=["amount_minor"],
    )


def merge_lists(rows: Sequence[dict[str, Any]]) -> dict[str, PriceList]:
    """The lists of these rows by code, with the period that the rows say; what is missing is made."""
    said = {row["price_list"]: row for row in rows}
    lists = {found.code: found for found in PriceList.objects.filter(code__in=said)}
    for code, row in said.items():
        if code not in lists:
            lists[code] = PriceList(code=code, name=code, currency=row["currency"])
        changed = lists[code].pk is None
        for name, field in (("starts", "starts_at"), ("ends", "ends_at")):
            if name in row and getattr(lists[code], field) != parse_datetime(row[name]):
                setattr(lists[code], field, parse_datetime(row[name]))
                changed = True
        if changed:
            lists[code].save()
    return lists


@transaction.atomic
def remove(*, keys: Sequence[tuple[str, str]], new_lists: set[str]) -> None:
    """Delete prices by list and SKU, and those of the lists that an import made which are empty then."""
    skus: dict[str, list[str]] = {}
    for price_list, sku in keys:
        skus.setdefault(price_list, []).append(sku)
    for price_list, names in skus.items():
        Price.objects.filter(price_list__code=price_list, variant__sku__in=names).delete()
    PriceList.objects.filter(code__in=new_lists, prices=None).delete()
