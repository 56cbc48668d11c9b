"""Search and the command palette: one page, one fragment."""

from itertools import groupby

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from omni.access import StaffRequest, staff_view
from omni.htmx import page_or_part
from omni.navigation import actions_for, sections_for
from omni.search import Hit, find


@staff_view(None)
def search(request: StaffRequest) -> HttpResponse:
    """Pages, actions and things that this person may see, by the words typed; without words, where one can go."""
    text = request.GET.get("q", "").strip()
    hits = [*doors(request.user, text), *find(request.user, text)]
    groups = [(heading, list(group)) for heading, group in groupby(hits, key=lambda hit: hit.group)]
    return page_or_part(request, "omni/search/page.html", "omni/search/_found.html", {"groups": groups, "text": text})


def doors(staff, text: str) -> list[Hit]:
    """Pages and actions whose words hold the text."""
    pages = [Hit(one.label, _("Pages"), one.url_name, icon=one.icon) for one in sections_for(staff)]
    actions = [Hit(one.label, _("Actions"), one.url_name, icon=one.icon) for one in actions_for(staff)]
    wanted = text.casefold()
    return [hit for hit in [*pages, *actions] if wanted in str(hit.title).casefold() and reverse(hit.page)]
