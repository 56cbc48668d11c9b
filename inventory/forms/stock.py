"""What people say when they move stock by hand."""

from django import forms
from django.utils.translation import gettext_lazy as _

from omni.ids import public_id
from omni.models import Location

ADJUSTMENT_REASONS = [
    ("shelf_differs", _("the shelf shows another figure")),
    ("damaged", _("damaged, thrown away")),
    ("stolen", _("stolen")),
    ("own_use", _("own use")),
    ("correction", _("an earlier entry was wrong")),
]
APART_REASONS = [
    ("damaged", _("damaged")),
    ("to_check", _("to be checked")),
    ("on_display", _("on display")),
    ("recalled", _("recalled")),
]


class PlaceForm(forms.Form):
    """The place, among those where this person works, and the name of this very entry (a repeat books nothing)."""

    location = forms.ModelChoiceField(Location.objects.none(), label=_("Place"))
    entry = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args, staff, place: Location | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        places = Location.objects.visible_to(staff).open()
        choice = self.fields["location"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset, choice.initial = places, place or places.first()
        self.fields["entry"].initial = public_id


class ReceiveForm(PlaceForm):
    quantity = forms.IntegerField(label=_("Units received"), min_value=1)
    document = forms.CharField(label=_("Delivery note"), max_length=40, required=False)


class AdjustForm(PlaceForm):
    target = forms.IntegerField(label=_("Units on hand now"), min_value=0)
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.ChoiceField(label=_("Why"), choices=ADJUSTMENT_REASONS)


class SetApartForm(PlaceForm):
    quantity = forms.IntegerField(label=_("Units"), min_value=1)
    reason = forms.ChoiceField(label=_("Why"), choices=APART_REASONS)


class PutBackForm(SetApartForm):
    """The same words, the other way round."""


class TransferForm(PlaceForm):
    """Send units of one variant somewhere else."""

    receiver = forms.ModelChoiceField(Location.objects.open(), label=_("To"))
    quantity = forms.IntegerField(label=_("Units"), min_value=1)
