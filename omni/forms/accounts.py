"""An account at a vendor: its form follows from what the kind of connector must be told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from omni.connectors import KINDS, SettingField
from omni.models import Channel, ConnectorAccount

PREFIX = "set_"


def field_for(field: SettingField, *, known: str, kept: bool) -> forms.Field:
    """The form field of one setting. Secrets are write-only: known ones may stay empty."""
    said: dict[str, Any] = {"label": field.label, "help_text": field.help, "required": field.required and not kept}
    if field.secret:
        if kept:
            said["help_text"] = _("Kept secret. Leave it empty to keep it as it is.")
        return forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "off"}), **said)
    said["initial"] = known or field.default
    if field.kind == "choice":
        return forms.ChoiceField(choices=field.choices, **said)
    if field.kind == "url":
        return forms.URLField(assume_scheme="https", **said)
    return forms.IntegerField(min_value=0, **said) if field.kind == "number" else forms.CharField(**said)


class AccountForm(forms.Form):
    """Name, policy, and the fields of the kind."""

    name = forms.CharField(label=_("Name"), max_length=80)
    policy = forms.ChoiceField(label=_("When a figure differs there"), choices=ConnectorAccount.Policy.choices)

    def __init__(self, *args, kind: str, account: ConnectorAccount | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        config: dict[str, Any] = account.config if account else {}
        secrets: dict[str, str] = account.secrets if account else {}
        for field in KINDS[kind].fields:
            known = str(config.get(field.name, ""))
            self.fields[PREFIX + field.name] = field_for(field, known=known, kept=bool(secrets.get(field.name)))
        if account:
            self.initial = {"name": account.name, "policy": account.policy}

    def clean(self) -> dict:
        """Gather what the kind asks for under ``values``."""
        fields = super().clean() or self.cleaned_data
        names = [name for name in fields if name.startswith(PREFIX)]
        gathered = {name.removeprefix(PREFIX): fields.pop(name) for name in names}
        fields["values"] = {name: "" if value is None else str(value) for name, value in gathered.items()}
        return fields


class NewAccountForm(AccountForm):
    """Besides, which channel it serves, and its code."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none())
    code = forms.SlugField(label=_("Code"), max_length=40)
    field_order = ("channel", "code", "name")

    def __init__(self, *args, channels, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = channels


class PlacesForm(forms.Form):
    """For each place at the vendor, which of ours it is."""

    def __init__(self, *args, links, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.links = list(links)
        for link in self.links:
            self.fields[f"place_{link.pk}"] = forms.ModelChoiceField(
                label=f"{link.remote_name or link.remote_id}", queryset=places, required=False, initial=link.location_id
            )

    @property
    def chosen(self) -> dict:
        return {link.remote_id: self.cleaned_data[f"place_{link.pk}"] for link in self.links}
