"""One discrepancy in its drawer, and the answers to it."""

import json
from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.forms.discrepancies import AnswerForm, DecideForm
from inventory.models import Discrepancy
from inventory.queries import discrepancies
from inventory.services import settling
from inventory.views.channels import CHANNELS, rows_for
from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.htmx import by_htmx
from omni.models import Location

Answer = Callable[[Discrepancy, AnswerForm, StaffRequest], str]


def found_for(request: StaffRequest, public_id: str) -> Discrepancy:
    rows = Discrepancy.objects.visible_to(request.user)
    rows = rows.select_related("account__channel", "variant__product", "location", "work_item", "settled_by")
    return get_object_or_404(rows, public_id=public_id)


@staff_view("inventory.view_discrepancy")
def discrepancy(request: StaffRequest, public_id: str) -> HttpResponse:
    """Both values, what happened in between, and three answers: in the drawer, or beside the list."""
    found = found_for(request, public_id)
    context = {"case": discrepancies.case_of(found, staff=request.user), "found": found}
    page = "inventory/discrepancies/_drawer.html" if by_htmx(request) else "inventory/discrepancies/detail.html"
    return render(request, page, context)


def answered(request: StaffRequest, public_id: str, act: Answer) -> HttpResponse:
    """Give one answer, and show the drawer as it is then."""
    found = found_for(request, public_id)
    form = AnswerForm(request.POST, locations=Location.objects.visible_to(request.user))
    tone, status = "ok", 200
    try:
        said = act(found, form, request) if form.is_valid() else _("That answer cannot be read.")
        if form.errors:
            tone, status = "bad", 422
    except RuleBroken as broken:
        said, tone, status = str(broken), "bad", 422
    if not by_htmx(request):
        (messages.success if tone == "ok" else messages.error)(request, said)
        return redirect("discrepancy", public_id=public_id)
    found = found_for(request, public_id)
    context = {"case": discrepancies.case_of(found, staff=request.user), "found": found}
    response = render(request, "inventory/discrepancies/_drawer.html", context, status=status)
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": said, "tone": tone}, "discrepancies-changed": {}})
    return response


@staff_view("inventory.change_discrepancy", methods=["POST"])
def discrepancy_keep(request: StaffRequest, public_id: str) -> HttpResponse:
    """Keep ours: send our figure, only if theirs is still what was seen."""

    def keep(found: Discrepancy, form: AnswerForm, request: StaffRequest) -> str:
        settling.keep_ours(discrepancy=found, by=request.user, at=timezone.now(), seen=form.seen)
        return _("Ours is on its way. It is settled when the channel confirms.")

    return answered(request, public_id, keep)


@staff_view("inventory.change_discrepancy", methods=["POST"])
def discrepancy_take(request: StaffRequest, public_id: str) -> HttpResponse:
    """Take theirs: book the gap as an adjustment."""

    def take(found: Discrepancy, form: AnswerForm, request: StaffRequest) -> str:
        said = form.cleaned_data
        settling.take_theirs(
            discrepancy=found, by=request.user, at=timezone.now(), seen=form.seen, location=said["location"],
            expected=said["expected"],
        )  # fmt: skip
        return _("Booked. The ledger follows the channel.")

    return answered(request, public_id, take)


@staff_view("inventory.view_discrepancy", methods=["POST"])
def discrepancy_count(request: StaffRequest, public_id: str) -> HttpResponse:
    """Count it: a work item on the store's Today."""

    def ask(found: Discrepancy, form: AnswerForm, request: StaffRequest) -> str:
        place = form.cleaned_data["location"]
        settling.count_it(discrepancy=found, by=request.user, at=timezone.now(), location=place)
        return _("The store is asked to count it, on its Today.")

    return answered(request, public_id, ask)


@staff_view("inventory.change_discrepancy", methods=["POST"])
def discrepancy_leave(request: StaffRequest, public_id: str) -> HttpResponse:
    """Leave it as it is, with a reason."""

    def leave(found: Discrepancy, form: AnswerForm, request: StaffRequest) -> str:
        settling.leave(discrepancy=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        return _("Left as it is.")

    return answered(request, public_id, leave)


@staff_view("inventory.change_discrepancy", methods=["POST"])
def discrepancies_decide(request: StaffRequest) -> HttpResponse:
    """One answer to many: shown first, done when it is confirmed."""
    rows = CHANNELS.chosen(request, rows_for(request).filter(settled_at=None))
    if like := request.POST.get("like"):
        rows = rows_for(request).filter(pk__in=[one.pk for one in settling.alike(found_for(request, like))])
    chosen = list(rows[:500])
    form = DecideForm(request.POST if "answer" in request.POST else None)
    if form.is_bound and form.is_valid():
        return decided(request, chosen, form)
    return render(
        request,
        "inventory/discrepancies/decide.html",
        {"form": form, "rows": chosen},
        status=422 if form.is_bound else 200,
    )


def decided(request: StaffRequest, chosen: list[Discrepancy], form: DecideForm) -> HttpResponse:
    now, said = timezone.now(), form.cleaned_data
    verbs: dict[str, Callable[..., None]] = {
        "keep": settling.keep_ours,
        "take": settling.take_theirs,
        "count": settling.count_it,
        "leave": partial(settling.leave, reason=said["reason"]),
    }
    act = verbs[said["answer"]]
    done, refused = settling.decide_for_all(
        discrepancies=chosen, decide=lambda found: act(discrepancy=found, by=request.user, at=now)
    )
    words = ngettext("%(n)d decided.", "%(n)d decided.", done) % {"n": done}
    messages.success(request, words)
    for sentence in refused[:10]:
        messages.error(request, sentence)
    return redirect("channels")
