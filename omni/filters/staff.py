"""What the list of staff can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from omni.access import ROLES
from omni.filters.activity import places_of
from omni.models import User


class StaffFilters(filters.FilterSet):
    """By role, store and state."""

    role = filters.ChoiceFilter(
        label=_("Role"), field_name="groups__name", choices=[(role.code, role.name) for role in ROLES.values()]
    )
    place = filters.ModelChoiceFilter(label=_("Store"), field_name="locations", queryset=places_of)
    active = filters.BooleanFilter(label=_("Active"), field_name="is_active")

    class Meta:
        model = User
        fields: list[str] = []
