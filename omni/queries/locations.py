"""Reading places: searching them, their groups, and the channels that may promise their stock."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from omni.models import ChannelLocation, Location, LocationGroup, User
from omni.search import Hit


def search(staff: User, text: str, *, limit: int) -> list[Hit]:
    """Stores and warehouses by name, code or town."""
    fits = Q(name__icontains=text) | Q(code__iexact=text) | Q(city__icontains=text)
    found = Location.objects.visible_to(staff).open().filter(fits)[:limit]
    return [
        Hit(place.name, _("Stores and warehouses"), "stock", (), f"store={place.code}", place.city, "store")
        for place in found
    ]


def group_names() -> set[str]:
    return set(LocationGroup.objects.values_list("name", flat=True))


def channels_serving(location_ids: Collection[int]) -> dict[int, list[str]]:
    """Key of a location: the codes of its channels, in order."""
    served: dict[int, list[str]] = {}
    links = ChannelLocation.objects.filter(location__in=location_ids).order_by("channel__code")
    for place, code in links.values_list("location_id", "channel__code"):
        served.setdefault(place, []).append(code)
    return served
