"""Which rule holds: the most specific one that is valid, and of two alike the one that began later."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Q, QuerySet

from inventory.models import Category, ChannelBuffer, SafetyStockRule, Variant
from inventory.models.rules import Rule
from inventory.queries.listing_sql import BRANCH, JOIN_SAFETY, SAFETY
from omni.db import on_postgresql
from omni.models import Location

R = TypeVar("R", bound=Rule)
KEPT = """
SELECT CAST(COALESCE(SUM({least}(level.on_hand - level.reserved - level.unavailable,
    COALESCE(of_variant.units, of_category.units, 0))), 0) AS BIGINT)
FROM inventory_stocklevel level"""


def about(rules: "QuerySet[R]", variants: Iterable[Variant], at: datetime) -> list[R]:
    """The rules valid at a time that may hold for any of these variants, in one query."""
    wanted = list(variants)
    paths = {path for variant in wanted for path in lineage(variant)}
    by_thing = Q(variant__in=wanted) | Q(variant=None, category=None) | Q(variant=None, category__path__in=paths)
    valid = rules.filter(starts_at__lte=at).filter(Q(ends_at=None) | Q(ends_at__gt=at))
    return list(valid.filter(by_thing).select_related("category"))


def lineage(variant: Variant) -> list[str]:
    """Tree paths of a variant's category and of all above it."""
    category = variant.product.category
    step = Category.steplen
    return [category.path[:end] for end in range(step, len(category.path) + 1, step)] if category else []


def safety_stock(rules: Iterable[SafetyStockRule], variant: Variant, location: Location) -> SafetyStockRule | None:
    """The safety stock rule that holds for a variant at a location."""
    own = [
        rule
        for rule in rules
        if holds_for(rule, variant)
        and (rule.location_id or location.pk) == location.pk
        and (rule.location_id or rule.group_id is None or rule.group_id == location.group_id)
    ]
    return max(own, key=lambda rule: (*thing_rank(rule), place_rank(rule), rule.starts_at, rule.pk), default=None)


def buffer(rules: Iterable[ChannelBuffer], variant: Variant, channel_id: int) -> ChannelBuffer | None:
    """The buffer that holds for a variant on a channel."""
    own = [rule for rule in rules if rule.channel_id == channel_id and holds_for(rule, variant)]
    return max(own, key=lambda rule: (*thing_rank(rule), rule.starts_at, rule.pk), default=None)


def holds_for(rule: Rule, variant: Variant) -> bool:
    if rule.variant_id:
        return rule.variant_id == variant.pk
    return rule.category is None or rule.category.path in lineage(variant)


def thing_rank(rule: Rule) -> tuple[int, int]:
    """A variant goes before a category, a deeper category before a higher one."""
    if rule.variant_id:
        return 2, 0
    return (1, rule.category.depth) if rule.category else (0, 0)


def place_rank(rule: SafetyStockRule) -> int:
    """A location goes before a group, a group before everywhere."""
    if rule.location_id:
        return 2
    return 1 if rule.group_id else 0


def kept_on_shelves(*, at: datetime) -> int:
    """Units that all safety stock rules together keep of what lies free now, under the rules of a time."""
    if not SafetyStockRule.objects.valid(at).exists():
        return 0
    least = "LEAST" if on_postgresql() else "MIN"
    sql = f"WITH{BRANCH},{SAFETY}{KEPT.format(least=least)}{JOIN_SAFETY}"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"shown_at": connection.ops.adapt_datetimefield_value(at)})
        return cursor.fetchone()[0]
