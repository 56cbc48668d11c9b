"""Counting a shelf: blind, and booked only if nothing moved meanwhile."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.forms.counts import CountForm
from inventory.models import Count
from inventory.services import counts
from inventory.services.ledger import StaleStock
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken


@staff_view("inventory.do_count", methods=["GET", "POST"])
def count(request: StaffRequest, public_id: str) -> HttpResponse:
    """Ask for the figure of one shelf without showing ours, and book it."""
    found = Count.objects.visible_to(request.user).select_related("level__variant__product", "level__location")
    asked = get_object_or_404(found, public_id=public_id)
    if asked.state != Count.State.OPEN:
        return render(request, "inventory/counts/detail.html", {"count": asked})
    form = CountForm(request.POST or None, initial={"sequence": asked.level.sequence})
    moved = None
    if request.method == "POST" and form.is_valid():
        try:
            booked = counts.book(count=asked, by=request.user, at=timezone.now(), **form.cleaned_data)
        except StaleStock as stale:
            moved, said = stale, form.cleaned_data["counted"]
            form = CountForm(initial={"sequence": asked.level.sequence, "counted": said})
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            messages.success(request, outcome_of(booked))
            return redirect("today")
    status = 422 if request.method == "POST" else 200
    return render(request, "inventory/counts/form.html", {"count": asked, "form": form, "moved": moved}, status=status)


def outcome_of(booked: Count) -> str:
    """What a booked count says: the same, more or less than the ledger had."""
    figures = {"counted": booked.counted, "expected": booked.expected, "name": booked.level.variant}
    if booked.counted == booked.expected:
        return _("%(name)s: %(counted)s counted, as the ledger says.") % figures
    return _("%(name)s: %(counted)s counted, the ledger said %(expected)s. The difference is booked.") % figures
