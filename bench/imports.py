"""
Importing a file of stock levels: read, checked cell by cell, previewed, and booked as movements.

The first limit is COPY alone: the same levels and movements, their keys looked up beforehand, nothing checked. The
second is what django-import-export does by default (preview, then import, row by row, without any ledger), measured on
a small part of the rows and extrapolated: its time grows with the rows, so this flatters it a little.
"""

import io
import statistics
import time
from collections.abc import Iterator

import tablib
from django.db import connection
from django.utils import timezone
from import_export import fields, resources, widgets

from bench import world
from bench.correctness import check, deadlocks, must
from bench.harness import Claim, compare
from inventory.models import StockLevel, Variant
from omni.models import ChangeSet, Location, User
from omni.services import changes

VARIANTS, PLACES = 5_000, 20
SAMPLE = 500
COPY_LEVELS = "COPY inventory_stocklevel (id, variant_id, location_id, on_hand, sequence) FROM STDIN"
COPY_MOVEMENTS = """
COPY inventory_stockmovement (level_id, sequence, bucket, quantity, balance, kind, reason, source, external_id,
    occurred_at) FROM STDIN
"""
Line = tuple[str, str, int]


class Levels(resources.ModelResource):
    """The library's own way of importing stock levels, as its documentation shows it."""

    variant = fields.Field("variant", "variant", widgets.ForeignKeyWidget(Variant, "sku"))
    location = fields.Field("location", "location", widgets.ForeignKeyWidget(Location, "code"))

    class Meta:
        model = StockLevel
        import_id_fields = ("variant", "location")
        fields = ("variant", "location", "on_hand")


def claims(rounds: int, scale: float) -> Iterator[Claim]:
    lines = seed(max(20, int(VARIANTS * scale)))
    rates: list[float] = []

    def ours() -> float:
        rates.append(import_file(lines))
        return rates[-1]

    yield compare(
        f"import {len(lines):,} stock levels (limit: COPY)",
        ours=ours,
        limit=lambda: copy_rows(lines),
        unit="rows/s",
        rounds=rounds,
        goal=0.3,
    )
    yield compare(
        f"import (limit: the library's default, {min(SAMPLE, len(lines))} rows)",
        ours=lambda: statistics.median(rates),
        limit=lambda: by_the_library(lines[:SAMPLE]),
        unit="rows/s",
        rounds=min(rounds, 3),
        goal=50,
    )


def seed(variants: int) -> list[Line]:
    world.empty()
    world.places(PLACES)
    world.catalogue(variants)
    return [
        (world.sku(variant), f"bench-{place}", world.figure(variant, place))
        for variant in range(1, variants + 1)
        for place in range(1, PLACES + 1)
    ]


def forget() -> None:
    world.execute("TRUNCATE inventory_stocklevel, omni_changeset, omni_jobrun CASCADE")


def author() -> User:
    found, _made = User.objects.get_or_create(username="bench", defaults={"is_superuser": True})
    return found


def import_file(lines: list[Line]) -> float:
    """Rows a second, from the file's arrival to its last movement."""
    forget()
    before, by = deadlocks(), author()
    text = "sku,location,on_hand\n" + "".join(f"{sku},{place},{units}\n" for sku, place, units in lines)
    begun = time.perf_counter()
    file = io.BytesIO(text.encode())
    sent = changes.create_change_set(kind="stock", file=file, file_name="stock.csv", by=by, at=timezone.now())
    checked = changes.check(change_set=sent, at=timezone.now())
    must(checked.state == ChangeSet.State.PREVIEW, f"the file was not taken: {checked.problem}")
    changes.apply(change_set=checked, by=by, at=timezone.now())
    applied = changes.finish_applying(change_set=checked, at=timezone.now())
    seconds = time.perf_counter() - begun
    must(applied.counts["done"] == len(lines), f"{applied.counts} of {len(lines)} rows")
    check_stock(lines)
    check(deadlocks_before=before)
    return len(lines) / seconds


def copy_rows(lines: list[Line]) -> float:
    forget()
    variants = dict(Variant.objects.values_list("sku", "pk"))
    places = dict(Location.objects.values_list("code", "pk"))
    now = timezone.now().isoformat()
    levels = "".join(
        f"{row}\t{variants[sku]}\t{places[place]}\t{units}\t1\n" for row, (sku, place, units) in enumerate(lines, 1)
    )
    movements = "".join(
        f"{row}\t1\ton_hand\t{units}\t{units}\topening\timport\tbench\t{row}\t{now}\n"
        for row, (_sku, _place, units) in enumerate(lines, 1)
    )
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        for statement, rows in ((COPY_LEVELS, levels), (COPY_MOVEMENTS, movements)):
            with cursor.copy(statement) as copy:
                copy.write(rows)
    seconds = time.perf_counter() - begun
    check_stock(lines)
    return len(lines) / seconds


def by_the_library(lines: list[Line]) -> float:
    forget()
    data = tablib.Dataset(*lines, headers=["variant", "location", "on_hand"])
    begun = time.perf_counter()
    for dry_run in (True, False):
        result = Levels().import_data(data, dry_run=dry_run, use_transactions=True, raise_errors=True)
    seconds = time.perf_counter() - begun
    must(result.totals["new"] == len(lines), f"the library imported {dict(result.totals)}")
    check_stock(lines)
    return len(lines) / seconds


def check_stock(lines: list[Line]) -> None:
    there = world.scalar("SELECT SUM(on_hand) FROM inventory_stocklevel")
    must(there == sum(units for _sku, _place, units in lines), f"{there} units are there after the import")
