"""The pages of journeys."""

from django.urls import path

from journeys.views import campaigns, overview

urlpatterns = [
    path("overview/", overview.overview, name="overview"),
    path("overview/why/<slug:figure>/", overview.overview_why, name="overview_why"),
    path("overview/days/", overview.overview_days, name="overview_days"),
    path("campaigns/", campaigns.campaign_list, name="campaigns"),
    path("campaigns/<str:public_id>/", campaigns.campaign, name="campaign"),
]
