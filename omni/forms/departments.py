"""What a department is called."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DepartmentForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


class NewDepartmentForm(DepartmentForm):
    """Besides, the code, which stays for good."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    field_order = ("code", "name")
