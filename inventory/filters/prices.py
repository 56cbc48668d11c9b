"""What price lists and stock rules can be narrowed by: whether they hold now, later, or no longer."""

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import PriceList
from omni.models import Channel

STATES = [("now", _("holds now")), ("later", _("begins later")), ("over", _("ended"))]


def channels_of(request) -> QuerySet[Channel]:
    return Channel.objects.visible_to(request.user)


class PeriodFilters(filters.FilterSet):
    """By state."""

    state = filters.ChoiceFilter(label=_("State"), choices=STATES, method="holds")

    def holds(self, rows, _name, state):
        return rows.in_state(state, self.request.omni_shell.now)


class PriceListFilters(PeriodFilters):
    """By state and channel."""

    channel = filters.ModelChoiceFilter(label=_("Channel"), queryset=channels_of)

    class Meta:
        model = PriceList
        fields = ("state", "channel")
