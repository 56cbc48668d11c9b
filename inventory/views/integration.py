"""Integration health: how every account is doing, and what could not be dealt with."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.queries import integration
from inventory.services import given_up
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.htmx import by_htmx
from omni.models import ConnectorAccount, SetAside
from omni.services import inbound


@staff_view("omni.view_setaside")
def integration_health(request: StaffRequest) -> HttpResponse:
    """Accounts with lag, circuit and oldest unsent; items by reason, with what can be done."""
    context = {
        "accounts": integration.accounts(request.user, at=timezone.now()),
        "groups": integration.groups(request.user),
    }
    page = "inventory/health/_body.html" if by_htmx(request) else "inventory/health/list.html"
    return render(request, page, context)


@staff_view("omni.change_setaside", methods=["POST"])
def set_aside_retry(request: StaffRequest, public_id: str) -> HttpResponse:
    """Try one item again, or everything that waits for the same reason."""
    item = get_object_or_404(SetAside.objects.visible_to(request.user).waiting(), public_id=public_id)
    try:
        if request.POST.get("alike"):
            taken, refused = inbound.retry_alike(item=item, by=request.user, at=timezone.now())
        else:
            taken = int(inbound.retry(item=item, by=request.user, at=timezone.now()))
            refused = 1 - taken
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        tell(request, taken, refused)
    return redirect("integration_health")


def tell(request: StaffRequest, taken: int, refused: int) -> None:
    if taken:
        messages.success(request, ngettext("%(n)d taken.", "%(n)d taken.", taken) % {"n": taken})
    if refused:
        words = ngettext("%(n)d still refused: its reason is below.", "%(n)d still refused: see below.", refused)
        messages.error(request, words % {"n": refused})


@staff_view("omni.change_setaside", methods=["POST"])
def set_aside_skip(request: StaffRequest, public_id: str) -> HttpResponse:
    """Let one item go, with a reason."""
    item = get_object_or_404(SetAside.objects.visible_to(request.user).waiting(), public_id=public_id)
    try:
        inbound.skip(item=item, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now())
        messages.success(request, _("Left out."))
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("integration_health")


@staff_view("omni.change_setaside", methods=["POST"])
def push_retry(request: StaffRequest, code: str) -> HttpResponse:
    """Try pushes again that were given up: one, or all of the same reason."""
    account = get_object_or_404(ConnectorAccount.objects.visible_to(request.user), code=code)
    revived = given_up.retry(
        account=account, code=request.POST.get("reason_code", ""), listing_id=listing_of(request), by=request.user,
        at=timezone.now(),
    )  # fmt: skip
    messages.success(request, ngettext("%(n)d tried again.", "%(n)d tried again.", revived) % {"n": revived})
    return redirect("integration_health")


@staff_view("omni.change_setaside", methods=["POST"])
def push_skip(request: StaffRequest, code: str) -> HttpResponse:
    """Owe these listings nothing until their stock moves again, with a reason."""
    account = get_object_or_404(ConnectorAccount.objects.visible_to(request.user), code=code)
    try:
        given_up.skip(
            account=account, code=request.POST.get("reason_code", ""), listing_id=listing_of(request),
            reason=request.POST.get("reason", ""), by=request.user, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Left out until the stock moves again."))
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect("integration_health")


def listing_of(request: StaffRequest) -> int | None:
    key = request.POST.get("listing", "")
    return int(key) if key.isdigit() and len(key) < 19 else None
