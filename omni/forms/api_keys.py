"""What an API key may do."""

from django import forms
from django.utils.translation import gettext_lazy as _

from omni.access import SCOPES
from omni.models import ConnectorAccount


class ApiKeyForm(forms.Form):
    """Name, scopes, and whose channel it speaks for."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("The programme that will use it."))
    account = forms.ModelChoiceField(
        label=_("Only for this connection"), queryset=ConnectorAccount.objects.none(), required=False
    )
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts
        self.fields["scopes"].choices = [(scope.code, scope.name) for scope in SCOPES.values()]
