"""Does every channel show the stock that is there? The channels, their listings, and what is compared now."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.filters.discrepancies import DiscrepancyFilters, ListingFilters
from inventory.models import Discrepancy, Listing, ReconciliationRun
from inventory.queries import channels
from inventory.queries.discrepancies import NEEDS_A_PERSON
from inventory.services import reconciliation
from inventory.tables.discrepancies import DiscrepancyTable, ListingTable
from omni.access import StaffRequest, staff_view
from omni.htmx import by_htmx, toast
from omni.listing import Bulk, Empty, ListPage, Quick
from omni.models import ConnectorAccount
from omni.navigation import shell

CHANNELS = ListPage(
    url_name="channels",
    title=gettext_lazy("Channels"),
    table=DiscrepancyTable,
    filters=DiscrepancyFilters,
    order="-age",
    search=("remote_sku__iexact", "variant__product__name__icontains"),
    search_hint=gettext_lazy("Product or SKU"),
    quick=(
        Quick(gettext_lazy("In flight"), {"state": "flight"}, Q(settled_at=None, cause="in_flight")),
        Quick(gettext_lazy("Needs a person"), {"state": "person"}, Q(settled_at=None) & NEEDS_A_PERSON),
        Quick(gettext_lazy("Oversold"), {"cause": "oversold"}, Q(settled_at=None, cause="oversold")),
    ),
    hidden=("outcome",),
    always_exported=("outcome",),
    bulk=(Bulk(gettext_lazy("Decide"), "discrepancies_decide", "check", "inventory.change_discrepancy"),),
    empty=Empty(gettext_lazy("Nothing is open: every figure that was compared agrees.")),
    template="inventory/channels/list.html",
    page_size=25,
)
LISTINGS = ListPage(
    url_name="channel",
    title=gettext_lazy("Listings"),
    table=ListingTable,
    filters=ListingFilters,
    order="product",
    search=("remote_sku__iexact", "variant__product__name__icontains"),
    quick=(
        Quick(gettext_lazy("Not in step"), {"step": "out"}),
        Quick(gettext_lazy("Waits for a person"), {"step": "held"}),
        Quick(gettext_lazy("Given up"), {"step": "dead"}),
    ),
    empty=Empty(gettext_lazy("Nothing is listed there yet.")),
    template="inventory/channels/detail.html",
)


def rows_for(request: StaffRequest):
    """The discrepancies that this person may see, at the place they look at."""
    rows = Discrepancy.objects.visible_to(request.user)
    rows = rows.select_related("account__channel", "variant__product", "location")
    place = shell(request)["shell"].place
    return rows.filter(location=place) if place else rows


def state_of(request: StaffRequest) -> dict:
    """What refreshes itself: runs under way, and how each channel is."""
    now = timezone.now()
    lines = channels.lines(request.user, at=now)
    seen = ".".join(str(line.open) for line in lines)
    return {"lines": lines, "runs": channels.under_way(at=now), "now": now, "seen": seen}


@staff_view("inventory.view_discrepancy")
def channel_list(request: StaffRequest) -> HttpResponseBase:
    """All channels, what is compared now, and the discrepancies."""
    return CHANNELS.answer(request, rows_for(request), **state_of(request))


@staff_view("inventory.view_discrepancy")
def channels_now(request: StaffRequest) -> HttpResponse:
    """The part of the page that changes by itself; the list follows when other discrepancies are open than seen."""
    state = state_of(request)
    answer = render(request, "inventory/channels/_now.html", state)
    if request.GET.get("seen") != state["seen"]:
        answer.headers["HX-Trigger"] = "discrepancies-changed"
    return answer


@staff_view("inventory.view_listing")
def channel(request: StaffRequest, code: str) -> HttpResponseBase:
    """One account with its listings."""
    account = get_object_or_404(ConnectorAccount.objects.visible_to(request.user).select_related("channel"), code=code)
    now = timezone.now()
    line = next((one for one in channels.lines(request.user, at=now) if one.account == account), None)
    rows = Listing.objects.visible_to(request.user).live().filter(account=account)
    rows = rows.select_related("variant__product", "location", "state")
    runs = ReconciliationRun.objects.visible_to(request.user).filter(account=account).order_by("-started_at")[:8]
    return LISTINGS.answer(request, rows, account=account, line=line, runs=runs)


@staff_view("inventory.reconcile", methods=["POST"])
def reconcile_now(request: StaffRequest) -> HttpResponse:
    """Begin a full comparison, of one account or of all."""
    accounts = ConnectorAccount.objects.visible_to(request.user).working()
    if code := request.POST.get("account"):
        accounts = accounts.filter(code=code)
    runs = [
        reconciliation.start(account=account, full=True, by=request.user, at=timezone.now())
        for account in accounts.select_related("channel")
    ]
    said = _("Comparing begins.") if runs else _("There is no account to compare.")
    if not by_htmx(request):
        messages.success(request, said)
        return redirect("channels")
    return toast(render(request, "inventory/channels/_now.html", state_of(request)), said, "ok" if runs else "warn")


@staff_view("inventory.reconcile", methods=["POST"])
def reconcile_cancel(request: StaffRequest, public_id: str) -> HttpResponse:
    """Stop a comparison; what was compared stands."""
    run = get_object_or_404(ReconciliationRun.objects.visible_to(request.user), public_id=public_id)
    stopped = reconciliation.cancel(run=run, by=request.user, at=timezone.now())
    said = _("Stopped. What was compared stands.") if stopped else _("It had ended already.")
    if not by_htmx(request):
        messages.success(request, said)
        return redirect("channels")
    return toast(render(request, "inventory/channels/_now.html", state_of(request)), said)
