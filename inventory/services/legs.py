"""Transfers as programmes report them, one leg at a time: sent here, arrived there."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import StockMovement, Transfer, Variant
from inventory.services import transfers
from inventory.services.movements import ExternalIdReused
from inventory.services.transfers import Arrival, Cargo, MoreThanSent
from omni.db import try_lock
from omni.idempotency import KeyInFlight
from omni.models import Location

LONGEST_ID = 80


@dataclass(frozen=True)
class Leg:
    """One leg with the transfer it belongs to; ``repeated`` when it had been booked before."""

    transfer: Transfer
    repeated: bool


@transaction.atomic
def sent(
    *,
    variant: Variant,
    sender: Location,
    receiver: Location,
    quantity: int,
    source: str,
    external_id: str,
    at: datetime,
) -> Leg:
    """
    Send units of one variant on their way, as a transfer of one line, once per (source, external_id).

    Raises NotEnoughStock, WrongState (to itself), ImplausibleQuantity, ExternalIdReused, KeyInFlight.
    """
    name = one_at_a_time(source, external_id)
    known = Transfer.objects.filter(reference=name).first()
    if known is not None:
        line = known.lines.get()
        if (line.variant_id, line.sent, known.sender, known.receiver) != (variant.pk, quantity, sender, receiver):
            raise reused(external_id)
        return Leg(known, repeated=True)
    transfer = transfers.draft(sender=sender, receiver=receiver, cargo=[Cargo(variant, quantity)], by=None, at=at)
    Transfer.objects.filter(pk=transfer.pk).update(reference=name)
    return Leg(transfers.send(transfer=transfer, by=None, at=at), repeated=False)


@transaction.atomic
def arrived(
    *, transfer: Transfer, variant: Variant, received: int, lost: int, source: str, external_id: str, at: datetime
) -> Leg:
    """
    Put what arrived on the receiver's shelf and write off what was lost, once per (source, external_id).

    Raises MoreThanSent, WrongState, ExternalIdReused, KeyInFlight.
    """
    key = one_at_a_time(source, external_id)
    line = transfer.lines.filter(variant=variant).first()
    if line is None:
        sentence = _("%(sku)s is not on this transfer.") % {"sku": variant.sku}
        raise MoreThanSent(sentence, sku=variant.sku, on_the_way=0, given=received + lost)
    rows = StockMovement.objects.filter(source=transfers.SOURCE, external_id=transfers.named(transfer, line, key))
    booked = dict(rows.values_list("leg", "quantity"))
    if booked:
        if (booked.get("in", 0), -booked.get("lost", 0)) != (received, lost):
            raise reused(external_id)
        return Leg(transfer, repeated=True)
    arrival = Arrival(variant, received, lost)
    return Leg(transfers.receive(transfer=transfer, arrivals=[arrival], by=None, at=at, key=key), repeated=False)


def one_at_a_time(source: str, external_id: str) -> str:
    """The name of a leg, under which nobody else works until the transaction ends. Raises KeyInFlight."""
    name = f"{source}:{external_id}"
    if not try_lock(f"leg:{name}"):
        raise KeyInFlight(_("The same leg is being booked at this moment. Try again."))
    return name


def reused(external_id: str) -> ExternalIdReused:
    sentence = _("%(external_id)s was used for another movement. Each movement needs an id of its own.")
    return ExternalIdReused(sentence % {"external_id": external_id}, external_id=external_id)
