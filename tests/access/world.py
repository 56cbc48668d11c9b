"""One row of everything that a URL can name: in a store where nobody of the tests works, with a word to be found by."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from inventory.services import counts, reservations, transfers
from omni.ids import public_id
from omni.models import ChangeSet, JobRun, Location, SavedView, User
from tests.factories.inventory import make_listing, make_stock, make_variant
from tests.factories.omni import make_account, make_channel, make_location, make_staff

CANARY = "Canary Of Store B"


@dataclass
class World:
    """The own store of the staff under test, the other one, and what URLs name, by URL name or by argument."""

    own: Location
    other: Location
    things: dict[str, Any]

    def arguments(self, url_name: str, names: set[str]) -> dict[str, Any]:
        """Arguments for a URL. KeyError names what make_world lacks."""
        return {name: self.things.get(f"{url_name}.{name}") or self.things[name] for name in names}


def make_world() -> World:
    """Everything lies in the other store: who is bound to the own store may not reach it."""
    at = timezone.now()
    own, other = make_location("store-a"), make_location("store-b", name=CANARY)
    centre = make_staff("administrator")
    variant = make_variant("SKU-B")
    level = make_stock(variant=variant, location=other, on_hand=9, at=at)
    channel = make_channel("web", locations=[own, other])
    account = make_account(channel=channel, code="web-feed", config={"folder": "web-feed"})
    make_listing(variant, account=account)
    count = counts.request(level=level, reason="asked", due_at=None, by=centre, at=at)
    transfer = transfers.ship(
        sender=other, receiver=make_location("store-c"), cargo=[transfers.Cargo(variant, 1)], key=public_id(),
        by=centre, at=at,
    )  # fmt: skip
    promise = reservations.reserve(
        holder="cart:1", demands=[reservations.Demand(variant, other, 1)], channel=channel, until=None, by=None, at=at
    )[0]
    job = JobRun.objects.create(task="omni.sweep", key="k", run_at=at, created_at=at, requested_by=centre)
    changes = ChangeSet.objects.create(kind="stock", author=centre, created_at=at)
    view = SavedView.objects.create(page="stock", name="Mine", owner=centre)
    things = {
        "kind": "stock", "form": "csv", "change": "receive", "code": channel.code, "sku": variant.sku,
        "stock_item.public_id": variant.public_id, "stock_why.public_id": variant.public_id,
        "stock_movements.public_id": variant.public_id, "stock_change.public_id": variant.public_id,
        "count_request.public_id": variant.public_id, "count.public_id": count.public_id,
        "transfer.public_id": transfer.public_id, "transfer_receive.public_id": transfer.public_id,
        "job.public_id": job.public_id, "job_cancel.public_id": job.public_id, "job_again.public_id": job.public_id,
        "saved_view_delete.public_id": view.public_id, "reservation": promise.public_id,
        "public_id": changes.public_id,
    }  # fmt: skip
    return World(own, other, things)


def make_members(world: World) -> dict[str, User]:
    """One member of staff per role; store people work in the own store only."""
    roles = (
        "store_staff", "store_manager", "online_staff", "customer_service", "marketing", "head_office",
        "administrator",
    )  # fmt: skip
    bound = {"store_staff", "store_manager"}
    return {role: make_staff(role, locations=[world.own] if role in bound else []) for role in roles}
