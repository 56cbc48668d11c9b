"""Moving stock by hand: received, corrected, set apart, put back, sent on, asked to be counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.forms.stock import AdjustForm, PlaceForm, PutBackForm, ReceiveForm, SetApartForm, TransferForm
from inventory.models import StockLevel, Variant
from inventory.services import counts, stock, transfers
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.htmx import toast
from omni.models import Location, User

SOURCE = "staff"


@dataclass(frozen=True)
class Change:
    """One way to move stock by hand: its words, its form, and the service that does it."""

    code: str
    title: Promise
    button: Promise
    form: type[PlaceForm]
    act: Callable[..., Any]


def receive(*, variant: Variant, entry: str, location: Location, quantity: int, document: str, **said: Any) -> str:
    stock.receive(
        variant=variant, location=location, quantity=quantity, source=SOURCE, external_id=entry,
        document=f"delivery:{document}" if document else "", **said,
    )  # fmt: skip
    return _("%(units)s received at %(place)s.") % {"units": quantity, "place": location}


def adjust(
    *, variant: Variant, entry: str, location: Location, target: int, expected: int | None, reason: str, **said: Any
) -> str:
    stock.adjust(
        variant=variant, location=location, target=target, expected=expected, reason=reason, source=SOURCE,
        external_id=entry, **said,
    )  # fmt: skip
    return _("%(units)s on hand at %(place)s now.") % {"units": target, "place": location}


def set_apart(*, variant: Variant, entry: str, location: Location, quantity: int, reason: str, **said: Any) -> str:
    stock.set_apart(
        variant=variant, location=location, quantity=quantity, reason=reason, source=SOURCE, external_id=entry, **said
    )
    return _("%(units)s set apart at %(place)s.") % {"units": quantity, "place": location}


def put_back(*, variant: Variant, entry: str, location: Location, quantity: int, reason: str, **said: Any) -> str:
    stock.put_back(
        variant=variant, location=location, quantity=quantity, reason=reason, source=SOURCE, external_id=entry, **said
    )
    return _("%(units)s put back on sale at %(place)s.") % {"units": quantity, "place": location}


def send(*, variant: Variant, entry: str, location: Location, receiver: Location, quantity: int, **said: Any) -> str:
    cargo = [transfers.Cargo(variant, quantity)]
    transfers.ship(sender=location, receiver=receiver, cargo=cargo, key=entry, **said)
    return _("%(units)s on the way from %(place)s to %(receiver)s.") % {
        "units": quantity,
        "place": location,
        "receiver": receiver,
    }


CHANGES = {
    change.code: change
    for change in (
        Change("receive", gettext_lazy("Receive"), gettext_lazy("Book the receipt"), ReceiveForm, receive),
        Change(
            "adjust", gettext_lazy("Correct what is on hand"), gettext_lazy("Book the correction"), AdjustForm, adjust
        ),
        Change("apart", gettext_lazy("Set apart"), gettext_lazy("Set apart"), SetApartForm, set_apart),
        Change("back", gettext_lazy("Put back on sale"), gettext_lazy("Put back"), PutBackForm, put_back),
        Change("send", gettext_lazy("Send to another place"), gettext_lazy("Send"), TransferForm, send),
    )
}


@staff_view("inventory.change_stocklevel", methods=["GET", "POST"])
def stock_change(request: StaffRequest, public_id: str, change: str) -> HttpResponse:
    """Show the form of a change in the drawer; book it when it is sent."""
    asked = CHANGES.get(change)
    if asked is None:
        raise Http404
    variant = get_object_or_404(Variant.objects.visible_to(request.user), public_id=public_id)
    place = Location.objects.visible_to(request.user).filter(code=request.GET.get("location", "")).first()
    form = asked.form(request.POST or None, staff=request.user, place=place, initial=seen(request.user, variant, place))
    if request.method == "POST" and form.is_valid():
        try:
            said = asked.act(variant=variant, by=request.user, at=timezone.now(), **form.cleaned_data)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            done = HttpResponse(status=204, headers={"HX-Redirect": reverse("stock_item", args=[public_id])})
            return toast(done, said)
    status = 422 if request.method == "POST" else 200
    template = "inventory/stock/_change.html" if request.headers.get("HX-Request") else "inventory/stock/change.html"
    return render(request, template, {"variant": variant, "change": asked, "form": form, "place": place}, status=status)


def seen(staff: User, variant: Variant, place: Location | None) -> dict[str, int]:
    """What the person sees on hand: a correction is refused when it has changed meanwhile."""
    levels = StockLevel.objects.visible_to(staff)
    level = levels.filter(variant=variant, location=place).first() if place else None
    return {"target": level.on_hand, "expected": level.on_hand} if level else {}


@staff_view("inventory.change_stocklevel", methods=["POST"])
def count_request(request: StaffRequest, public_id: str) -> HttpResponse:
    """Put a blind count of this variant on the Today of a place."""
    variant = get_object_or_404(Variant.objects.visible_to(request.user), public_id=public_id)
    levels = StockLevel.objects.visible_to(request.user).changeable_by(request.user).filter(variant=variant)
    level = get_object_or_404(levels, location__code=request.POST.get("location", ""))
    counts.request(level=level, reason="asked", due_at=None, by=request.user, at=timezone.now())
    return toast(HttpResponse(status=204), _("The count is on the Today of %(place)s.") % {"place": level.location})
