"""Saved views and API keys: where people left off, and how programs get in."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.models import SavedView, User

LONGEST_QUERY = SavedView._meta.get_field("query").max_length or 0


class ViewTooLong(RuleBroken):
    code = "view_too_long"


@transaction.atomic
def save_view(*, page: str, name: str, query: str, shared: bool, by: User, at: datetime) -> SavedView:
    """
    Keep a list as it is under a name; one's own view of that name is replaced.

    Raises ViewTooLong when its filters do not fit.
    """
    if len(query) > LONGEST_QUERY:
        raise ViewTooLong(_("This view has too many filters to be kept."))
    view, _made = SavedView.objects.update_or_create(
        owner=by, page=page, name=name, defaults={"query": query, "shared": shared}
    )
    record("view.saved", subject=view, at=at, by=by, page=page, shared=shared)
    return view


@transaction.atomic
def delete_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Let a saved view go."""
    record("view.deleted", subject=view, at=at, by=by, page=view.page)
    view.delete()
