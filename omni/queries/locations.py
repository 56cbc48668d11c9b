"""Reading places."""

from django.db.models import Q
from django.utils.translation import gettext as _

from omni.models import Location, User
from omni.search import Hit


def search(staff: User, text: str, *, limit: int) -> list[Hit]:
    """Stores and warehouses by name, code or town."""
    fits = Q(name__icontains=text) | Q(code__iexact=text) | Q(city__icontains=text)
    found = Location.objects.visible_to(staff).open().filter(fits)[:limit]
    return [
        Hit(place.name, _("Stores and warehouses"), "stock", (), f"store={place.code}", place.city, "store")
        for place in found
    ]
