"""What arrived of each line of a transfer."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.models import Transfer, TransferLine
from inventory.services.transfers import Arrival


class ArrivalForm(forms.Form):
    """One line: units that arrived, and units that are given up as lost."""

    received = forms.IntegerField(label=_("Arrived"), min_value=0)
    lost = forms.IntegerField(label=_("Lost"), min_value=0, required=False)

    def __init__(self, line: TransferLine, data: Mapping[str, Any] | None = None):
        self.line = line
        self.open_units = line.sent - line.received - line.lost
        initial = {"received": self.open_units, "lost": 0}
        super().__init__(data, prefix=f"line-{line.pk}", initial=initial)


def line_forms(transfer: Transfer, data: Mapping[str, Any] | None = None) -> list[ArrivalForm]:
    """A form for each line of which something is still on its way."""
    forms_of_lines = [ArrivalForm(line, data) for line in transfer.lines.select_related("variant__product")]
    return [form for form in forms_of_lines if form.open_units]


def arrivals_of(forms_of_lines: list[ArrivalForm]) -> list[Arrival]:
    return [
        Arrival(form.line.variant, form.cleaned_data["received"], form.cleaned_data["lost"] or 0)
        for form in forms_of_lines
    ]
