"""
Connecting a shop that exists already: what it sells becomes our listings, and, if asked for, our catalogue.

Nothing is written to the shop here. What is only known there can be taken over with its stock, as a receipt that the
shop counted; what we know already keeps our figure, which the next push tells the shop.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import Category, Listing, ListingState, PriceList, Variant
from inventory.queries.places import Places, places_of
from inventory.services import catalogue, categories, prices, stock
from omni.connectors.base import ChannelConnector, Cursor, Page, RemoteListing
from omni.connectors.errors import ConnectorError
from omni.errors import RuleBroken
from omni.models import Channel, ConnectorAccount, ConnectorCursor, Location, User
from omni.services import accounts, channels, locations
from omni.services.health import connector_of, sentence

MOST_LOOKS = 8
CLOCKS_DIFFER_BY = timedelta(minutes=1)
TICK = timedelta(milliseconds=1)


class NotConnected(RuleBroken):
    """The shop does not answer, or it does not let us in."""

    code = "not_connected"
    status = 409


class TooBusy(RuleBroken):
    """Orders came in at each look at the shop's stock: which of them it holds cannot be told."""

    code = "too_busy"
    status = 409


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to connect: a vendor's kind, what its form asks, and our words for it."""

    kind: str
    code: str
    name: str
    values: Mapping[str, str]
    places: Mapping[str, str]
    """Our location codes by the vendor's ids; a place that is not named becomes a warehouse of its own."""
    take_over: bool = False
    """Take SKUs that only the shop knows into our catalogue, under a category of the shop's name."""


@dataclass(frozen=True, slots=True)
class Connected:
    """What came of it, counted."""

    account: ConnectorAccount
    listed: int
    taken_over: int
    unknown: int


def connect_shop(*, wanted: Wanted, by: User | None, at: datetime) -> Connected:
    """
    Make or renew the account, link its places and list what both know. Repeating it changes nothing that is there.

    Never inside a transaction. Raises NotConnected, and RuleBroken of the parts.
    """
    account = account_for(wanted, by=by, at=at)
    health = accounts.try_out(account=account, by=by, at=at)
    if not health.ok:
        raise NotConnected(str(health.sentence))
    accounts.fetch_places(account=account, by=by, at=at)
    link(account, wanted, by=by, at=at)
    connector = connector_of(account)
    try:
        offers = list(everything(connector.listings))
        figures = stock_and_orders(account, connector, at=at)
    except ConnectorError as error:
        raise NotConnected(sentence(error)) from error
    result = take_in(account, wanted, offers, figures, by=by, at=at)
    accounts.set_enabled(account=account, enabled=True, by=by, at=at)
    return result


def account_for(wanted: Wanted, *, by: User | None, at: datetime) -> ConnectorAccount:
    account = ConnectorAccount.objects.filter(code=wanted.code).first()
    if account is not None:
        return accounts.change(
            account=account, name=wanted.name, policy=account.policy, values=wanted.values, by=by, at=at
        )
    channel = Channel.objects.filter(code=wanted.code).first() or channels.add(
        code=wanted.code, locations=[], by=by, at=at, name=wanted.name, hue=Channel.Hue.WEB, sells=True, serves=True,
        pooled=False, position=25,
    )  # fmt: skip
    return accounts.add(
        code=wanted.code, name=wanted.name, kind=wanted.kind, channel=channel, policy=ConnectorAccount.Policy.ASK,
        values=wanted.values, by=by, at=at,
    )  # fmt: skip


def link(account: ConnectorAccount, wanted: Wanted, *, by: User | None, at: datetime) -> None:
    """Say which of our places each of the shop's is, and let the channel promise their stock."""
    links: dict[str, Location | None] = {}
    for row in account.location_links.filter(location=None):
        code = wanted.places.get(row.remote_id) or f"{wanted.code}-{row.remote_id}".lower()
        place = Location.objects.filter(code=code).first() or locations.add(
            code=code, name=f"{wanted.name}: {row.remote_name}"[:80], kind=Location.Kind.WAREHOUSE, by=by, at=at
        )
        links[row.remote_id] = place
    accounts.link_places(account=account, links=links, by=by, at=at)
    served = Location.objects.filter(remote_links__account=account)
    channels.serve(account.channel, [*account.channel.locations.all(), *served])


def stock_and_orders(account: ConnectorAccount, connector: ChannelConnector, *, at: datetime) -> dict[Any, int]:
    """
    Read the shop's stock; orders count from then on, because it has lost those of before already.

    An account that was connected before keeps its place in the orders. Raises TooBusy while orders keep coming in.
    """
    if account.cursors.filter(stream="orders").exists():
        return available(connector)
    start = connector.orders_from(at - CLOCKS_DIFFER_BY)
    for _turn in range(MOST_LOOKS):
        before = {sale.key: sale.placed_at for sale in everything(connector.orders, start)}
        figures = available(connector)
        if {sale.key for sale in everything(connector.orders, start)} == before.keys():
            begin = max([placed + TICK for placed in before.values()], default=at - CLOCKS_DIFFER_BY)
            value = connector.orders_from(begin) or {}
            ConnectorCursor.objects.get_or_create(
                account=account, stream="orders", defaults={"value": value, "read_at": at}
            )
            return figures
    raise TooBusy(_("People are buying all the time in this shop. Connect it at a quieter time."))


def available(connector: ChannelConnector) -> dict[Any, int]:
    return {item.ref: item.available for item in everything(connector.stock)}


def everything(read: Any, cursor: Cursor | None = None) -> Iterator[Any]:
    """All items of all pages of one stream."""
    while True:
        page: Page[Any] = read(cursor=cursor)
        yield from page.items
        if not page.has_more:
            return
        cursor = page.next_cursor


@transaction.atomic
def take_in(
    account: ConnectorAccount, wanted: Wanted, offers: Iterable[RemoteListing], figures: Mapping[Any, int], *,
    by: User | None, at: datetime,
) -> Connected:  # fmt: skip
    """Make listings of what both know; take over the rest if that was asked for."""
    places = places_of(account)
    listed = unknown = 0
    fresh: dict[str, Variant] = {}
    for offer in offers:
        sku, units = offer.ref.sku, figures.get(offer.ref)
        variant = fresh.get(sku) or Variant.objects.filter(sku=sku).first()
        if variant is None and wanted.take_over and sku:
            variant = fresh[sku] = take_over(offer, wanted, account.channel, by=by, at=at)
        if variant is None:
            unknown += 1
            continue
        if sku in fresh:
            receive(account, variant, offer, places, units, by=by, at=at)
        listed += list_one(account, variant, offer, places, units, in_step=sku in fresh, at=at)
    return Connected(account, listed, len(fresh), unknown)


def take_over(offer: RemoteListing, wanted: Wanted, channel: Channel, *, by: User | None, at: datetime) -> Variant:
    """A product with one variant, as the shop describes it, with its price on the channel's own list."""
    category = Category.objects.filter(depth=1, name=wanted.name).first() or categories.add_category(
        name=wanted.name, parent=None, by=by, at=at
    )
    product = catalogue.create_product(name=(offer.title or offer.ref.sku)[:160], category=category, by=by, at=at)
    variant = catalogue.create_variant(product=product, sku=offer.ref.sku, by=by, at=at)
    if offer.price_minor is not None and offer.currency:
        code = f"{channel.code}-{offer.currency}".lower()[:40]
        listed = PriceList.objects.filter(code=code).first() or prices.create_price_list(
            name=f"{wanted.name} {offer.currency}", code=code, currency=offer.currency, channel=channel, by=by, at=at
        )
        prices.set_prices(price_list=listed, amounts={variant: offer.price_minor}, by=by, at=at)
    return variant


def receive(
    account: ConnectorAccount, variant: Variant, offer: RemoteListing, places: Places, units: int | None, *,
    by: User | None, at: datetime,
) -> None:  # fmt: skip
    """The shop's own figure is what lies there: it counted, so it is a receipt and nothing assumed."""
    place = places.ours(offer.ref.location) or next(iter(places.by_remote.values()), None)
    if place is None or not units or units < 1:
        return
    stock.receive(
        variant=variant, location=place, quantity=units, source=f"connect:{account.code}",
        external_id=f"opening:{offer.ref.sku}@{offer.ref.location or ''}", by=by, at=at,
    )  # fmt: skip


def list_one(
    account: ConnectorAccount, variant: Variant, offer: RemoteListing, places: Places, units: int | None, *,
    in_step: bool, at: datetime,
) -> int:  # fmt: skip
    """One listing with what the shop shows; not in step, it is owed our figure. Returns 1 for a new one."""
    listing, fresh = Listing.objects.get_or_create(
        account=account, variant=variant, location=places.ours(offer.ref.location),
        defaults={"remote_id": offer.ref.remote_id, "remote_sku": offer.ref.sku, "listed_at": at},
    )  # fmt: skip
    if fresh:
        known = {"seen_quantity": units, "seen_at": at, "in_step": in_step, "dirty": not in_step}
        if in_step:
            known |= {"pushed_quantity": units, "pushed_version": 1, "sent_version": 1, "sent_quantity": units}
        else:
            known |= {"dirty_since": at}
        ListingState.objects.create(listing=listing, **known)
    return int(fresh)
