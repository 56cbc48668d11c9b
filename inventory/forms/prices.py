"""What people write about prices."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.forms.suggestions import MomentField, VariantField
from inventory.models import PriceList
from omni.models import Channel
from omni.money import exponent, to_minor


class PriceListForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, help_text=_("ISO 4217, such as USD"))
    channel = forms.ModelChoiceField(
        Channel.objects.none(), label=_("Channel"), required=False, empty_label=_("every channel")
    )
    priority = forms.IntegerField(
        label=_("Priority"), min_value=0, max_value=1000, initial=0, help_text=_("of several lists the highest wins")
    )
    starts_at = MomentField(label=_("Holds from"), help_text=_("empty: from now on"))
    ends_at = MomentField(label=_("Holds until"), help_text=_("empty: without an end"))

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        channels = self.fields["channel"]
        assert isinstance(channels, forms.ModelChoiceField)
        channels.queryset = Channel.objects.visible_to(staff).selling()


class PriceForm(forms.Form):
    """The price of one variant on a list."""

    variant = VariantField(label=_("Product"))
    amount = forms.DecimalField(
        label=_("Price of one unit"), min_value=0, max_digits=14, decimal_places=4, required=False,
        help_text=_("tax included; empty takes the price off this list"),
    )  # fmt: skip

    def __init__(self, *args, price_list: PriceList, **kwargs):
        super().__init__(*args, **kwargs)
        self.currency = price_list.currency
        self.fields["amount"].label = _("Price of one unit in %(currency)s") % {"currency": self.currency}
        self.fields["amount"].widget.attrs["step"] = str(10 ** -exponent(self.currency))

    def clean_amount(self) -> int | None:
        """Minor units."""
        amount = self.cleaned_data["amount"]
        if amount is None:
            return None
        try:
            return to_minor(amount, self.currency)
        except ValueError as error:
            raise forms.ValidationError(
                _("%(currency)s has %(places)s decimal places."),
                params={"currency": self.currency, "places": exponent(self.currency)},
            ) from error


class EndForm(forms.Form):
    """When something stops to hold."""

    ends_at = MomentField(label=_("Holds until"), help_text=_("empty: until now"))
