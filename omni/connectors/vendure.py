"""
Vendure 3, over its admin API.

What its behaviour forces (each seen on a running server):
- An order only allocates; ``stockOnHand`` falls when it is fulfilled. So available + allocated is written as
  ``stockOnHand``, and available is read as on hand less allocated.
- Stock is set absolutely, the last writer wins, -1 is accepted: keep one writer per listing; every write is read back.
- ``updatedAt`` of an order lies before ``orderPlacedAt``: new orders are polled by ``orderPlacedAt`` with an overlap,
  open ones are read again. A sort by two fields sorts by ``id`` first, so only one field is asked for, and the order
  of the answer is checked.
- Nothing says at which location a line was allocated: sales carry no location.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from omni.connectors import outbound, shapes, vendure_orders, vendure_stock
from omni.connectors.base import (
    Batch,
    Capabilities,
    Cursor,
    Health,
    ListingRef,
    ListingWrite,
    Page,
    RawRequest,
    RemoteListing,
    RemoteLocation,
    RemoteSale,
    RemoteStock,
    StockWrite,
    WebhookEvent,
    WriteResult,
)
from omni.connectors.clock import utc_now
from omni.connectors.errors import AuthExpired, BadSignature, ConnectorError, Garbage, Misconfigured, Rejected
from omni.connectors.feed_files import iso
from omni.connectors.vendure_api import VendureApi
from omni.connectors.vendure_stock import BULK, Variant

CHANNEL = "query Channel { activeChannel { code defaultCurrencyCode } }"
LOCATIONS = "query Locations { stockLocations(options: { take: 100 }) { totalItems items { id name } } }"
OVERLAP = 50

CAPABILITIES = Capabilities(
    multi_location=True,
    stock_write=frozenset({"absolute"}),
    counts="on_hand",
    bulk_limit=BULK,
    partial_failure=True,
    async_ack=False,
    order_cursor="placed",
    webhooks=True,
)


@dataclass
class VendureConnector:
    """
    One Vendure shop.

    stock_location: the one location that Omni fills; listings then carry no location. Without it every location of
    the shop is its own, and listings carry its id.
    """

    api: VendureApi
    stock_location: str = ""
    webhook_secret: str = ""
    webhook_header: str = "X-Signature"
    now: Callable[[], datetime] = utc_now
    page_size: int = 100

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def check(self) -> Health:
        """Sign in and count what is there."""
        start = time.monotonic()
        try:
            channel = shapes.text(shapes.part(self.api.read(CHANNEL), "activeChannel"), "code")
            places = {place.remote_id for place in self.locations()}
            count, _some = vendure_stock.variants(self.api, skip=0, take=1)
        except ConnectorError as error:
            return Health(False, _failure(error), _since(start), {"code": error.code})
        facts = {"channel": channel, "variants": str(count), "locations": str(len(places))}
        if self.stock_location and self.stock_location not in places:
            return Health(False, _("The shop has no stock location with this id."), _since(start), facts)
        sentence = _("Connected: %(variants)s variants at %(locations)s stock locations.") % facts
        return Health(True, sentence, _since(start), facts)

    def locations(self) -> Sequence[RemoteLocation]:
        answer = shapes.part(self.api.read(LOCATIONS), "stockLocations")
        items = shapes.rows(answer, "items")
        if shapes.integer(answer, "totalItems") != len(items):
            raise Garbage("more stock locations than can be read at once")
        return [RemoteLocation(shapes.text(item, "id"), shapes.text(item, "name")) for item in items]

    def listings(self, cursor: Cursor | None = None) -> Page[RemoteListing]:
        return self._sweep(cursor, self._listings_of)

    def stock(self, refs: Sequence[ListingRef] | None = None, cursor: Cursor | None = None) -> Page[RemoteStock]:
        """A sweep through all variants; or the given listings, of which those that are gone are left out."""
        at = self.now()
        if refs is None:
            return self._sweep(cursor, lambda variant: self._stock_of(variant, at))
        start = int((cursor or {}).get("at", 0))
        some = refs[start : start + BULK]
        found = vendure_stock.variants_by_id(self.api, (ref.remote_id for ref in some))
        stock = {item.ref: item for variant in found.values() for item in self._stock_of(variant, at)}
        more = start + BULK < len(refs)
        return Page(
            items=tuple(stock[ref] for ref in some if ref in stock),
            next_cursor={"at": start + BULK} if more else None,
            has_more=more,
            batch=Batch(f"asked {iso(at)}", at, complete=not more),
        )

    def _sweep(self, cursor: Cursor | None, items_of: Callable[[Variant], Iterable[Any]]) -> Page[Any]:
        """
        All variants in the order of their ids, a page at a time.

        Each page begins with the last variant of the one before. Where it does not, something was deleted meanwhile:
        the sweep goes back some way and no longer claims to be full.
        """
        state = cursor or {"skip": 0, "last": "", "started": iso(self.now()), "moved": False}
        skip, last, moved = int(state["skip"]), str(state["last"]), bool(state["moved"])
        _count, found = vendure_stock.variants(self.api, skip=max(0, skip - 1), take=self.page_size)
        if last and (not found or found[0].id != last):
            moved = True
            skip = max(0, skip - OVERLAP)
            _count, found = vendure_stock.variants(self.api, skip=max(0, skip - 1), take=self.page_size)
        more = len(found) == self.page_size
        fresh = [variant for variant in found if variant.id != last]
        onward = {"skip": max(0, skip - 1) + len(found), "last": found[-1].id if found else "", "moved": moved}
        return Page(
            items=tuple(item for variant in fresh for item in items_of(variant)),
            next_cursor=(state | onward) if more else None,
            has_more=more,
            batch=Batch(
                f"sweep {state['started']}", datetime.fromisoformat(state["started"]), full=not moved, complete=not more
            ),
        )

    def _places(self, variant: Variant) -> list[tuple[str, str | None]]:
        """Locations of one variant, and what they are called in its refs."""
        if self.stock_location:
            return [(self.stock_location, None)]
        return [(location, location) for location in sorted(variant.levels)]

    def _listings_of(self, variant: Variant) -> list[RemoteListing]:
        return [
            RemoteListing(
                ListingRef(variant.id, variant.sku, name),
                title=variant.name,
                active=variant.enabled,
                price_minor=variant.price_minor,
                currency=variant.currency,
                updated_at=variant.updated_at,
            )
            for _location, name in self._places(variant)
        ]

    def _stock_of(self, variant: Variant, at: datetime) -> list[RemoteStock]:
        found = [(name, variant.at(location)) for location, name in self._places(variant)]
        return [
            RemoteStock(
                ListingRef(variant.id, variant.sku, name), level.on_hand, level.allocated, level.available, seen_at=at
            )
            for name, level in found
        ]

    def write_stock(self, writes: Sequence[StockWrite], key: UUID) -> Sequence[WriteResult]:
        """Set and read back. The key is not used: the same figures again change nothing."""
        if len(writes) > BULK:
            raise Rejected(f"more than {BULK} writes in one call", code="too_many")
        places = {place.remote_id for place in self.locations()}
        return vendure_stock.write(self.api, writes, place=self._place_of, places=places)

    def _place_of(self, write: StockWrite) -> str | None:
        return self.stock_location or write.ref.location

    def write_results(self, cursor: Cursor | None = None) -> Page[WriteResult]:
        return Page()

    def write_listings(self, listings: Sequence[ListingWrite]) -> None:
        """The shop keeps its own catalogue."""

    def request_snapshot(self, *, full: bool = True) -> None:
        """The shop can be asked directly."""

    def orders_from(self, at: datetime) -> Cursor | None:
        return vendure_orders.cursor_at(at)

    def orders(self, cursor: Cursor | None = None) -> Page[RemoteSale]:
        return vendure_orders.page(self.api, cursor, at=self.now(), take=self.page_size)

    def open_orders(self, order_ids: Sequence[str]) -> Iterable[RemoteSale]:
        return vendure_orders.by_code(self.api, order_ids)

    def has_news(self) -> bool:
        return True

    def acknowledge(self, page: Page[Any]) -> None:
        """Nothing lies anywhere to be put away."""

    def verify_webhook(self, request: RawRequest) -> WebhookEvent:
        """
        Check base64(HMAC-SHA256(secret, body)) in the configured header, and read {id, type, at, data}.

        Vendure itself sends no webhooks; a plugin of the shop does. Raises BadSignature, then Garbage.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        given = headers.get(self.webhook_header.lower(), "")
        digest = hmac.new(self.webhook_secret.encode(), request.body, hashlib.sha256).digest()
        if not self.webhook_secret or not hmac.compare_digest(base64.b64encode(digest), given.encode()):
            raise BadSignature("the signature does not match")
        try:
            event = json.loads(request.body)
        except ValueError as unreadable:
            raise Garbage("the webhook is no JSON") from unreadable
        data = event.get("data") if isinstance(event, dict) else None
        codes = (str(data["code"]),) if isinstance(data, dict) and data.get("code") else ()
        return WebhookEvent(
            shapes.text(event, "id"), shapes.text(event, "type"), codes, occurred_at=shapes.moment(event, "at")
        )


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


def _failure(error: ConnectorError) -> str:
    """What a person can do about it."""
    if isinstance(error, AuthExpired):
        return _("The shop does not accept the user name or password.")
    if isinstance(error, Misconfigured):
        return _("There is no Vendure admin API at this address.")
    return _("The shop does not answer as expected: %(detail)s") % {"detail": error.detail or error.code}


def open_vendure(config: Mapping[str, Any], secrets: Mapping[str, str]) -> VendureConnector:
    """
    Open one shop. Raises Misconfigured for an address that is none.

    config["public_only"], added by the installation: shops on loopback and in our own network are out of reach.
    """
    url = str(config["url"]).strip()
    if not url.startswith(("http://", "https://")):
        raise Misconfigured("the address must begin with https://", field="url")
    client = outbound.client(public_only=bool(config.get("public_only")))
    api = VendureApi(url, str(config["username"]), secrets["password"], secrets.get("channel_token", ""), client)
    return VendureConnector(
        api,
        stock_location=str(config.get("stock_location") or "").strip(),
        webhook_secret=secrets.get("webhook_secret", ""),
        webhook_header=str(config.get("webhook_header") or "X-Signature"),
    )
