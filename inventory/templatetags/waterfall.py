"""The sum from on hand to available as steps that a template can draw with SVG attributes."""

from dataclasses import dataclass

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.queries.availability import Term, Why

register = template.Library()
LABELS = {
    "on_hand": _("On hand"),
    "made_of_components": _("Kits that its parts make"),
    "reserved": _("Reserved"),
    "unavailable": _("Set apart"),
    "safety_stock": _("Safety stock"),
    "unrouted": _("Not yet routed"),
    "buffer": _("Channel buffer"),
    "floor": _("Never below zero"),
}
TAKES = {"reserved": "minus", "unavailable": "minus", "unrouted": "minus", "safety_stock": "hold", "buffer": "hold"}
FREE_AFTER = "safety_stock"  # what is left after this term lies free at the places


@dataclass(frozen=True)
class Bar:
    """A rectangle: from ``x`` percent of the widest, ``width`` percent wide, in the class of its look."""

    look: str
    x: float
    width: float


@dataclass(frozen=True)
class Step:
    """One row of the waterfall. kind: "" for a term, is-sum, is-result or is-aside."""

    label: str | Promise
    units: int
    bars: tuple[Bar, ...]
    kind: str = ""
    term: Term | None = None


@register.simple_tag
def waterfall(why: Why) -> list[Step]:
    """The steps of a sum, each bar beginning where the one before ended; the last is the figure itself."""
    start = why.terms[0].units if why.terms else 0
    widest = max(start, why.figure + why.incoming, 1)
    steps, left = [], 0
    for place, term in enumerate(why.terms):
        left += term.units
        bars = started(term, why.assumed_share, widest) if place == 0 else taken(term, left, widest)
        if term.name != "floor" or term.units:
            steps.append(Step(LABELS.get(term.name, term.name), term.units, bars, term=term))
        if term.name == FREE_AFTER:
            steps.append(Step(_("Free at the places"), left, (bar("left", 0, left, widest),), "is-sum"))
    steps.append(Step(_("Available"), why.figure, (bar("result", 0, why.figure, widest),), "is-result"))
    if why.incoming:
        coming = bar("expect", why.figure, why.incoming, widest)
        steps.append(Step(_("Incoming, not counted until received"), why.incoming, (coming,), "is-aside"))
    return steps


def started(term: Term, assumed_share: float, widest: int) -> tuple[Bar, ...]:
    """What lies there: solid where it was counted or recorded, hatched where the start is assumed."""
    known = round(term.units * (1 - assumed_share))
    return bar("start", 0, known, widest), bar("assumed", known, term.units - known, widest)


def taken(term: Term, left: int, widest: int) -> tuple[Bar, ...]:
    return (bar(TAKES.get(term.name, "minus"), left, -term.units, widest),)


def bar(look: str, begins: int, units: int, widest: int) -> Bar:
    return Bar(look, round(100 * max(begins, 0) / widest, 1), round(100 * max(units, 0) / widest, 1))
