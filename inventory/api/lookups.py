"""What callers name by code: variants, locations, channels. What is not known is refused, line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Variant
from omni.errors import RuleBroken
from omni.models import Channel, Location


class UnknownThing(RuleBroken):
    """A SKU, location or channel that is not known here. data: errors = [{field, code, detail}]."""

    code = "unknown_sku"

    def __init__(self, errors: Sequence[dict[str, str]]):
        super().__init__(errors[0]["detail"], errors=list(errors))
        self.code = errors[0]["code"]


class OtherChannel(RuleBroken):
    """The key acts in one channel, and another one was named. data: channel."""

    code = "other_channel"
    status = 403


@dataclass(frozen=True)
class Named:
    """The variants, locations and channels of a request, by SKU and by code. ``own``: the one channel of the key."""

    variants: dict[str, Variant] = field(default_factory=dict)
    locations: dict[str, Location] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    own: Channel | None = None

    def faults(self, where: str, line: dict) -> list[dict[str, str]]:
        """What of a line is not known; ``where`` is the path of the line ("lines.0.") or empty."""
        known: dict[str, Any] = {
            "sku": self.variants, "location": self.locations, "channel": self.channels, "to": self.locations,
        }  # fmt: skip
        return [
            {"field": f"{where}{name}", "code": CODES[name], "detail": str(UNKNOWN[name]) % {"name": line[name]}}
            for name, things in known.items()
            if line.get(name) and line[name] not in things
        ]

    def check(self, *lines: dict, where: str = "") -> None:
        """Raise UnknownThing that names every line at fault; ``where``: path of the lines ("lines.{}.")."""
        faults = [found for number, line in enumerate(lines) for found in self.faults(where.format(number), line)]
        if faults:
            raise UnknownThing(faults)

    def channel(self, code: str | None) -> Channel | None:
        """The channel that is acted in: the one named, else the one of the key. Raises OtherChannel."""
        if not code:
            return self.own
        if self.own and self.own.code != code:
            sentence = _("This key acts in the channel %(code)s only.") % {"code": self.own.code}
            raise OtherChannel(sentence, channel=self.own.code)
        return self.channels[code]


CODES = {"sku": "unknown_sku", "location": "unknown_location", "channel": "unknown_channel", "to": "unknown_location"}
UNKNOWN = {
    "sku": gettext_lazy("There is no SKU %(name)s."),
    "location": gettext_lazy("There is no location %(name)s."),
    "to": gettext_lazy("There is no location %(name)s."),
    "channel": gettext_lazy("There is no channel %(name)s."),
}


def named(caller, lines: Iterable[dict]) -> Named:
    """Look up what these lines name: three queries at most, however many lines there are."""
    lines = list(lines)
    skus, places, others, channels = ({line[name] for line in lines if line.get(name)} for name in UNKNOWN)
    places |= others
    variants = Variant.objects.visible_to(caller).filter(sku__in=skus) if skus else []
    locations = Location.objects.visible_to(caller).filter(code__in=places) if places else []
    known_channels = Channel.objects.visible_to(caller).filter(code__in=channels) if channels else []
    return Named(
        {row.sku: row for row in variants},
        {row.code: row for row in locations},
        {row.code: row for row in known_channels},
        getattr(caller, "channel", None),
    )
