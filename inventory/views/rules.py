"""Stock rules: which hold, what they do; added and ended only after one has seen what that does."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from inventory.filters.rules import BufferFilters, SafetyStockFilters
from inventory.forms.prices import EndForm
from inventory.forms.rules import BufferForm, SafetyStockForm
from inventory.models import ChannelBuffer, SafetyStockRule
from inventory.services import rules as services
from inventory.tables.rules import BufferTable, SafetyStockTable
from inventory.views.answers import carried_out
from inventory.views.prices import begins
from omni.access import StaffRequest, staff_view
from omni.listing import Empty, ListPage, Quick
from omni.navigation import shell

CHANGE = "inventory.change_rules"
QUICK = (Quick(_("Hold now"), {"state": "now"}), Quick(_("Begin later"), {"state": "later"}))
SAFETY = ListPage(
    url_name="rules",
    title=_("Safety stock"),
    table=SafetyStockTable,
    filters=SafetyStockFilters,
    order="-starts_at",
    search=("name__icontains", "category__name__icontains", "variant__sku__iexact"),
    quick=QUICK,
    hidden=("origin",),
    empty=Empty(_("No place keeps units back.")),
    template="inventory/rules/list.html",
)
BUFFERS = ListPage(
    url_name="buffers",
    title=_("Channel buffers"),
    table=BufferTable,
    filters=BufferFilters,
    order="-starts_at",
    search=("name__icontains", "category__name__icontains", "variant__sku__iexact"),
    quick=QUICK,
    hidden=("origin",),
    empty=Empty(_("Every channel shows all that is free.")),
    template="inventory/rules/list.html",
)
NOT_SAID = {"csrfmiddlewaretoken", "confirm", "seen"}
KINDS: dict[str, tuple[Any, Any, Any, str]] = {
    "safety": (SafetyStockRule, SafetyStockForm, services.add_safety_stock, "rules"),
    "buffer": (ChannelBuffer, BufferForm, services.add_buffer, "buffers"),
}


@staff_view("inventory.view_variant")
def rules(request: StaffRequest) -> HttpResponseBase:
    """Safety stock: what places keep."""
    shell(request)
    rows = with_things(SafetyStockRule.objects.visible_to(request.user)).select_related("location", "group")
    return SAFETY.answer(request, rows, kind="safety")


@staff_view("inventory.view_variant")
def buffers(request: StaffRequest) -> HttpResponseBase:
    """Channel buffers: what channels never show."""
    shell(request)
    rows = with_things(ChannelBuffer.objects.visible_to(request.user)).select_related("channel")
    return BUFFERS.answer(request, rows, kind="buffer")


def with_things(rows: QuerySet) -> QuerySet:
    return rows.select_related("variant__product", "category")


@staff_view(CHANGE, methods=["GET", "POST"])
def rule_add(request: StaffRequest, kind: str) -> HttpResponse:
    """Add a rule: the first answer shows what it does, the second puts it down."""
    _model, form_class, add, to = kind_of(kind)
    form, now = form_class(request.POST or None, staff=request.user), timezone.now()
    context: dict[str, Any] = {"form": form, "kind": kind, "to": to}

    def act() -> None:
        starts = begins(form.cleaned_data["starts_at"], now)
        values = {**form.cleaned_data, "starts_at": starts}
        confirm_or_preview(request, context, starts, lambda: add(by=request.user, at=now, **values))

    return answered(request, form, act, context, "inventory/rules/add.html")


@staff_view(CHANGE, methods=["GET", "POST"])
def rule_end(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """End a rule: the first answer shows what that does, the second does it."""
    model, _form, _add, to = kind_of(kind)
    rule = get_object_or_404(with_things(model.objects.visible_to(request.user)), pk=pk)
    form, now = EndForm(request.POST or None), timezone.now()
    context: dict[str, Any] = {"form": form, "kind": kind, "to": to, "rule": rule}

    def act() -> None:
        ends = begins(form.cleaned_data["ends_at"], now)
        confirm_or_preview(
            request, context, ends, lambda: services.end_rule(rule=rule, ends_at=ends, by=request.user, at=now)
        )

    return answered(request, form, act, context, "inventory/rules/end.html")


def confirm_or_preview(request: StaffRequest, context: dict, moment: datetime, change: Callable[[], object]) -> None:
    """Make the change when it is the one that was seen; else measure what it would do at its moment."""
    context["seen"] = mark_of(request)
    if request.POST.get("confirm") and request.POST.get("seen") == context["seen"]:
        change()
        context["done"] = True
    else:
        context["effect"] = services.effect_of(change, at=moment)


def mark_of(request: StaffRequest) -> str:
    """What stands for the form as it was shown: a form changed since then is previewed again."""
    said = sorted((name, value) for name, value in request.POST.items() if name not in NOT_SAID)
    return salted_hmac("inventory.rules", json.dumps(said)).hexdigest()


def answered(request: StaffRequest, form, act, context: dict, template: str) -> HttpResponse:
    if request.method == "POST" and carried_out(form, act) and context.get("done"):
        messages.success(request, _("Saved. The channels are told."))
        return redirect(context["to"])
    return render(request, template, context, status=422 if form.errors else 200)


def kind_of(kind: str) -> tuple[Any, Any, Any, str]:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]
