"""The demo's listings and rules; the stand-in shops are told of them through their files, as a real shop would be."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db.models import Sum

from inventory.models import Category, ChannelBuffer, Listing, ListingState, SafetyStockRule, StockLevel, StockMovement
from inventory.queries.listings import shown_on
from inventory.queries.prices import prices_of
from omni.connectors import connect
from omni.connectors.base import ChannelConnector, ListingRef, ListingWrite, StockWrite
from omni.db import analyze, insert_rows
from omni.demo_shop import DemoShop, apply_inbox
from omni.models import Channel, ConnectorAccount, Origin
from omni.services.demo import TILL_ACCOUNT, WEB, WEB_ACCOUNT, web_stores
from omni.services.loading import Load, Shard

WEB_LISTINGS = 400
RULES_AGE = timedelta(days=19)
RULED_CATEGORY = "grocery/fluid-milk-products"
SHOWN_COLUMNS = [
    "listing_id", "dirty", "version", "sent_version", "sent_quantity", "sent_at", "pushed_version", "pushed_quantity",
    "pushed_at", "seen_quantity", "seen_version", "seen_at", "in_step",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a stand-in was told of one listing, and the version that it gave to it."""

    listing_id: int
    quantity: int
    version: str


def load_shelves(task: Load) -> list[Shard]:
    """Rules, then listings: every stocked shelf at the tills, the fast sellers in the web shop; then the two shops."""
    return [
        Shard("rules", 10, partial(make_rules, task)),
        Shard("listings", 4_000, partial(make_listings, task)),
        Shard("web shop", 1_000, partial(note_shown, task), partial(open_shop, WEB_ACCOUNT, task.at)),
        Shard("tills", 20_000, partial(note_shown, task), partial(open_shop, TILL_ACCOUNT, task.at)),
    ]


def make_rules(task: Load) -> dict[str, int]:
    """Two rules, so that a figure has something to be explained by."""
    since = task.at - RULES_AGE
    dairy = Category.objects.filter(code=RULED_CATEGORY).first()
    if dairy:
        SafetyStockRule.objects.create(
            name="Milk: 2 a store", category=dairy, units=2, starts_at=since, origin=Origin.MADE_UP
        )
    web = Channel.objects.get(code=WEB)
    ChannelBuffer.objects.create(
        name="Web shop: 10 %, rounded down", channel=web, percent=10, starts_at=since, origin=Origin.MADE_UP
    )
    return {}


def make_listings(task: Load) -> dict[str, int]:
    tills = ConnectorAccount.objects.get(code=TILL_ACCOUNT).pk
    shelves = StockLevel.objects.order_by("location", "variant").values_list("variant", "location", "variant__sku")
    rows: list[tuple] = [(tills, variant, place, sku, sku, task.at) for variant, place, sku in shelves]
    web = ConnectorAccount.objects.get(code=WEB_ACCOUNT).pk
    pooled: list[tuple] = [(web, variant, None, sku, sku, task.at) for variant, sku in fast_sellers(task)]
    names = ["account_id", "variant_id", "location_id", "remote_id", "remote_sku", "listed_at"]
    insert_rows(Listing, names, rows + pooled)
    return {"till_listings": len(rows), "web_listings": len(pooled)}


def fast_sellers(task: Load) -> list[tuple[int, str]]:
    """What the stores of the web shop sold most of, and what has a price."""
    sold = (
        StockMovement.objects.filter(kind=StockMovement.Kind.SALE, level__location__in=web_stores(task))
        .exclude(level__variant__prices=None)
        .values_list("level__variant", "level__variant__sku")
        .annotate(units=Sum("quantity"))
        .order_by("units", "level__variant")
    )
    return [(variant, sku) for variant, sku, _units in sold[:WEB_LISTINGS]]


def open_shop(code: str, at: datetime) -> list[Told]:
    """
    Set a stand-in up anew: tell it of its listings and their stock, let it read, and read what it answers.

    Its books of an earlier demo go, or it would refuse figures whose version is older than what it remembers.
    """
    account = ConnectorAccount.objects.select_related("channel").get(code=code)
    folder = Path(settings.FEED_ROOT) / account.config["folder"]
    shutil.rmtree(folder, ignore_errors=True)
    shop = DemoShop(folder)
    connector = connect(account.kind, {**account.config, "root": str(settings.FEED_ROOT)}, {})
    analyze()
    refs = tell(account, connector, at)
    apply_inbox(shop)
    return list(answers(connector, refs))


def tell(account: ConnectorAccount, connector: ChannelConnector, at: datetime) -> dict[ListingRef, int]:
    """Write listings and stock in bulks that the connector takes. Returns the listings by their reference."""
    figures = {row.listing_id: row.quantity for row in shown_on(account, at=at)}
    rows = account.listings.live().order_by("pk").values_list(
        "pk", "remote_sku", "location__code", "variant", "variant__product__name", "variant__size"
    )  # fmt: skip
    quotes = prices_of({row[3] for row in rows}, channel=account.channel, at=at)
    listings, refs = iter(rows), {}
    while some := list(islice(listings, connector.capabilities.bulk_limit)):
        offers, writes = [], []
        for pk, sku, place, variant, name, size in some:
            ref = ListingRef(sku, sku, place)
            refs[ref] = pk
            quote = quotes.get(variant)
            price = (quote.amount_minor, quote.currency) if quote else (None, None)
            offers.append(ListingWrite(sku, f"{name} {size}".strip(), place, *price))
            writes.append(StockWrite(ref, figures.get(pk, 0), version=1))
        connector.write_listings(offers)
        connector.write_stock(writes, uuid4())
    return refs


def answers(connector: ChannelConnector, refs: dict[ListingRef, int]) -> Iterator[Told]:
    """What the shop confirms, file by file, until there is no more."""
    cursor = None
    while (page := connector.write_results(cursor)).batch:
        for result in page.items:
            if result.outcome == "applied" and result.actual is not None:
                ref = ListingRef(result.ref.sku, result.ref.sku, result.ref.location)
                yield Told(refs[ref], result.actual, result.actual_version or "")
        connector.acknowledge(page)
        cursor = page.next_cursor


def note_shown(task: Load, told: list[Told]) -> dict[str, int]:
    """The listings are in step from the start: nothing is owed, so nothing will be pushed."""
    at = task.at
    rows = [
        (one.listing_id, False, 1, 1, one.quantity, at, 1, one.quantity, at, one.quantity, one.version, at, True)
        for one in told
    ]
    insert_rows(ListingState, SHOWN_COLUMNS, rows)
    return {"listings_in_step": len(rows)}
