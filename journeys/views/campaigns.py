"""Campaigns: whom they reached and what came back."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from journeys.filters.figures import CampaignFilters
from journeys.models import Campaign
from journeys.queries import campaigns as queries
from journeys.tables.campaigns import CampaignTable
from omni.access import StaffRequest, staff_view
from omni.listing import Empty, ListPage, Quick

CAMPAIGNS = ListPage(
    url_name="campaigns",
    title=_("Campaigns"),
    table=CampaignTable,
    filters=CampaignFilters,
    order="-starts_on",
    search=("name__icontains", "code__iexact"),
    search_hint=_("Name of a campaign"),
    quick=(Quick(_("Whole"), {"cut_off": "false"}), Quick(_("Cut off"), {"cut_off": "true"})),
    hidden=("handed_in", "origin"),
    empty=Empty(_("There are no campaigns yet.")),
    template="journeys/campaigns/list.html",
)


@staff_view("journeys.view_campaign")
def campaign_list(request: StaffRequest) -> HttpResponseBase:
    return CAMPAIGNS.answer(request, queries.with_results(Campaign.objects.visible_to(request.user)))


@staff_view("journeys.view_campaign")
def campaign(request: StaffRequest, public_id: str) -> HttpResponse:
    """One campaign: reach, redemptions by week and by store. No lift: it had no control group."""
    found = get_object_or_404(queries.with_results(Campaign.objects.visible_to(request.user)), public_id=public_id)
    context = {
        "campaign": found, "rate": queries.rate(found), "weeks": queries.by_week(found),
        "stores": queries.by_store(found),
    }  # fmt: skip
    return render(request, "journeys/campaigns/detail.html", context)
