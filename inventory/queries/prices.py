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
    ranked = {one.pk: one for one in sorted(lists, key=lambda one: (one.priority, one.channel_id is not None, one.pk))}
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
