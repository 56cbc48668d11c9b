"""A web shop beside Omni: an account whose listings are exchanged, with the stand-in or a fake at the other end."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection

from inventory.models import Listing, ListingState, ReconciliationRun
from inventory.services import exchange, pushing, reconciliation
from omni.connectors.feed_files import Layout
from omni.demo_shop import DemoShop, apply_inbox
from omni.models import ConnectorAccount
from tests.factories.inventory import make_listing, make_stock, make_variant
from tests.factories.omni import make_account, make_channel, make_location


def no_guard() -> None:
    """A worker that nobody stops."""


class World:
    """A pooled web shop over two stores, with the stand-in at the other end of its folder, and one clock."""

    def __init__(self, root: Path, settings, *, policy: str = "ask"):
        settings.FEED_ROOT = root
        self.stores = [make_location(), make_location()]
        self.channel = make_channel(locations=self.stores)
        self.account = make_account(channel=self.channel, config={"folder": "shop"}, policy=policy)
        self.folder = root / "shop"
        Layout(self.folder).ensure()
        self.shop = DemoShop(self.folder)

    def list(self, *on_hand: int, sku: str = "", at: datetime) -> Listing:
        """List a new variant with so many units in each store."""
        variant = make_variant(sku)
        for store, units in zip(self.stores, on_hand, strict=False):
            make_stock(variant=variant, location=store, on_hand=units, at=at)
        return make_listing(variant, account=self.account, at=at, clean=False)

    def push(self, at: datetime) -> dict:
        account = ConnectorAccount.objects.get(pk=self.account.pk)
        return pushing.push(account=account, at=at, now=lambda: at, keep_going=no_guard)

    def exchange(self, at: datetime) -> dict:
        account = ConnectorAccount.objects.get(pk=self.account.pk)
        return exchange.exchange(account=account, at=at, keep_going=no_guard)

    def serve(self) -> None:
        apply_inbox(self.shop)

    def settle(self, at: datetime) -> None:
        """Everything that is under way arrives."""
        for _round in range(3):
            self.push(at)
            self.serve()
            self.exchange(at)

    def reconcile(self, at: datetime, *, full: bool = True) -> ReconciliationRun:
        """A run from its start to its end."""
        run = reconciliation.start(account=self.account, full=full, by=None, at=at)
        self.exchange(at)
        self.serve()
        self.exchange(at)
        run.refresh_from_db()
        reconciliation.compare(run=run, at=at, keep_going=no_guard)
        run.refresh_from_db()
        return run

    def shown(self, listing: Listing) -> int:
        return self.shop.item(listing.remote_sku).quantity

    def state(self, listing: Listing) -> ListingState:
        return ListingState.objects.get(pk=listing.pk)


def outside_transactions(function: Callable) -> Callable:
    """Wrap a call that must never happen inside a transaction of ours."""

    def checked(*args, **kwargs):
        assert not connection.in_atomic_block, "called inside a transaction"
        return function(*args, **kwargs)

    return checked
