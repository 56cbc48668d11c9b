"""The probe of load balancers and supervisors."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from omni import health
from omni.access import open_view


@open_view()
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while web and database work, 503 otherwise. Open, because a probe has no key; it tells figures only."""
    state = health.state(at=timezone.now())
    return JsonResponse(state, status=503 if state["status"] == "down" else 200, headers={"Cache-Control": "no-store"})
