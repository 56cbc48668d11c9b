"""Price lists and prices. What held in the past stays: a list ends, it is not deleted."""

from collections.abc import Mapping
from datetime import datetime

from babel.numbers import is_currency
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from inventory.models import Price, PriceList, Variant
from inventory.services.catalogue import InvalidValue, checked, save_unique
from omni.activity import record
from omni.errors import RuleBroken
from omni.ids import public_id
from omni.models import Channel, Origin, User

HIGHEST = 10**12  # minor units


class ListClosed(RuleBroken):
    """The list has ended: what it said is history."""

    code = "price_list_ended"
    status = 409


class PastPeriod(RuleBroken):
    """A period that would change what held in the past."""

    code = "period_in_the_past"


@transaction.atomic
def create_price_list(
    *,
    name: str,
    currency: str,
    by: User | None,
    at: datetime,
    code: str = "",
    channel: Channel | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    priority: int = 0,
    origin: str = Origin.REAL,
) -> PriceList:
    """
    Open a list of prices, for a channel or for all. Where several hold, the highest priority wins.

    starts_at, ends_at: never in the past; without a start it holds from now on. Raises InvalidValue, PastPeriod,
    CodeTaken.
    """
    currency = currency.strip().upper()
    if not is_currency(currency):
        raise InvalidValue(_("%(code)s is no currency.") % {"code": currency}, currency=currency)
    starts_at = starts_at or at
    if starts_at < at:
        raise PastPeriod(_("A price list begins now or later: what held in the past stays."))
    if ends_at and ends_at <= starts_at:
        raise PastPeriod(_("A price list ends after it begins."))
    code = code.strip() or slugify(name)[:40] or public_id().lower()
    price_list = PriceList(
        name=name.strip(), code=code, currency=currency, channel=channel, starts_at=starts_at, ends_at=ends_at,
        priority=priority, origin=origin,
    )  # fmt: skip
    save_unique(price_list, code)
    record("price_list.created", subject=price_list, by=by, at=at, channel=channel, priority=priority)
    return price_list


@transaction.atomic
def update_price_list(*, price_list: PriceList, name: str, priority: int, by: User | None, at: datetime) -> PriceList:
    """Rename a list, or let it win over others. Raises ListClosed, InvalidValue."""
    price_list = locked(price_list, at=at)
    price_list.name, price_list.priority = name.strip(), priority
    checked(price_list).save(update_fields=["name", "priority"])
    record("price_list.changed", subject=price_list, by=by, at=at, priority=priority)
    return price_list


@transaction.atomic
def end_price_list(*, price_list: PriceList, ends_at: datetime, by: User | None, at: datetime) -> PriceList:
    """
    Let a list hold until a time, now or later; the lists behind it take over. Raises ListClosed, PastPeriod.

    One that has not begun is taken back for good: it never held.
    """
    price_list = locked(price_list, at=at)
    if ends_at < at:
        raise PastPeriod(_("A list ends now or later: what held in the past stays."))
    record("price_list.ended", subject=price_list, by=by, at=at, ends_at=ends_at.isoformat())
    if price_list.starts_at and ends_at <= price_list.starts_at:
        price_list.delete()
        return price_list
    price_list.ends_at = ends_at
    price_list.save(update_fields=["ends_at"])
    return price_list


@transaction.atomic
def set_prices(
    *, price_list: PriceList, amounts: Mapping[Variant, int | None], by: User | None, at: datetime
) -> list[Variant]:
    """
    Write prices of one unit in minor units of the list's currency, tax included; None takes a price away.

    Returns the variants whose price is another now. Raises ListClosed, InvalidValue.
    """
    price_list = locked(price_list, at=at)
    for variant, amount in amounts.items():
        if amount is not None and not 0 <= amount <= HIGHEST:
            raise InvalidValue(_("%(sku)s: a price is neither negative nor that high.") % {"sku": variant.sku})
    known = {row.variant_id: row for row in Price.objects.filter(price_list=price_list, variant__in=list(amounts))}
    before = {variant: known[variant.pk].amount_minor if variant.pk in known else None for variant in amounts}
    changed = [variant for variant in amounts if amounts[variant] != before[variant]]
    rows = [
        Price(price_list=price_list, variant=variant, amount_minor=amount)
        for variant in changed
        if (amount := amounts[variant]) is not None
    ]
    Price.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["price_list", "variant"], update_fields=["amount_minor"]
    )
    gone = [variant for variant in changed if amounts[variant] is None]
    Price.objects.filter(price_list=price_list, variant__in=gone).delete()
    for variant in changed:
        record(
            "price.changed", subject=variant, by=by, at=at, channel=price_list.channel, price_list=price_list.pk,
            before=before[variant], after=amounts[variant],
        )  # fmt: skip
    return changed


def locked(price_list: PriceList, *, at: datetime) -> PriceList:
    """The list as it is now, locked; raise ListClosed when it has ended."""
    price_list = PriceList.objects.select_for_update(of=("self",)).get(pk=price_list.pk)
    if price_list.ends_at and price_list.ends_at <= at:
        raise ListClosed(_("%(name)s has ended. What it said is history.") % {"name": price_list.name})
    return price_list
