"""Whether the ledger is whole: the last proof, a new one, and repairs that are seen before they are booked."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.models import Bucket
from inventory.queries import integrity as ledger
from inventory.services import integrity
from omni.access import StaffRequest, staff_view
from omni.htmx import page_or_part
from omni.queue import enqueue


@staff_view("omni.view_integrity")
def ledger_check(request: StaffRequest) -> HttpResponse:
    """What the last check said, and how far the one is that runs."""
    running, last = ledger.checks(request.user)
    context = {"running": running, "last": last}
    return page_or_part(request, "inventory/integrity/page.html", "inventory/integrity/_body.html", context)


@staff_view("omni.view_integrity", methods=["POST"])
def ledger_check_now(request: StaffRequest) -> HttpResponse:
    check_again(request)
    return redirect("integrity")


def check_again(request: StaffRequest) -> None:
    enqueue(ledger.TASK, key="ledger", at=timezone.now(), by=request.user)


@staff_view("inventory.repair_ledger", methods=["GET", "POST"])
def ledger_repair(request: StaffRequest, code: str, level: int) -> HttpResponse:
    """The exact effect of a repair; booked only while it is still the effect that was shown."""
    finding = ledger.finding(code, level)
    if finding is None:
        raise Http404
    try:
        plan = integrity.preview_repair(finding)
    except integrity.CannotRepair as refused:
        messages.error(request, str(refused))
        return redirect("integrity")
    changes = [(name, plan.before[name], plan.after[name]) for name in plan.before]
    seen = ",".join(f"{name}:{before}:{after}" for name, before, after in changes)
    if request.method == "POST" and request.POST.get("seen") == seen:
        integrity.repair(finding=finding, by=request.user, at=timezone.now())
        check_again(request)
        messages.success(request, _("Booked, and written down with your name. The ledger is being checked again."))
        return redirect("integrity")
    rows = [(Bucket(name).label, before, after) for name, before, after in changes]
    context = {"plan": plan, "changes": rows, "seen": seen, "moved_on": request.method == "POST"}
    return render(request, "inventory/integrity/repair.html", context, status=409 if context["moved_on"] else 200)
