"""The bell: asks every few seconds, answers only when something changed, and lists what waits."""

import hashlib
import json
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string

from omni.access import StaffRequest, staff_view
from omni.htmx import page_or_part
from omni.navigation import sections_for, shell
from omni.queries import work
from omni.services import staff as staff_service
from omni.work_words import Badge

SHOWN = 30


@dataclass(frozen=True)
class Bell:
    """What the bell knows now. mark: changes when any of it does."""

    new: int
    newest: int
    badges: dict[str, Badge]

    @property
    def mark(self) -> str:
        figures = [self.new, self.newest, sorted((name, one.open, one.late) for name, one in self.badges.items())]
        return f"{hashlib.sha256(json.dumps(figures).encode()).hexdigest()[:12]}.{self.newest}"


@staff_view(None)
def bell(request: StaffRequest) -> HttpResponse:
    """Answer 204 while nothing changed since the mark the page knows; ring when newer work is there than it knew."""
    now = bell_for(request)
    known = request.GET.get("known", "")
    if known == now.mark:
        return HttpResponse(status=204)
    response = render(request, "omni/bell/_bell.html", {"bell": now})
    before = known.rpartition(".")[2]
    rings = bool(now.new and before.isdigit() and now.newest > int(before))
    response.headers["HX-Trigger"] = json.dumps({"ring": {"new": now.new, "ring": rings}})
    return response


def bell_for(request: StaffRequest) -> Bell:
    place, at = shell(request)["shell"].place, timezone.now()
    news = work.news(request.user)
    badges = {
        section.url_name: import_string(section.badge)(request.user, location=place, at=at)
        for section in sections_for(request.user)
        if section.badge
    }
    return Bell(news["new"], news["newest"] or 0, badges)


@staff_view(None)
def alerts(request: StaffRequest) -> HttpResponse:
    """What waits for this person, newest first, each with its action. Looking at it is having seen it."""
    seen_until = request.user.bell_seen_at
    items = list(work.waiting(request.user).select_related("location").order_by("-opened_at", "-pk")[:SHOWN])
    staff_service.see_alerts(staff=request.user, at=timezone.now())
    context = {"items": items, "seen_until": seen_until}
    return page_or_part(request, "omni/bell/alerts.html", "omni/bell/_alerts.html", context)
