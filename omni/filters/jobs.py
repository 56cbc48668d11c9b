"""What the list of jobs can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from omni.models import JobRun


class JobFilters(filters.FilterSet):
    """By state and task."""

    state = filters.ChoiceFilter(label=_("State"), choices=JobRun.State.choices)
    task = filters.CharFilter(label=_("Task begins with"), lookup_expr="startswith")

    class Meta:
        model = JobRun
        fields: list[str] = []
