"""What stock rules can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from inventory.filters.prices import PeriodFilters, channels_of
from inventory.models import ChannelBuffer, SafetyStockRule
from omni.models import Location


def places_of(request):
    return Location.objects.visible_to(request.user)


class SafetyStockFilters(PeriodFilters):
    """By state and place."""

    location = filters.ModelChoiceFilter(label=_("Place"), queryset=places_of)

    class Meta:
        model = SafetyStockRule
        fields = ("state", "location")


class BufferFilters(PeriodFilters):
    """By state and channel."""

    channel = filters.ModelChoiceFilter(label=_("Channel"), queryset=channels_of)

    class Meta:
        model = ChannelBuffer
        fields = ("state", "channel")
