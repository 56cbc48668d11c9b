"""Transfers: what is on its way between places, and taking it in."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.forms.transfers import arrivals_of, line_forms
from inventory.models import Transfer
from inventory.services import transfers
from inventory.tables.transfers import TransferTable
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.ids import public_id as new_id
from omni.listing import Empty, ListPage
from omni.models import Location

TRANSFERS = ListPage(
    url_name="transfers",
    title=gettext_lazy("Transfers"),
    table=TransferTable,
    order="-created_at",
    search=("public_id__iexact", "sender__name__icontains", "receiver__name__icontains"),
    empty=Empty(gettext_lazy("Nothing is on its way."), gettext_lazy("Find something to send"), "stock"),
)


@staff_view("inventory.view_transfer")
def transfer_list(request: StaffRequest) -> HttpResponseBase:
    """Every transfer that leaves or reaches one's own places."""
    rows = Transfer.objects.visible_to(request.user).select_related("sender", "receiver", "created_by").distinct()
    return TRANSFERS.answer(request, rows)


@staff_view("inventory.view_transfer")
def transfer(request: StaffRequest, public_id: str) -> HttpResponse:
    """One transfer with its lines, and the form that takes it in."""
    found = transfer_of(request, public_id)
    context = {"transfer": found, "forms": line_forms(found), "may_receive": may_receive(request, found)}
    return render(request, "inventory/transfers/detail.html", {**context, "key": new_id()})


@staff_view("inventory.change_transfer", methods=["POST"])
def transfer_receive(request: StaffRequest, public_id: str) -> HttpResponse:
    """Take in what arrived and write off what was lost."""
    found = transfer_of(request, public_id)
    get_object_or_404(Location.objects.visible_to(request.user), pk=found.receiver_id)
    forms = line_forms(found, request.POST)
    key = request.POST.get("key", "")[:40]
    refusal = ""
    if all(form.is_valid() for form in forms):
        try:
            transfers.receive(transfer=found, arrivals=arrivals_of(forms), by=request.user, at=timezone.now(), key=key)
        except RuleBroken as broken:
            refusal = str(broken)
        else:
            messages.success(request, _("It is on the shelf of %(place)s.") % {"place": found.receiver})
            return redirect("transfer", public_id=public_id)
    context = {"transfer": found, "forms": forms, "may_receive": True, "refusal": refusal, "key": key}
    return render(request, "inventory/transfers/detail.html", context, status=422)


def transfer_of(request: StaffRequest, public_id: str) -> Transfer:
    found = Transfer.objects.visible_to(request.user).select_related("sender", "receiver", "created_by").distinct()
    return get_object_or_404(found, public_id=public_id)


def may_receive(request: StaffRequest, found: Transfer) -> bool:
    return (
        found.state == Transfer.State.SENT
        and request.user.has_perm("inventory.change_transfer")
        and Location.objects.visible_to(request.user).filter(pk=found.receiver_id).exists()
    )
