"""Trying again what programmes reported and nobody could believe: movements that were set aside whole."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from inventory.models import Variant
from inventory.services import stock
from omni.errors import RuleBroken
from omni.models import Channel, Location, SetAside, User


class UnknownReference(RuleBroken):
    """The item names a SKU, a location or a channel that we do not have. data: field, value."""

    code = "unknown_reference"


class UnknownKind(RuleBroken):
    """The item is of no kind that is booked. data: kind."""

    code = "unknown_kind"


def retry_movement(item: SetAside, by: User | None, at: datetime) -> None:
    """
    Book a movement that was set aside, as it was reported (settings.QUARANTINE_HANDLERS, kind ``stock.movement``).

    The payload names kind (sale, return, receipt, adjustment), sku, location, external_id, source and at; besides
    quantity, change, target, expected, leg, reason, set_apart, document, channel, amount_minor, currency.
    Raises what still refuses it.
    """
    said = item.payload
    booker = BOOKERS.get(said.get("kind", ""))
    if booker is None:
        raise UnknownKind(_("A movement of the kind %(kind)s is not known.") % {"kind": said.get("kind")}, kind="kind")
    channel = found(Channel, "code", said["channel"]) if said.get("channel") else None
    when = datetime.fromisoformat(said["at"]) if said.get("at") else at
    booker(
        said,
        variant=found(Variant, "sku", said.get("sku")),
        location=found(Location, "code", said.get("location")),
        channel=channel,
        by=by,
        at=when,
    )


def found(model: Any, field: str, value: object) -> Any:
    row = model.objects.filter(**{field: value}).first()
    if row is None:
        raise UnknownReference(
            _("%(value)s is not known here.") % {"value": value}, field=model._meta.model_name, value=str(value)
        )
    return row


def counter(said: dict[str, Any], *, variant: Variant, **named: Any) -> None:
    """A sale or a return."""
    line = stock.SaleLine(
        variant, said.get("quantity", 0), said["external_id"], said.get("leg", ""), said.get("amount_minor"),
        said.get("currency", ""),
    )  # fmt: skip
    named |= {"lines": [line], "source": said["source"], "document": said.get("document", "")}
    if said["kind"] == "sale":
        stock.sell(**named)
    else:
        stock.take_back(**named, set_apart=said.get("set_apart", ""))


def receipt(said: dict[str, Any], *, channel: Channel | None, **named: Any) -> None:
    stock.receive(
        **named, quantity=said.get("quantity", 0), source=said["source"], external_id=said["external_id"],
        document=said.get("document", ""),
    )  # fmt: skip


def adjustment(said: dict[str, Any], **named: Any) -> None:
    stock.adjust(
        **named, change=said.get("change"), target=said.get("target"), expected=said.get("expected"),
        reason=said.get("reason", ""), source=said["source"], external_id=said["external_id"],
        document=said.get("document", ""),
    )  # fmt: skip


BOOKERS: dict[str, Callable[..., None]] = {
    "sale": counter,
    "return": counter,
    "receipt": receipt,
    "adjustment": adjustment,
}
