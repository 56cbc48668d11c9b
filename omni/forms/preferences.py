"""What people may set for themselves."""

import zoneinfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from omni.models import User


def zone_choices(empty) -> list[tuple[str, object]]:
    """Every IANA time zone that names a place, after one entry for "none"."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc"))
    return [("", empty), ("UTC", "UTC"), *((name, name.replace("_", " ")) for name in places)]


class PreferencesForm(forms.ModelForm):
    """Language, time zone, theme, keys."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    keys_on = forms.BooleanField(label=_("Single-letter keys (j, k, x, ?, /)"), required=False)

    class Meta:
        model = User
        fields = ["language", "time_zone", "theme", "keys_on"]
        labels = {"theme": _("Light or dark")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("as the browser asks")), *settings.LANGUAGES]
        self.fields["time_zone"].choices = zone_choices(_("that of my store"))
