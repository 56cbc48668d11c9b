"""
Available to promise: the one formula, shown as the sum that it is.

per channel = Σ over its locations (on hand − reserved − unavailable − safety stock) − unrouted demand − channel buffer,
floored at 0. Safety stock is taken per location, and no more than is free there: the rule of one store never eats what
lies in another (docs/decisions). A channel that is not pooled shows each shelf by itself. A kit is made where all its
components lie; it has the buffer of its own rule. All quantities are whole units.

The same formula for whole accounts at once is .listings (``shown_on``); a property test holds the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from inventory.models import StockMovement, Variant
from inventory.queries import rules
from inventory.queries.listings import Shown, shown_on, shown_sql
from inventory.queries.picture import Level, Picture, picture_of
from omni.models import Channel, Location

__all__ = [
    "ChannelFigure",
    "Part",
    "Shown",
    "Term",
    "Why",
    "available",
    "per_channel",
    "shown_on",
    "shown_sql",
    "why",
]
LAST_ROWS = 20


@dataclass(frozen=True)
class Part:
    """What one location adds to a term; ``rule`` names the rule that took it."""

    location: Location
    units: int
    rule: str = ""
    level_id: int | None = None
    assumed: bool = False


@dataclass(frozen=True)
class Term:
    """
    One signed term of the sum.

    name: on_hand, reserved, unavailable, safety_stock, made_of_components (kits), unrouted, buffer, floor.
    """

    name: str
    units: int
    rule: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def rules(self) -> list[str]:
        """Names of the rules behind this term."""
        return sorted({name for name in (self.rule, *(part.rule for part in self.parts)) if name})


@dataclass(frozen=True)
class Why:
    """
    One figure with the sum behind it: the terms add up to ``figure``.

    ``incoming`` and ``in_transit`` stand aside. ``assumed_share``: how much of what is on hand rests on a start that
    nobody counted, 0 to 1. ``rows``: the last movements behind it, newest first. For a kit, ``components`` explains
    each of them.
    """

    variant: Variant
    channel: Channel
    at: datetime
    location: Location | None
    terms: tuple[Term, ...]
    incoming: int = 0
    in_transit: int = 0
    assumed_share: float = 0.0
    rows: tuple[StockMovement, ...] = ()
    components: tuple[tuple[int, "Why"], ...] = field(default=())

    @property
    def figure(self) -> int:
        return sum(term.units for term in self.terms)

    def term(self, name: str) -> int:
        """Units of one term; 0 when it plays no part."""
        return sum(term.units for term in self.terms if term.name == name)


@dataclass(frozen=True)
class ChannelFigure:
    """What a channel may promise of a variant now; ``shelves`` for a channel that shows each location by itself."""

    channel: Channel
    units: int
    incoming: int
    assumed_share: float
    shelves: tuple[tuple[Location, int], ...] = ()


def per_channel(variant: Variant, *, at: datetime, known_at: datetime | None = None) -> list[ChannelFigure]:
    """What each open channel may promise of a variant, at a time, in a bounded number of queries."""
    picture = picture_of(variant, at=at, known_at=known_at)
    return [channel_figure(picture, channel) for channel in picture.channels if picture.locations_of(channel)]


def available(
    variant: Variant,
    channel: Channel,
    *,
    at: datetime,
    known_at: datetime | None = None,
    location: Location | None = None,
) -> int:
    """What a channel may promise of a variant, at one location or over all it serves."""
    picture = picture_of(variant, at=at, known_at=known_at)
    return explained(picture, channel, location).figure


def why(
    variant: Variant,
    channel: Channel,
    *,
    at: datetime,
    known_at: datetime | None = None,
    location: Location | None = None,
) -> Why:
    """
    Explain a figure: its terms, the rule and the locations behind each, and the last rows of the ledger.

    at: the figure as of this time, by when things happened, with the rules valid then. known_at: as far as we knew at
    that time. location: one shelf instead of all the channel's locations.
    """
    picture = picture_of(variant, at=at, known_at=known_at)
    return explained(picture, channel, location, with_rows=True)


def channel_figure(picture: Picture, channel: Channel) -> ChannelFigure:
    whole = explained(picture, channel, None)
    if channel.pooled:
        return ChannelFigure(channel, whole.figure, whole.incoming, whole.assumed_share)
    shelves = [(place, explained(picture, channel, place).figure) for place in picture.locations_of(channel)]
    units = sum(figure for _place, figure in shelves)
    return ChannelFigure(channel, units, whole.incoming, whole.assumed_share, tuple(shelves))


def explained(picture: Picture, channel: Channel, location: Location | None, with_rows: bool = False) -> Why:
    """The sum for one channel over all its locations, or for one shelf."""
    places = [location] if location else picture.locations_of(channel)
    kit = picture.is_kit
    terms = [made_of_components(picture, places)] if kit else lying(picture, picture.variant, places)
    terms += held_back(picture, channel, places, sum(term.units for term in terms))
    levels = [level for place in places for level in picture.levels_at(place)]
    return Why(
        variant=picture.variant, channel=channel, at=picture.at, location=location, terms=tuple(terms),
        incoming=0 if kit else sum(level.incoming for level in levels),
        in_transit=0 if kit else sum(level.in_transit for level in levels),
        assumed_share=share(levels),
        rows=tuple(picture.rows_of(levels, LAST_ROWS)) if with_rows else (),
        components=explained_components(picture, channel, location, with_rows) if kit else (),
    )  # fmt: skip


def explained_components(
    picture: Picture, channel: Channel, location: Location | None, with_rows: bool
) -> tuple[tuple[int, Why], ...]:
    return tuple(
        (each, explained(picture.narrowed(component), channel, location, with_rows))
        for component, each in picture.parts
    )


def lying(picture: Picture, variant: Variant, places: Sequence[Location]) -> list[Term]:
    """On hand, less what is reserved, set apart and kept as safety stock, each per location."""
    found = [(place, level) for place in places if (level := picture.level(variant, place))]
    terms = [
        Term("on_hand", sum(level.on_hand for _p, level in found), parts=parts_of(found, "on_hand", 1)),
        Term("reserved", -sum(level.reserved for _p, level in found), parts=parts_of(found, "reserved", -1)),
        Term("unavailable", -sum(level.unavailable for _p, level in found), parts=parts_of(found, "unavailable", -1)),
    ]
    kept = [kept_at(picture, variant, place, level) for place, level in found]
    safety = tuple(part for part in kept if part.units)
    return [*terms, Term("safety_stock", sum(part.units for part in safety), parts=safety)]


def parts_of(found: Sequence[tuple[Location, Level]], bucket: str, sign: int) -> tuple[Part, ...]:
    return tuple(
        Part(place, sign * getattr(level, bucket), level_id=level.pk, assumed=level.assumed)
        for place, level in found
        if getattr(level, bucket)
    )


def kept_at(picture: Picture, variant: Variant, place: Location, level: Level) -> Part:
    """What a location keeps back: its rule, but no more than is free there."""
    rule = rules.safety_stock(picture.safety, variant, place)
    units = min(rule.units, max(0, level.free)) if rule else 0
    return Part(place, -units, rule.name if rule else "", level.pk, level.assumed)


def made_of_components(picture: Picture, places: Iterable[Location]) -> Term:
    """How many kits the components that lie at each location make."""
    parts = []
    for place in places:
        units = [
            sum(term.units for term in lying(picture, component, [place])) // each for component, each in picture.parts
        ]
        if made := max(0, min(units, default=0)):
            parts.append(Part(place, made))
    return Term("made_of_components", sum(part.units for part in parts), parts=tuple(parts))


def held_back(picture: Picture, channel: Channel, places: Sequence[Location], free: int) -> list[Term]:
    """Unrouted demand, the floor under it, and the channel's buffer of what is left."""
    demand = max((-(-picture.unrouted(part, places) // each) for part, each in picture.parts), default=0)
    left = max(0, free - demand)
    rule = rules.buffer(picture.buffers, picture.variant, channel.pk)
    kept = 0
    if rule:
        kept = rule.units if rule.units is not None else left * (rule.percent or 0) // 100
    kept = min(kept, left)
    terms = [Term("unrouted", -demand), Term("floor", left - (free - demand))]
    return [*(term for term in terms if term.units), Term("buffer", -kept, rule.name if rule else "")]


def share(levels: Sequence[Level]) -> float:
    """Share of what is on hand that rests on an assumed start."""
    total = sum(level.on_hand for level in levels)
    return sum(level.on_hand for level in levels if level.assumed) / total if total else 0.0
