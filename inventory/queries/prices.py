"""What things cost: the one place that chooses among price lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from inventory.models import Price, PriceList, Variant
from omni.models import Channel


@dataclass(frozen=True)
class Quote:
    """What one unit costs, in minor units of the currency, by which list, and where that price comes from."""

    amount_minor: int
    currency: str
    price_list: str
    origin: str


def prices_of(variants: Iterable[int], *, channel: Channel | None, at: datetime) -> dict[int, Quote]:
    """
    Quotes by variant key, in two queries; a variant without a price is absent.

    Of the lists that hold at ``at`` for this channel or for all, the highest priority that has a price wins, and the
    channel's own list before a common one of equal priority.
    """
    lists = PriceList.objects.valid(at).filter(Q(channel=channel) | Q(channel=None))
    ranked = {one.pk: one for one in sorted(lists, key=rank_of)}
    rank = {pk: place for place, pk in enumerate(ranked)}
    found = Price.objects.filter(price_list__in=ranked, variant__in=list(variants))
    quotes = {}
    for price in sorted(found, key=lambda price: rank[price.price_list_id]):
        source = ranked[price.price_list_id]
        quotes[price.variant_id] = Quote(price.amount_minor, source.currency, source.name, source.origin)
    return quotes


def price_of(variant: Variant, *, channel: Channel | None, at: datetime) -> Quote | None:
    """What one unit of this variant costs in a channel at a time, or None when nobody has said."""
    return prices_of([variant.pk], channel=channel, at=at).get(variant.pk)


@dataclass(frozen=True)
class Ground:
    """
    One list that has a price of a variant, and why it does or does not hold.

    verdict: holds, beaten (another list goes before it), not_yet, over, elsewhere (another channel's list).
    """

    price_list: PriceList
    amount_minor: int
    verdict: str


VERDICTS = ("holds", "beaten", "not_yet", "over", "elsewhere")


def why_price(variant: Variant, *, channel: Channel | None, at: datetime) -> list[Ground]:
    """Every list that has a price of this variant: the one that holds first, then those behind it, then the others."""
    rows = Price.objects.filter(variant=variant).select_related("price_list__channel")
    standing = [(verdict_of(row.price_list, channel, at), row) for row in rows]
    standing.sort(key=lambda one: (VERDICTS.index(one[0]), *(-part for part in rank_of(one[1].price_list))))
    grounds, taken = [], False
    for verdict, row in standing:
        if verdict == "holds" and taken:
            verdict = "beaten"
        taken = taken or verdict == "holds"
        grounds.append(Ground(row.price_list, row.amount_minor, verdict))
    return grounds


def rank_of(price_list: PriceList) -> tuple[int, int, int]:
    """Which of two lists that hold goes before the other: the higher."""
    return price_list.priority, int(price_list.channel_id is not None), price_list.pk


def verdict_of(price_list: PriceList, channel: Channel | None, at: datetime) -> str:
    if price_list.channel_id and price_list.channel != channel:
        return "elsewhere"
    if price_list.starts_at and price_list.starts_at > at:
        return "not_yet"
    return "over" if price_list.ends_at and price_list.ends_at <= at else "holds"
