"""What the rows of sales and the campaigns can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from journeys.models import Campaign, SalesDay
from omni.filters.days import DayFilter
from omni.models import Channel, Location


def places_of(request):
    return Location.objects.visible_to(request.user)


def channels_of(request):
    return Channel.objects.visible_to(request.user)


class SalesDayFilters(filters.FilterSet):
    """By store, channel and day."""

    location = filters.ModelChoiceFilter(label=_("Store"), queryset=places_of, to_field_name="code")
    channel = filters.ModelChoiceFilter(label=_("Channel"), queryset=channels_of, to_field_name="code")
    since = DayFilter(label=_("Since"), field_name="day", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="day", lookup_expr="lte")

    class Meta:
        model = SalesDay
        fields: list[str] = []


class CampaignFilters(filters.FilterSet):
    """By kind, and whether all of it lies within the data."""

    kind = filters.AllValuesFilter(label=_("Kind"))
    cut_off = filters.BooleanFilter(label=_("Cut off"))

    class Meta:
        model = Campaign
        fields: list[str] = []
