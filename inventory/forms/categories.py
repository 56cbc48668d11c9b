"""What people do with the tree."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.forms.suggestions import CategoryField


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


class MoveForm(forms.Form):
    parent = CategoryField(
        label=_("Under"), required=False, help_text=_("type a name to search; empty: at the top of the tree")
    )
