"""What a saved view is made from."""

from django import forms
from django.utils.translation import gettext_lazy as _

from omni.navigation import page_exists


class SavedViewForm(forms.Form):
    """Name and state of a list."""

    page = forms.SlugField(max_length=60)
    name = forms.CharField(max_length=60, label=_("Name"))
    query = forms.CharField(required=False)
    shared = forms.BooleanField(required=False)

    def clean_page(self) -> str:
        page = self.cleaned_data["page"]
        if not page_exists(page):
            raise forms.ValidationError(_("There is no such list."))
        return page
