"""The audit list: everything that happened, as it was recorded."""

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.filters.activity import ActivityFilters
from omni.listing import Empty, ListPage, Quick
from omni.models import Activity
from omni.tables.activity import ActivityTable

AUDIT = ListPage(
    url_name="settings_audit",
    title=_("What happened"),
    table=ActivityTable,
    filters=ActivityFilters,
    search=("subject__iexact", "verb__icontains"),
    search_hint=_("What, or about what"),
    order="-when",
    quick=(Quick(_("By people"), {"actor_kind": "staff"}), Quick(_("By programmes"), {"actor_kind": "api"})),
    hidden=("outcome",),
    empty=Empty(_("Nothing has happened yet.")),
    template="omni/settings/list.html",
)


@staff_view("omni.view_activity")
def audit(request: StaffRequest) -> HttpResponseBase:
    rows = Activity.objects.visible_to(request.user).select_related("actor", "location", "channel")
    return AUDIT.answer(request, rows)
