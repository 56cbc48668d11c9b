"""Reading channels and the accounts behind them."""

from django.utils.translation import gettext as _

from omni.models import Channel, User
from omni.search import Hit


def search(staff: User, text: str, *, limit: int) -> list[Hit]:
    """Channels by name, for those who look after them."""
    if not staff.has_perm("omni.view_connectoraccount"):
        return []
    found = Channel.objects.visible_to(staff).open().filter(name__icontains=text)[:limit]
    return [Hit(channel.name, _("Channels"), "channels", icon="waypoints") for channel in found]
