"""The period that a page of figures looks at, as its address says."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys.queries.figures import Period, whole_weeks

CHOICES = {"week": (_("Last week"), 1), "4weeks": (_("Last 4 weeks"), 4), "13weeks": (_("Last 13 weeks"), 13)}


class PeriodForm(forms.Form):
    """?period=week, 4weeks, 13weeks, or ?period=custom&from=…&to=…"""

    begin = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def add_prefix(self, field_name: str) -> str:
        return {"begin": "from", "end": "to"}.get(field_name, field_name)

    def clean(self) -> dict:
        data = super().clean() or {}
        first, last = data.get("begin"), data.get("end")
        if first and last and first > last:
            self.add_error("end", _("The last day lies before the first."))
        if first and last and (last - first).days > 3660:
            self.add_error("end", _("At most ten years."))
        return data


def period_of(query, today: date) -> tuple[Period, PeriodForm]:
    """The period of an address; the last week when it says none, or nothing that can be read."""
    code = query.get("period", "week")
    if code == "custom":
        form = PeriodForm(query)
        if form.is_valid():
            return Period("custom", form.cleaned_data["begin"], form.cleaned_data["end"]), form
        return whole_weeks("week", 1, today), form
    found = whole_weeks(code if code in CHOICES else "week", CHOICES.get(code, CHOICES["week"])[1], today)
    return found, PeriodForm(initial={"begin": found.first, "end": found.last})
