"""What is known of a store or warehouse."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from omni.forms.preferences import zone_choices
from omni.models import Location, LocationGroup

SPAN = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")
DAYS = {
    "mon": _("Monday"), "tue": _("Tuesday"), "wed": _("Wednesday"), "thu": _("Thursday"), "fri": _("Friday"),
    "sat": _("Saturday"), "sun": _("Sunday"),
}  # fmt: skip


class LocationForm(forms.ModelForm):
    """Everything but the code, and the opening hours day by day ("07:00-12:00, 13:00-22:00", empty: closed)."""

    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Location
        fields = [
            "name", "kind", "group", "franchised", "street", "city", "postcode", "country", "latitude", "longitude",
            "time_zone",
        ]  # fmt: skip
        labels = {
            "name": _("Name"), "kind": _("Kind"), "group": _("Group"), "franchised": _("Run by a franchisee"),
            "street": _("Street"), "city": _("Town"), "postcode": _("Postcode"), "country": _("Country"),
            "latitude": _("Latitude"), "longitude": _("Longitude"),
        }  # fmt: skip

    def __init__(self, *args, groups, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices("")[1:]
        self.fields["group"].queryset = groups
        for code, name in DAYS.items():
            said = ", ".join("-".join(span) for span in self.instance.hours.get(code, []))
            self.fields[f"hours_{code}"] = forms.CharField(label=name, required=False, initial=said)

    def clean(self) -> dict:
        """Gather the days into ``hours``; coordinates come in pairs."""
        fields = super().clean() or self.cleaned_data
        fields["hours"] = {code: spans for code in DAYS if (spans := self.spans(code, fields.pop(f"hours_{code}", "")))}
        if (fields.get("latitude") is None) != (fields.get("longitude") is None):
            self.add_error("longitude", _("Give both coordinates, or none."))
        return fields

    def spans(self, code: str, said: str) -> list[list[str]]:
        found = [part.strip() for part in said.split(",") if part.strip()]
        if not all(SPAN.match(part) for part in found):
            self.add_error(f"hours_{code}", _("Write hours as 07:00-22:00, several with a comma."))
            return []
        return [part.split("-") for part in found]


class NewLocationForm(LocationForm):
    """Besides, the code, which stays for good."""

    class Meta(LocationForm.Meta):
        fields = ["code", *LocationForm.Meta.fields]
        labels = {"code": _("Code"), **LocationForm.Meta.labels}


class GroupForm(forms.Form):
    """A group of locations."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)


def groups_for(staff):
    return LocationGroup.objects.visible_to(staff)
