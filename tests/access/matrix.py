"""The reviewed file of who may do what (permissions.txt), read and checked against the URLs that exist."""

from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

FILE = Path(__file__).with_name("permissions.txt")
EVERYBODY, SIGNED_IN = "everybody", "signed-in"
OUTSIDERS = {"by-key", "by-signature"}  # programmes, never people


@dataclass(frozen=True)
class Row:
    """One URL: its route, the methods it takes, and who may use it (role codes, or one of the words above)."""

    route: str
    methods: frozenset[str]
    who: frozenset[str]
    own_locations_only: bool

    def allows(self, role: str | None) -> bool:
        if EVERYBODY in self.who:
            return True
        if role is None or self.who & OUTSIDERS:
            return False
        return SIGNED_IN in self.who or role in self.who or role == "administrator"


def read() -> dict[str, Row]:
    """Rows by route. A line is ``route  METHOD,METHOD  who,who  [own]``; ``#`` begins a comment."""
    rows: dict[str, Row] = {}
    for line in FILE.read_text().splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        route, methods, who, *rest = words
        assert route not in rows, f"{route} is listed twice"
        rows[route] = Row(route, frozenset(methods.split(",")), frozenset(who.split(",")), rest == ["own"])
    return rows


def patterns(resolver: URLResolver | None = None, prefix: str = "/") -> dict[str, URLPattern]:
    """Every URL pattern that can be reached, by its whole route."""
    found: dict[str, URLPattern] = {}
    for part in (resolver or get_resolver()).url_patterns:
        route = prefix + str(part.pattern)
        if isinstance(part, URLResolver):
            found |= patterns(part, route)
        else:
            found[route] = part
    return found
