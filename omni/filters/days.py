"""Days in filters."""

import django_filters as filters
from django import forms


class DayFilter(filters.DateFilter):
    """A day, picked in the browser's own calendar."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)
