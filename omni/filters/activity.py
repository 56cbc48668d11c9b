"""What the audit list can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from omni.filters.days import DayFilter
from omni.models import Activity, Channel, Location, User


def staff_of(request):
    return User.objects.visible_to(request.user).order_by("username")


def places_of(request):
    return Location.objects.visible_to(request.user)


def channels_of(request):
    return Channel.objects.visible_to(request.user)


class ActivityFilters(filters.FilterSet):
    """By verb, person, kind, place, channel and day."""

    verb = filters.CharFilter(label=_("What begins with"), lookup_expr="startswith")
    actor = filters.ModelChoiceFilter(label=_("By"), queryset=staff_of)
    actor_kind = filters.ChoiceFilter(label=_("Kind"), choices=Activity.ActorKind.choices)
    location = filters.ModelChoiceFilter(label=_("Place"), queryset=places_of)
    channel = filters.ModelChoiceFilter(label=_("Channel"), queryset=channels_of)
    since = DayFilter(label=_("Since"), field_name="occurred_at", lookup_expr="date__gte")
    until = DayFilter(label=_("Until"), field_name="occurred_at", lookup_expr="date__lte")

    class Meta:
        model = Activity
        fields: list[str] = []
