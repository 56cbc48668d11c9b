"""One row of everything that a URL can name: in a store where nobody of the tests works, with a word to be found by."""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from PIL import Image

from inventory.models import Discrepancy, ReconciliationRun, Variant
from inventory.services import counts, images, prices, reservations, rules, transfers
from journeys.models import Campaign
from omni.demo_shop import DemoShop
from omni.ids import public_id
from omni.models import ApiKey, ChangeSet, Department, Flag, JobRun, Location, SavedView, User
from omni.services.demo import WEB_ACCOUNT
from omni.services.inbound import set_aside
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
        """
        Arguments for a URL: the entry whose beginning of the URL's name is longest, else the one of the argument.

        KeyError names what make_world lacks.
        """
        return {name: self.things[self.best_key(url_name, name)] for name in names}

    def best_key(self, url_name: str, name: str) -> str:
        fitting = [key for key in self.things if key.endswith(f".{name}") and url_name.startswith(key.split(".")[0])]
        return max(fitting, key=len, default=name)


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
    key = ApiKey.objects.create(name="Till", prefix="abc", hash="x", scopes=["stock:read"], created_at=at)
    Department.objects.create(code="it", name="IT")
    Flag.objects.create(code="new-till", salt="s")
    campaign = Campaign.objects.create(code="18", name="Campaign 18", starts_on=at.date(), ends_on=at.date())
    discrepancy = Discrepancy.objects.create(
        account=account, variant=variant, location=other, remote_sku="SKU-B", ours=9, theirs=7, cause="drift",
        found_at=at, last_seen_at=at,
    )  # fmt: skip
    run = ReconciliationRun.objects.create(account=account, full=True, started_at=at)
    aside = set_aside(kind="feed.row", account=account, payload={"row": 1}, code="blank", reason="Empty.", at=at)
    DemoShop(Path(settings.FEED_ROOT) / WEB_ACCOUNT)
    things = make_catalogue(variant, centre, at) | {
        "kind": "stock", "form": "csv", "change": "receive", "code": channel.code, "figure": "sales",
        "public_id": changes.public_id, "account": account.code, "api_reservation.public_id": promise.public_id,
        "stock.public_id": variant.public_id, "count_request.public_id": variant.public_id,
        "count.public_id": count.public_id, "transfer.public_id": transfer.public_id, "job.public_id": job.public_id,
        "saved_view.public_id": view.public_id, "campaign.public_id": campaign.public_id,
        "settings_staff.public_id": centre.public_id, "settings_location.public_id": other.public_id,
        "settings_account.public_id": account.public_id, "settings_account.kind": "feed",
        "settings_key.public_id": key.public_id, "settings_department.code": "it", "settings_flag.code": "new-till",
        "discrepancy.public_id": discrepancy.public_id, "reconcile_cancel.public_id": run.public_id,
        "set_aside.public_id": aside.public_id, "channel.code": account.code, "push.code": account.code,
        "integrity.code": "I1", "level": level.pk,
    }  # fmt: skip
    return World(own, other, things)


def make_catalogue(variant: Variant, by: User, at: datetime) -> dict[str, Any]:
    """A picture, a price list and a stock rule; what pages of the product and of the variant are asked for."""
    product, said = variant.product, {"by": by, "at": at}
    red = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(red, "PNG")
    image = images.add_image(product=product, data=red.getvalue(), alternative_text="red", **said)
    shelf = prices.create_price_list(name="Shelf", currency="USD", **said)
    rule = rules.add_safety_stock(name="Rule", units=1, **said)
    return {
        "product.public_id": product.public_id, "variant.public_id": variant.public_id,
        "gtin.public_id": variant.public_id, "price_why.public_id": variant.public_id, "price.code": shelf.code,
        "language": "en", "name": image.name, "rule.kind": "safety", "pk": rule.pk,
    }  # fmt: skip


def make_members(world: World) -> dict[str, User]:
    """One member of staff per role; store people work in the own store only."""
    roles = (
        "store_staff", "store_manager", "online_staff", "customer_service", "marketing", "head_office",
        "administrator",
    )  # fmt: skip
    bound = {"store_staff", "store_manager"}
    return {role: make_staff(role, locations=[world.own] if role in bound else []) for role in roles}
