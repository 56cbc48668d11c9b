"""Keyset pages: equally fast on page one and on page ten thousand, and steady while rows are added."""

from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.utils.urls import replace_query_param

from omni.api.fields import QueryNumber, QueryText, StrictSerializer

LARGEST = 200


class PageQuery(StrictSerializer):
    """
    What every list takes. A page size over 200 is refused rather than cut, so that nobody takes a cut page for all
    there is.
    """

    page_size = QueryNumber(min_value=1, max_value=LARGEST, default=50, help_text=_("rows per page"))
    cursor = QueryText(max_length=200, help_text=_("from the link `next` of the page before; opaque"))


def page(request, queryset: QuerySet, query: dict[str, Any]) -> tuple[list, str | None]:
    """
    Return the rows of one page in the order of their keys, and the address of the next page (None: this is the last).

    The cursor is signed: one that was not given out here is refused (400).
    """
    size = query["page_size"]
    if query.get("cursor"):
        queryset = queryset.filter(pk__gt=position(query["cursor"]))
    rows = list(queryset.order_by("pk")[: size + 1])
    if len(rows) <= size:
        return rows, None
    cursor = signer().sign_object(rows[size - 1].pk)
    return rows[:size], replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def signer() -> signing.Signer:
    return signing.Signer(salt="omni.api.cursor")


def position(cursor: str) -> int:
    try:
        return int(signer().unsign_object(cursor))
    except (signing.BadSignature, ValueError, TypeError):
        raise ValidationError({"cursor": _("This cursor was not given out here.")}, code="bad_cursor") from None
