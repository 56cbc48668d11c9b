"""What surrounds a page for one request: whose it is, where they are, which place they look at."""

from functools import cached_property
from itertools import groupby

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from omni.access import ROLES
from omni.models import LoadedData, Location
from omni.navigation import Section, sections_for


class Shell:
    """Everything is read when a template first asks for it: a fragment pays for nothing it does not show."""

    def __init__(self, request: HttpRequest):
        self.request = request

    @property
    def staff(self):
        return self.request.user

    @cached_property
    def now(self):
        """One now for everything that this answer shows."""
        return timezone.now()

    @cached_property
    def sections(self) -> list[Section]:
        return sections_for(self.staff)

    @cached_property
    def groups(self) -> list[list[dict]]:
        """The navigation: groups of entries with their address; the store that was chosen stays chosen."""
        entries: list[dict] = [
            {"section": one, "href": self.keep_store(reverse(one.url_name)), "current": one is self.current}
            for one in self.sections
        ]
        return [list(group) for _number, group in groupby(entries, key=lambda entry: entry["section"].group)]

    @cached_property
    def current(self) -> Section | None:
        match = self.request.resolver_match
        name = match.url_name if match else ""
        return next((one for one in self.sections if one.holds(name or "")), None)

    @property
    def initials(self) -> str:
        """Two letters for the round sign of the person."""
        parts = str(self.staff).replace("-", " ").replace("_", " ").split()
        return "".join(part[0] for part in parts[:2]).upper()

    @cached_property
    def role_names(self) -> list:
        return [role.name for code, role in ROLES.items() if code in self.staff.roles]

    @cached_property
    def places(self) -> list[Location]:
        """Every open location whose work this person may see."""
        return list(Location.objects.visible_to(self.staff).open()) if self.staff.is_authenticated else []

    @cached_property
    def place(self) -> Location | None:
        """The one location looked at: the one in the URL, else the only one a store person has; None means all."""
        wanted = self.request.GET.get("store", "")
        chosen = next((place for place in self.places if place.code == wanted), None)
        return chosen or (self.places[0] if len(self.places) == 1 else None)

    @cached_property
    def place_choices(self) -> list[dict]:
        """The switcher: each place with the address of this same page there."""
        return [
            {"place": place, "href": self.here(store=place.code), "current": place == self.place}
            for place in self.places
        ]

    @property
    def all_places_href(self) -> str:
        return self.here(store="")

    @cached_property
    def data(self) -> list[LoadedData]:
        """The data sets that the figures rest on."""
        return list(LoadedData.objects.exclude(finished_at=None).order_by("pk"))

    def keep_store(self, href: str) -> str:
        code = self.request.GET.get("store", "")
        return f"{href}?store={code}" if self.place and code == self.place.code else href

    def here(self, **changes: str) -> str:
        """The address of this page with some parameters changed; paging starts anew."""
        query = self.request.GET.copy()
        for name in ("after", "before", "part", *changes):
            query.pop(name, None)
        for name, value in changes.items():
            if value:
                query[name] = value
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path
