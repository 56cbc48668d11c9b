"""Who somebody is, what they may do, and where."""

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from omni.access import ROLES
from omni.models import Department, Location


class StaffForm(forms.Form):
    """Name, department, roles, stores. ``visible``: the locations that the administrator sees."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    department = forms.ModelChoiceField(label=_("Department"), queryset=Department.objects.none(), required=False)
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    locations = forms.ModelMultipleChoiceField(
        label=_("Stores"),
        queryset=Location.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Store people see the work of these. Other roles see every store."),
    )

    def __init__(self, *args, places, departments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [(role.code, role.name) for role in ROLES.values()]
        self.fields["locations"].queryset = places
        self.fields["department"].queryset = departments


class NewStaffForm(StaffForm):
    """Besides, the name to sign in with."""

    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    field_order = ("username",)
