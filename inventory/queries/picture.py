"""What the formula of availability needs of one variant at a time, read in a bounded number of queries."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import Q, Sum

from inventory.models import (
    Bucket,
    ChannelBuffer,
    KitComponent,
    Reservation,
    SafetyStockRule,
    StockLevel,
    StockMovement,
    Variant,
)
from inventory.queries import rules
from omni.models import Channel, ChannelLocation, Location, Origin


@dataclass(frozen=True)
class Level:
    """The buckets of one level at a time, in units."""

    pk: int
    on_hand: int
    reserved: int
    unavailable: int
    in_transit: int
    incoming: int
    assumed: bool

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved - self.unavailable


@dataclass(frozen=True)
class Picture:
    """One variant (with its components, if it is a kit) at a time."""

    variant: Variant
    at: datetime
    known_at: datetime | None
    parts: tuple[tuple[Variant, int], ...]
    levels: dict[tuple[int, int], Level]
    waiting: tuple[tuple[int, int | None, int], ...]
    safety: Sequence[SafetyStockRule]
    buffers: Sequence[ChannelBuffer]
    channels: Sequence[Channel]
    served: dict[int, list[Location]]

    @property
    def is_kit(self) -> bool:
        return [part.pk for part, _each in self.parts] != [self.variant.pk]

    def narrowed(self, component: Variant) -> "Picture":
        """The same picture for one component of the kit."""
        return replace(self, variant=component, parts=((component, 1),))

    def locations_of(self, channel: Channel) -> list[Location]:
        """Where a channel takes stock from."""
        return self.served.get(channel.pk, [])

    def level(self, variant: Variant, location: Location) -> Level | None:
        return self.levels.get((variant.pk, location.pk))

    def levels_at(self, location: Location) -> list[Level]:
        """Levels of the variant, or of the kit's components, at a location."""
        return [level for part, _each in self.parts if (level := self.level(part, location))]

    def unrouted(self, variant: Variant, places: Iterable[Location]) -> int:
        """Units of demand without a place that may fall on any of these locations."""
        keys = {place.pk for place in places}
        return sum(
            units
            for thing, channel, units in self.waiting
            if thing == variant.pk and (channel is None or keys & self.reach.get(channel, set()))
        )

    @cached_property
    def reach(self) -> dict[int, set[int]]:
        return {channel: {place.pk for place in places} for channel, places in self.served.items()}

    def rows_of(self, levels: Collection[Level], most: int) -> list[StockMovement]:
        """The last movements of these levels by this time, newest first."""
        rows = StockMovement.objects.filter(level__in=[level.pk for level in levels])
        rows = rows.exclude(after(self.at, self.known_at))
        newest = rows.select_related("level__location", "level__variant", "actor", "channel")
        return list(newest.order_by("-occurred_at", "-pk")[:most])


def picture_of(variant: Variant, *, at: datetime, known_at: datetime | None = None) -> Picture:
    """Read everything that the formula needs for one variant as of a time."""
    recipe = KitComponent.objects.filter(kit=variant).select_related("component__product__category")
    parts = tuple((row.component, row.quantity) for row in recipe.order_by("component_id")) or ((variant, 1),)
    counted = [part for part, _each in parts]
    things = {thing.pk: thing for thing in (variant, *counted)}.values()
    return Picture(
        variant=variant, at=at, known_at=known_at, parts=parts,
        levels=levels_of(counted, at=at, known_at=known_at),
        waiting=demand_for(counted, at=at),
        safety=rules.about(SafetyStockRule.objects.all(), things, at),
        buffers=rules.about(ChannelBuffer.objects.all(), things, at),
        channels=list(Channel.objects.open()),
        served=places_served(),
    )  # fmt: skip


def after(at: datetime, known_at: datetime | None) -> Q:
    """
    Rows that had not happened by ``at``, or that we did not know of by ``known_at``.

    A row from a clock that runs ahead counts from when we knew it: at this very moment nothing is in the future.
    """
    unhappened = Q(occurred_at__gt=at, recorded_at__gt=at)
    return unhappened | Q(recorded_at__gt=known_at) if known_at else unhappened


def levels_of(
    variants: Collection[Variant], *, at: datetime, known_at: datetime | None = None
) -> dict[tuple[int, int], Level]:
    """The levels of these variants as of a time: today's balance without what came after. Two queries."""
    rows = StockMovement.objects.filter(after(at, known_at), level__variant__in=variants)
    later = {(row["level"], row["bucket"]): row["units"] for row in rows.values("level", "bucket").annotate(
        units=Sum("quantity"))}  # fmt: skip
    levels = list(StockLevel.objects.filter(variant__in=variants))
    begun = opened_on_assumption([level for level in levels if level.counted_at and level.counted_at > at])
    return {(level.variant_id, level.location_id): as_of(level, later, level.pk in begun) for level in levels}


def opened_on_assumption(levels: list[StockLevel]) -> set[int]:
    """Keys of the levels, counted since, whose opening balance was assumed."""
    if not levels:
        return set()
    opening = StockMovement.objects.filter(kind=StockMovement.Kind.OPENING, origin=Origin.ASSUMED)
    return set(opening.filter(level__in=levels).values_list("level", flat=True))


def as_of(level: StockLevel, later: dict[tuple[int, str], int], assumed_then: bool) -> Level:
    figures = {bucket.value: getattr(level, bucket.value) - later.get((level.pk, bucket.value), 0) for bucket in Bucket}
    return Level(pk=level.pk, assumed=level.assumed or assumed_then, **figures)


def demand_for(variants: Collection[Variant], *, at: datetime) -> tuple[tuple[int, int | None, int], ...]:
    """Demand without a place at a time: (variant, channel, units)."""
    rows = Reservation.objects.filter(variant__in=variants, level=None, created_at__lte=at)
    rows = rows.filter(Q(closed_at=None) | Q(closed_at__gt=at))
    return tuple(
        (row.variant_id, row.channel_id, row.open_units if row.closed_at is None else row.quantity) for row in rows
    )


def places_served() -> dict[int, list[Location]]:
    """The locations of every channel."""
    served: dict[int, list[Location]] = {}
    for row in ChannelLocation.objects.select_related("location").order_by("location__name", "location_id"):
        served.setdefault(row.channel_id, []).append(row.location)
    return served
