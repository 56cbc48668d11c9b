"""How far a switch is turned."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FlagForm(forms.Form):
    share = forms.IntegerField(label=_("Share that sees it, in percent"), min_value=0, max_value=100)
