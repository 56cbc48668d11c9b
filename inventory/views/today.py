"""Today: what waits in a store by deadline, one scan box, and the store's shelf at a glance."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.queries import stock
from inventory.services import count_rounds
from omni import search
from omni.access import StaffRequest, staff_view
from omni.htmx import page_or_part, scanned, toast
from omni.models import Location, WorkItem
from omni.navigation import shell
from omni.queries import work

SOON = timedelta(hours=2)
ROUND = 12


@staff_view("inventory.do_count")
def today(request: StaffRequest) -> HttpResponse:
    """The work of one store (or of all that one sees), the most urgent first. HTMX polls the list alone."""
    around = shell(request)["shell"]
    at, place = around.now, around.place
    waiting = work.waiting(request.user, location=place).select_related("location")
    context = {
        "at": at,
        "place": place,
        "groups": by_urgency(list(waiting.order_by("due_at", "pk")[:200]), at),
        "shelf": stock.at_store(request.user, place) if place else None,
        "can_round": place is not None,
    }
    return page_or_part(request, "inventory/today/page.html", "inventory/today/_work.html", context)


def by_urgency(items: list[WorkItem], at: datetime) -> list[dict]:
    """Late, in the next two hours, later; what has no deadline comes last. Empty groups are left out."""
    groups: dict[str, list[WorkItem]] = {"late": [], "soon": [], "later": [], "open": []}
    for item in items:
        if item.due_at is None:
            groups["open"].append(item)
        elif item.due_at < at:
            groups["late"].append(item)
        else:
            groups["soon" if item.due_at < at + SOON else "later"].append(item)
    return [{"code": code, "items": found} for code, found in groups.items() if found]


@staff_view("inventory.do_count", methods=["GET"])
def today_scan(request: StaffRequest) -> HttpResponse:
    """Open what a scanned or typed code means; say so when nobody knows it."""
    code = request.GET.get("code", "").strip()
    hit = search.read_code(request.user, code, location=shell(request)["shell"].place)
    if hit and hit.url:
        return redirect(hit.url) if not request.headers.get("HX-Request") else go(hit.url)
    context = {"code": code, "found": search.find(request.user, code, limit=5)}
    return scanned(render(request, "inventory/today/_unknown.html", context, status=422 if code else 200), ok=False)


def go(url: str) -> HttpResponse:
    return HttpResponse(status=204, headers={"HX-Redirect": url})


@staff_view("inventory.do_count", methods=["POST"])
def today_round(request: StaffRequest) -> HttpResponse:
    """Ask for a round of counts: the fastest sellers of this store that nobody has counted yet."""
    places = Location.objects.visible_to(request.user)
    place = places.filter(code=request.POST.get("store", "")).first()
    if place is None:
        return toast(HttpResponse(status=204), _("Choose a store first."), "warn")
    asked = count_rounds.request(location=place, size=ROUND, by=request.user, at=timezone.now())
    said = _("%(n)s counts are on the list.") % {"n": asked} if asked else _("Everything here has been counted.")
    return toast(HttpResponse(status=204, headers={"HX-Redirect": request.headers.get("HX-Current-URL", "/")}), said)
