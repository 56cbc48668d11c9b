"""Kits: variants that are sold as units of others and hold no stock of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import KitComponent, StockLevel, Variant
from inventory.services import listings
from inventory.services.catalogue import check_empty, locked
from inventory.services.ledger import lock_levels
from omni.activity import record
from omni.errors import RuleBroken
from omni.models import User

MOST_PARTS, MOST_UNITS = 40, 1000


class KitRefused(RuleBroken):
    """These parts do not make a kit. data: sku."""

    code = "kit_refused"


@dataclass(frozen=True)
class Part:
    """How many units of a variant one kit takes."""

    variant: Variant
    quantity: int


@transaction.atomic
def set_kit(*, kit: Variant, parts: Sequence[Part], by: User | None, at: datetime) -> Variant:
    """
    Say what one kit is made of; no parts: it is no kit any longer.

    A kit is made of counted variants, never of another kit, and holds no stock. Raises KitRefused, StillInUse.
    """
    rows = locked([kit.pk, *(part.variant.pk for part in parts)])
    if parts:
        check_parts(rows[kit.pk], parts)
        check_can_be_kit(rows[kit.pk])
    before = dict(KitComponent.objects.filter(kit=kit).values_list("component_id", "quantity"))
    after = {part.variant.pk: part.quantity for part in parts}
    if after == before:
        return kit
    KitComponent.objects.filter(kit=kit).delete()
    KitComponent.objects.bulk_create(
        KitComponent(kit=kit, component_id=pk, quantity=quantity) for pk, quantity in sorted(after.items())
    )
    record("variant.kit_changed", subject=kit, by=by, at=at, parts=len(after))
    listings.mark_variants(Variant.objects.filter(pk=kit.pk), at=at)
    return kit


def check_parts(kit: Variant, parts: Sequence[Part]) -> None:
    keys = [part.variant.pk for part in parts]
    if len(keys) > MOST_PARTS or len(set(keys)) != len(keys):
        refuse(kit, _("A kit has at most %(most)s parts, each of them once.") % {"most": MOST_PARTS})
    for part in parts:
        sku = {"sku": part.variant.sku}
        if part.variant.pk == kit.pk:
            refuse(kit, _("A kit is not a part of itself."))
        if not 1 <= part.quantity <= MOST_UNITS:
            refuse(kit, _("%(sku)s: a kit takes between 1 and %(most)s units.") % {**sku, "most": MOST_UNITS})
        if not part.variant.is_stocked or part.variant.retired_at:
            refuse(kit, _("%(sku)s is not sold in counted units.") % sku)
    nested = KitComponent.objects.filter(kit__in=keys).select_related("kit").first()
    if nested:
        refuse(kit, _("%(sku)s is a kit itself. A kit is made of single products.") % {"sku": nested.kit.sku})


def check_can_be_kit(kit: Variant) -> None:
    if KitComponent.objects.filter(component=kit).exists():
        refuse(kit, _("%(sku)s is part of a kit. A kit is made of single products.") % {"sku": kit.sku})
    lock_levels(StockLevel.objects.filter(variant=kit).values_list("variant_id", "location_id"))
    check_empty(kit)


def refuse(kit: Variant, sentence: str) -> None:
    raise KitRefused(sentence, sku=kit.sku)
