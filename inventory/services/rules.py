"""
Stock rules: what stays behind for the customer in the store, and what a channel never shows.

A rule begins now or later and is ended, never deleted or changed once it has held: what a channel could promise on any
past day stays the same. Only a rule that has not begun can be taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory.models import Category, ChannelBuffer, Listing, SafetyStockRule, Variant
from inventory.models.rules import Rule
from inventory.queries.availability import shown_on
from inventory.queries.rules import kept_on_shelves
from inventory.services import listings
from inventory.services.catalogue import checked
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Channel, ConnectorAccount, Location, LocationGroup, Origin, User
from omni.queue import enqueue

R = TypeVar("R", SafetyStockRule, ChannelBuffer)
MOST_UNITS = 100_000


class RuleUnclear(RuleBroken):
    """A rule that does not say for what or how much it holds."""

    code = "rule_unclear"


class PastRule(RuleBroken):
    """A rule that would change what held in the past."""

    code = "rule_in_the_past"


@transaction.atomic
def add_safety_stock(
    *,
    name: str,
    units: int,
    by: User | None,
    at: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    variant: Variant | None = None,
    category: Category | None = None,
    location: Location | None = None,
    group: LocationGroup | None = None,
    origin: str = Origin.REAL,
) -> SafetyStockRule:
    """
    Let places keep units of things for the customer who stands in them.

    variant or category (neither: everything), location or group (neither: everywhere). The most specific rule wins.
    Raises RuleUnclear, PastRule, InvalidValue.
    """
    check_units(units)
    if location and group:
        raise RuleUnclear(_("Name one place, or a group of places, not both."))
    rule = SafetyStockRule(
        name=name.strip(), units=units, starts_at=starts_at or at, ends_at=ends_at, variant=variant, category=category,
        location=location, group=group, origin=origin,
    )  # fmt: skip
    return put_down(rule, by=by, at=at)


@transaction.atomic
def add_buffer(
    *,
    name: str,
    channel: Channel,
    by: User | None,
    at: datetime,
    units: int | None = None,
    percent: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    variant: Variant | None = None,
    category: Category | None = None,
    origin: str = Origin.REAL,
) -> ChannelBuffer:
    """
    Let a channel show less than there is: by units, or by a share of the free units rounded down.

    Raises RuleUnclear, PastRule, InvalidValue.
    """
    if (units is None) == (percent is None):
        raise RuleUnclear(_("Give units, or a percentage, not both."))
    check_units(units or 0)
    if not 0 <= (percent or 0) <= 100:
        raise RuleUnclear(_("A percentage lies between 0 and 100."))
    rule = ChannelBuffer(
        name=name.strip(), channel=channel, units=units, percent=percent, starts_at=starts_at or at, ends_at=ends_at,
        variant=variant, category=category, origin=origin,
    )  # fmt: skip
    return put_down(rule, by=by, at=at)


def check_units(units: int) -> None:
    if not 0 <= units <= MOST_UNITS:
        raise RuleUnclear(_("Units lie between 0 and %(most)s.") % {"most": MOST_UNITS})


def put_down(rule: R, *, by: User | None, at: datetime) -> R:
    if rule.variant and rule.category:
        raise RuleUnclear(_("Name one product, or a category, not both."))
    if not rule.name:
        raise RuleUnclear(_("Give the rule a name: it stands beside every figure that it changes."))
    if rule.starts_at < at:
        raise PastRule(_("A rule begins now or later: what held in the past stays."))
    if rule.ends_at and rule.ends_at <= rule.starts_at:
        raise PastRule(_("A rule ends after it begins."))
    checked(rule).save()
    record(f"{rule._meta.model_name}.added", subject=rule, by=by, at=at, units=rule.units)
    turn_at(rule, rule.starts_at, at=at)
    if rule.ends_at:
        turn_at(rule, rule.ends_at, at=at)
    return rule


@transaction.atomic
def end_rule(*, rule: R, ends_at: datetime, by: User | None, at: datetime) -> R:
    """
    Let a rule hold until a time, now or later. One that has not begun by then is taken back: it never held.

    Raises PastRule when it is over already, or should have been.
    """
    rule = type(rule)._default_manager.select_for_update(of=("self",)).get(pk=rule.pk)
    if rule.ends_at and rule.ends_at <= at:
        raise PastRule(_("%(name)s is over already.") % {"name": rule.name})
    if ends_at < at:
        raise PastRule(_("A rule ends now or later: what held in the past stays."))
    record(f"{rule._meta.model_name}.ended", subject=rule, by=by, at=at, ends_at=ends_at.isoformat())
    if ends_at <= rule.starts_at:
        rule.delete()
        return rule
    rule.ends_at = ends_at
    rule.save(update_fields=["ends_at"])
    turn_at(rule, ends_at, at=at)
    return rule


def turn_at(rule: Rule, moment: datetime, *, at: datetime) -> None:
    """Have the listings told when a rule begins or ends: now, or by a job of that moment."""
    if moment <= at:
        refresh_listings(rule=rule, at=at)
        return
    kind = str(rule._meta.model_name)
    enqueue(
        "inventory.refresh_rule", key=f"{kind}:{rule.pk}:{moment.isoformat()}", at=at, run_at=moment, kind=kind,
        rule=rule.pk,
    )  # fmt: skip


@transaction.atomic
def refresh_listings(*, rule: Rule, at: datetime) -> int:
    """Mark the listings that a rule is about, so that they are asked again what they should show. Returns how many."""
    places = places_of(rule) if isinstance(rule, SafetyStockRule) else None
    channel = rule.channel if isinstance(rule, ChannelBuffer) else None
    return listings.mark_variants(things_of(rule), at=at, locations=places, channel=channel)


def things_of(rule: Rule) -> QuerySet[Variant]:
    """The variants that a rule is about."""
    if rule.variant_id:
        return Variant.objects.filter(pk=rule.variant_id)
    if rule.category:
        return Variant.objects.filter(product__category__path__startswith=rule.category.path)
    return Variant.objects.all()


def places_of(rule: SafetyStockRule) -> list[int] | None:
    """Keys of the locations that a rule is about; None: all."""
    if rule.location_id:
        return [rule.location_id]
    return list(rule.group.locations.values_list("pk", flat=True)) if rule.group else None


@dataclass(frozen=True)
class AccountEffect:
    """What an account shows before and after, in units over all its listings; ``changed``: listings that differ."""

    account: ConnectorAccount
    changed: int
    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """What a change of rules does at ``at``: units kept on shelves, and what each account shows."""

    at: datetime
    kept_before: int
    kept_after: int
    accounts: tuple[AccountEffect, ...]

    @property
    def changed(self) -> int:
        return sum(one.changed for one in self.accounts)


def effect_of(change: Callable[[], Any], *, at: datetime) -> Effect:
    """
    Make a change, measure what it does at a time, and take it back: nothing is kept, nobody is told.

    The figures come from the very statements that the channels are served by. Raises what ``change`` raises.
    """
    with transaction.atomic():
        kept, shown = kept_on_shelves(at=at), shown_by_account(at)
        change()
        kept_then, shown_then = kept_on_shelves(at=at), shown_by_account(at)
        transaction.set_rollback(True)
    accounts = tuple(compared(account, shown[account], shown_then[account]) for account in shown)
    return Effect(at, kept, kept_then, accounts)


def shown_by_account(at: datetime) -> dict[ConnectorAccount, dict[int, int]]:
    """What each listing of each account should show at a time."""
    listed = Listing.objects.live().values("account")
    accounts = ConnectorAccount.objects.working().filter(pk__in=listed).select_related("channel")
    return {account: {row.listing_id: row.quantity for row in shown_on(account, at=at)} for account in accounts}


def compared(account: ConnectorAccount, before: dict[int, int], after: dict[int, int]) -> AccountEffect:
    changed = sum(units != after[listing] for listing, units in before.items())
    return AccountEffect(account, changed, sum(before.values()), sum(after.values()))
