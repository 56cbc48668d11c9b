"""
The one writer of the ledger, and the only module that locks stock.

The global order of locks is: levels by key, then reservations, then listings by key. Every service that moves stock
opens one ``Posting`` over all the places it needs, moves units through it, and writes it once.
"""

import functools
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from inventory.models import Bucket, KitComponent, StockLevel, StockMovement, Variant
from inventory.services import listings
from omni.append_only import unlocked
from omni.db import insert_many, retry_conflicts, update_many
from omni.errors import RuleBroken
from omni.models import Channel, Location, Origin, User

P = ParamSpec("P")
R = TypeVar("R")
Place = tuple[int, int]
BUCKETS = [bucket.value for bucket in Bucket]
Kind = StockMovement.Kind
WRITTEN = [
    "level", "sequence", "bucket", "quantity", "balance", "kind", "reason", "source", "external_id", "leg", "document",
    "channel", "actor", "occurred_at", "original_at", "origin",
]  # fmt: skip
LEG_END = "|"  # what follows it in a leg was added here: which component, which consequence


class NotEnoughStock(RuleBroken):
    """Fewer units are free than were asked for. data: lacks = [{sku, location, asked, available}]."""

    code = "not_enough_stock"
    status = 409


class StaleStock(RuleBroken):
    """The level is not what the writer last saw. data: expected, actual."""

    code = "stale_stock"
    status = 409


class NotWholeUnits(RuleBroken):
    """A quantity that is no whole number above zero. data: quantity."""

    code = "quantity_not_whole"


class ImplausibleQuantity(RuleBroken):
    """More units than one movement of this variant plausibly has. data: sku, quantity, plausible."""

    code = "implausible_quantity"


class NotCounted(RuleBroken):
    """The variant is not counted in units, or it is a kit, which holds no stock of its own. data: sku."""

    code = "not_counted_in_units"


@dataclass
class Posting:
    """
    Rows of the ledger that belong together: who says so, when, and the levels that they move.

    Open it with ``post``, which locks the levels. ``move`` appends a row and keeps the running balance; ``write`` puts
    rows and balances down. Inside a transaction only.
    """

    source: str
    at: datetime
    by: User | None = None
    channel: Channel | None = None
    document: str = ""
    recorded: datetime | None = None
    original_at: datetime | None = None
    origin: str = Origin.REAL
    levels: dict[Place, StockLevel] = field(default_factory=dict)
    rows: list[StockMovement] = field(default_factory=list)

    def level(self, variant: Variant, location: Location) -> StockLevel:
        return self.levels[variant.pk, location.pk]

    def known(self, external_ids: Iterable[str]) -> list[StockMovement]:
        """What this source has said before under these ids."""
        found = StockMovement.objects.filter(source=self.source, external_id__in=set(external_ids))
        return list(found.select_related("level").order_by("pk"))

    def move(
        self,
        level: StockLevel,
        bucket: Bucket,
        quantity: int,
        kind: str,
        *,
        external_id: str,
        leg: str = "",
        reason: str = "",
    ) -> None:
        """Append one signed change of one bucket; nothing at all for a change of zero."""
        if not quantity:
            return
        balance = getattr(level, bucket.value) + quantity
        setattr(level, bucket.value, balance)
        level.sequence += 1
        row = StockMovement(
            level=level, sequence=level.sequence, bucket=bucket.value, quantity=quantity, balance=balance, kind=kind,
            reason=reason, source=self.source, external_id=external_id, leg=leg, document=self.document,
            channel=self.channel, actor=self.by, occurred_at=self.at, original_at=self.original_at, origin=self.origin,
        )  # fmt: skip
        if self.recorded:
            row.recorded_at = self.recorded
        self.rows.append(row)

    def write(self) -> list[StockMovement]:
        """Write rows and balances, and mark the listings that should now show something else."""
        if not self.rows:
            return []
        insert_many(self.rows, [*WRITTEN, "recorded_at"] if self.recorded else WRITTEN)
        moved = {row.level_id: row.level for row in self.rows}
        save_balances([moved[pk] for pk in sorted(moved)])
        listings.mark_dirty({(level.variant_id, level.location_id) for level in moved.values()}, at=self.at)
        return self.rows


def save_balances(levels: list[StockLevel]) -> None:
    """Put the balances of locked levels down."""
    update_many(levels, [*BUCKETS, "sequence", "assumed", "counted_at"])


def post(
    places: Iterable[Place],
    *,
    source: str,
    at: datetime,
    by: User | None = None,
    channel: Channel | None = None,
    document: str = "",
    recorded: datetime | None = None,
    original_at: datetime | None = None,
    origin: str = Origin.REAL,
) -> Posting:
    """
    Lock the levels of these places in the global order and open a posting over them; missing levels are made.

    at: when it happened. recorded: when we came to know, if not now. original_at: the real time of moved demo data.
    """
    return Posting(
        source=source, at=at, by=by, channel=channel, document=document, recorded=recorded, original_at=original_at,
        origin=origin, levels=lock_levels(places),
    )  # fmt: skip


def lock_levels(places: Iterable[Place]) -> dict[Place, StockLevel]:
    """Lock levels by ascending key and return them by (variant, location); make what is missing, once for all."""
    wanted = sorted(set(places))
    if not wanted:
        return {}
    found = locked(wanted)
    missing = [place for place in wanted if place not in found]
    if missing:
        fresh = [StockLevel(variant_id=variant, location_id=location) for variant, location in missing]
        insert_many(fresh, ["variant", "location"], once=True)
        found = locked(wanted)
    return found


def locked(places: list[Place]) -> dict[Place, StockLevel]:
    by_location: dict[int, list[int]] = {}
    for variant, location in places:
        by_location.setdefault(location, []).append(variant)
    wanted = Q(pk__in=[])
    for location, variants in by_location.items():
        wanted |= Q(location_id=location, variant_id__in=variants)
    rows = StockLevel.objects.filter(wanted).order_by("pk")
    rows = rows.select_for_update(of=("self",), no_key=True)
    return {(level.variant_id, level.location_id): level for level in rows}


def check_units(variant: Variant, quantity: object) -> int:
    """Return the quantity if it is a plausible number of whole units; raise NotWholeUnits or ImplausibleQuantity."""
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise NotWholeUnits(
            _("%(quantity)s of %(sku)s: a quantity is a whole number of units, 1 or more.")
            % {"quantity": quantity, "sku": variant.sku},
            quantity=str(quantity),
            sku=variant.sku,
        )
    if quantity > variant.plausible_units:
        raise ImplausibleQuantity(
            _("%(quantity)s of %(sku)s at once is more than the plausible %(most)s units. A person should look at it.")
            % {"quantity": quantity, "sku": variant.sku, "most": variant.plausible_units},
            sku=variant.sku,
            quantity=quantity,
            plausible=variant.plausible_units,
        )
    return quantity


def check_counted(variant: Variant) -> None:
    """Raise NotCounted for a kit and for what is not counted in units."""
    if not variant.is_stocked or KitComponent.objects.filter(kit=variant).exists():
        raise NotCounted(
            _("%(sku)s holds no stock of its own.") % {"sku": variant.sku},
            sku=variant.sku,
        )


Parts = dict[int, list[tuple[Variant, int]]]


def parts_of(variants: Iterable[Variant]) -> Parts:
    """What one unit of each variant takes from stock: a kit its components, a counted variant itself, else nothing."""
    wanted = {variant.pk: variant for variant in variants}
    parts: Parts = {}
    for row in KitComponent.objects.filter(kit__in=wanted).select_related("component").order_by("component_id"):
        parts.setdefault(row.kit_id, []).append((row.component, row.quantity))
    for pk, variant in wanted.items():
        parts.setdefault(pk, [(variant, 1)] if variant.is_stocked else [])
    return parts


def lacking(lacks: list[dict]) -> NotEnoughStock:
    """The refusal for places where fewer units are free than were asked for."""
    first = lacks[0]
    return NotEnoughStock(
        _("Only %(available)s of %(sku)s are free at %(location)s; %(asked)s were asked for.") % first, lacks=lacks
    )


def lack(variant: Variant, location: Location, asked: int, available: int) -> dict:
    return {"sku": variant.sku, "location": location.name, "asked": asked, "available": available}


@dataclass(frozen=True)
class Booked:
    """What one call booked on one level; ``repeated`` when it had been booked before and nothing changed."""

    level: StockLevel
    movements: tuple[StockMovement, ...] = ()
    repeated: bool = False


def booked_once(service: Callable[P, R]) -> Callable[P, R]:
    """
    Run a service in a transaction; again when the database asks for it, and once more when a twin was faster.

    The twin's rows violate the ledger's key (source, external id, leg); the second run finds them and answers with the
    first result.
    """

    @functools.wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic():
                return service(*args, **kwargs)
        except IntegrityError as error:
            if not said_before(error):
                raise
        with transaction.atomic():
            return service(*args, **kwargs)

    return retry_conflicts(run)


def ledger_unlocked(reason: str, *, by: User | None, at: datetime) -> AbstractContextManager[None]:
    """
    The one way through the ledger's triggers: inside this block (a transaction) movements may be deleted.

    Only for removing demo data; the audit says who, when and why. The balances are the caller's to put right.
    """
    return unlocked(StockMovement, reason=reason, by=by, at=at)


def said_before(error: IntegrityError) -> bool:
    """Whether the database refused a row whose key (source, external id, leg) is there already."""
    return any(name in str(error) for name in ("inventory_stockmovement_once", "inventory_stockmovement.external_id"))
