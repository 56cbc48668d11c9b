"""Removing the demo needs the word, typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

WORD = "REMOVE"


class RemoveDemoForm(forms.Form):
    """The word that shows that somebody means it."""

    word = forms.CharField(label=_("Type REMOVE"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def clean_word(self) -> str:
        word = self.cleaned_data["word"]
        if word != WORD:
            raise forms.ValidationError(_("Type the word REMOVE in capitals."))
        return word
