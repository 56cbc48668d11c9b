"""The one figure a count asks for."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CountForm(forms.Form):
    """What somebody counted. ``sequence`` is where the ledger stood when they began."""

    counted = forms.IntegerField(label=_("Units on the shelf"), min_value=0)
    sequence = forms.IntegerField(widget=forms.HiddenInput)
