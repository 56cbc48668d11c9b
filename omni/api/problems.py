"""Problems: every refusal of the API as RFC 9457 says it (application/problem+json), and never as a page."""

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from omni.errors import RuleBroken

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
RETRY_SOON = {409: {"Retry-After": "1"}, 503: {"Retry-After": "5"}}


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The body of the request is too large.")
    default_code = "too_large"


class TryAgain(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("The database does not answer just now. Try again in a moment, with the same key.")
    default_code = "try_again"


class Unexpected(exceptions.APIException):
    default_detail = _("Something went wrong here. Nothing was changed.")
    default_code = "internal_error"


def problem(code: str, status_code: int, detail: str, **more: Any) -> dict:
    """
    Return the body of a problem.

    more: ``errors`` (one object per field or line at fault) and ``data`` (what a programme needs to react).
    """
    body = {
        "type": f"urn:omni:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status_code,
        "detail": detail,
        "code": code,
    }
    return body | {name: value for name, value in more.items() if value}


def of_rule(broken: RuleBroken) -> dict:
    """Say a broken rule; ``errors`` among its data names lines and fields."""
    data = dict(broken.data)
    return problem(broken.code, broken.status, str(broken), errors=data.pop("errors", None), data=data)


def of_exception(exc: exceptions.APIException) -> dict:
    if isinstance(exc, exceptions.ValidationError):
        errors = list(field_errors(exc.detail))
        detail = _("The request is not valid: %(first)s") % {"first": "; ".join(e["detail"] for e in errors[:1])}
        return problem("invalid", exc.status_code, detail, errors=errors)
    code = exc.get_codes()
    return problem(code if isinstance(code, str) else "refused", exc.status_code, str(exc.detail))


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Yield one object per error: the field (``lines.0.quantity``), the code, and a sentence."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name == "non_field_errors"
            yield from field_errors(inner, path if whole else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        nested = any(isinstance(inner, dict) for inner in detail)
        for number, inner in enumerate(detail):
            yield from field_errors(inner, f"{path}.{number}".lstrip(".") if nested else path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def answer(body: dict, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def known(exc: Exception) -> exceptions.APIException | None:
    """Translate what Django and the database raise into what DRF raises."""
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return PayloadTooLarge()
    if isinstance(exc, SuspiciousOperation | UnreadablePostError):
        return exceptions.ParseError()
    if isinstance(exc, OperationalError | InterfaceError):
        log.error("the database did not answer", exc_info=exc)
        return TryAgain()
    return None


def problem_response(exc: Exception, context: dict) -> Response:
    """Answer an exception; DRF calls this for whatever a view of the API raises."""
    set_rollback()
    if isinstance(exc, RuleBroken):
        return answer(of_rule(exc), RETRY_SOON.get(exc.status))
    translated = known(exc)
    if translated is None:
        log.error("the API failed", exc_info=exc)
        got_request_exception.send(
            sender=type(context.get("view")), request=getattr(context["request"], "_request", None)
        )
        translated = Unexpected()
    headers = dict(RETRY_SOON.get(translated.status_code, {}))
    if challenge := getattr(translated, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if pause := getattr(translated, "wait", None):
        headers["Retry-After"] = str(math.ceil(pause))
    return answer(of_exception(translated), headers)
