"""What people answer to a discrepancy."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.services.settling import Seen
from omni.models import Location


class AnswerForm(forms.Form):
    """The figures that the person saw, and where they want the gap booked or counted."""

    ours = forms.IntegerField(required=False, widget=forms.HiddenInput)
    theirs = forms.IntegerField(required=False, widget=forms.HiddenInput)
    expected = forms.IntegerField(required=False, widget=forms.HiddenInput)
    location = forms.ModelChoiceField(Location.objects.none(), required=False, to_field_name="code", label=_("Store"))
    reason = forms.CharField(required=False, max_length=200, label=_("Reason"))

    def __init__(self, *args, locations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = locations

    @property
    def seen(self) -> Seen:
        return Seen(self.cleaned_data["ours"], self.cleaned_data["theirs"])


class DecideForm(forms.Form):
    """One answer to many."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        widget=forms.RadioSelect,
        choices=[
            ("keep", _("Keep ours: send our figure to the channel")),
            ("take", _("Take theirs: book each gap as an adjustment")),
            ("count", _("Count them: a work item on the store's Today")),
            ("leave", _("Leave them as they are")),
        ],
        initial="keep",
    )
    reason = forms.CharField(label=_("Reason, when they are left"), required=False, max_length=200)
