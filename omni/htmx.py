"""Small answers that HTMX understands."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def toast(response: HttpResponse, sentence: str, tone: str = "ok") -> HttpResponse:
    """Let a short sentence appear over the page. tone: ok, warn, bad."""
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": str(sentence), "tone": tone}})
    return response


def scanned(response: HttpResponse, *, ok: bool) -> HttpResponse:
    """Tell the scan box whether its code was understood: it plays a tone and is ready for the next."""
    response.headers["HX-Trigger"] = json.dumps({"scanned": {"ok": ok}})
    return response


def page_or_part(request: HttpRequest, page: str, part: str, context: dict, status: int = 200) -> HttpResponse:
    """Answer a visit with the page, an HTMX request for its part with the part: one view, two templates."""
    htmx = getattr(request, "htmx", None)
    asked_for_part = htmx and not htmx.boosted and not htmx.history_restore_request
    response = render(request, part if asked_for_part else page, context, status=status)
    response.headers["Vary"] = "HX-Request"
    return response


def by_htmx(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for, and not a page."""
    return bool(getattr(request, "htmx", None))
