"""One search for the palette, the search box and the scan box, over what the apps offer in omni.navigation."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from omni import navigation
from omni.navigation import Text


@dataclass(frozen=True)
class Hit:
    """Something found: what it is called, the page it opens (URL name, arguments, query), and its heading."""

    title: Text
    group: Text
    page: str
    arguments: tuple[str, ...] = ()
    query: str = ""
    subtitle: Text = ""
    icon: str = "search"

    @property
    def url(self) -> str:
        """The address, or nothing when this installation does not serve the page."""
        try:
            address = reverse(self.page, args=self.arguments)
        except NoReverseMatch:
            return ""
        return f"{address}?{self.query}" if self.query else address


def find(staff, text: str, *, limit: int = 6) -> list[Hit]:
    """Ask every provider; each gives at most ``limit`` things that this person may see."""
    wanted = " ".join(text.split())
    if not wanted:
        return []
    found = (hit for name in navigation.SEARCH_PROVIDERS for hit in import_string(name)(staff, wanted, limit=limit))
    return [hit for hit in found if hit.url]


def read_code(staff, code: str, *, location=None) -> Hit | None:
    """Return what a scanned or typed code opens, or None when nobody knows it."""
    wanted = code.strip()
    answers = (
        (import_string(name)(staff, wanted, location=location) for name in navigation.SCAN_READERS) if wanted else ()
    )
    return next((hit for hit in answers if hit is not None), None)
