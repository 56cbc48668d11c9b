"""What an account calls our locations, and which of our listings a remote reference means."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from inventory.models import Listing
from omni.connectors.base import ListingRef
from omni.models import ConnectorAccount, Location

FEED = "feed"


class StrangePlace(KeyError):
    """The account names a location that is none of ours."""


@dataclass(frozen=True)
class Places:
    """
    The locations of one account, in its words and in ours. No location (None) is its single pool.

    A linked place is ours by the link alone; a feed may also use our own location codes, because we tell it these.
    """

    by_remote: dict[str, Location] = field(default_factory=dict)
    remote_of: dict[int, str] = field(default_factory=dict)

    def ours(self, remote: str | None) -> Location | None:
        """Raises StrangePlace."""
        if remote is None:
            return None
        if remote not in self.by_remote:
            raise StrangePlace(remote)
        return self.by_remote[remote]

    def theirs(self, location_id: int | None) -> str | None:
        return None if location_id is None else self.remote_of[location_id]


def places_of(account: ConnectorAccount) -> Places:
    """Read the places of an account: two queries."""
    by_remote: dict[str, Location] = {}
    if account.kind == FEED:
        by_remote = {place.code: place for place in Location.objects.filter(channels=account.channel_id)}
    for link in account.location_links.select_related("location"):
        if link.location is not None:
            by_remote[link.remote_id] = link.location
    return Places(by_remote, {place.pk: remote for remote, place in by_remote.items()})


def find_listings(account: ConnectorAccount, refs: Iterable[ListingRef], places: Places) -> dict[ListingRef, Listing]:
    """The live listings that these references mean; one query for a page of them."""
    wanted = list(refs)
    live = Listing.objects.live().filter(account=account, remote_sku__in={ref.sku for ref in wanted})
    known = {(row.remote_sku, row.location_id): row for row in live}
    found = {}
    for ref in wanted:
        place = places.by_remote.get(ref.location) if ref.location is not None else None
        if ref.location is None or place is not None:
            row = known.get((ref.sku, place.pk if place else None))
            if row is not None:
                found[ref] = row
    return found


def ref_of(listing: Listing, places: Places) -> ListingRef:
    """How the account calls a listing of ours."""
    return ListingRef(listing.remote_id or listing.remote_sku, listing.remote_sku, places.theirs(listing.location_id))
