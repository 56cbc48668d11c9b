"""What people write about stock rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.forms.suggestions import CategoryField, MomentField, VariantField
from omni.models import Channel, Location, LocationGroup


class RuleForm(forms.Form):
    """What both kinds of rule ask for."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("it stands beside every figure that it changes"))
    category = CategoryField(label=_("Category"), required=False, help_text=_("empty, and no product: everything"))
    variant = VariantField(label=_("Product"), required=False)
    starts_at = MomentField(label=_("Holds from"), help_text=_("empty: from now on"))
    ends_at = MomentField(label=_("Holds until"), help_text=_("empty: without an end"))

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer(staff)

    def offer(self, staff) -> None:
        """Fill the choices with what this person may see."""


class SafetyStockForm(RuleForm):
    """Units that places keep for the customer who stands in them."""

    units = forms.IntegerField(label=_("Units kept in each place"), min_value=0, max_value=100_000)
    location = forms.ModelChoiceField(
        Location.objects.none(), label=_("Place"), required=False, empty_label=_("every place")
    )
    group = forms.ModelChoiceField(
        LocationGroup.objects.all(), label=_("Group of places"), required=False, empty_label=_("no group")
    )
    field_order = ["name", "units", "category", "variant", "location", "group", "starts_at", "ends_at"]

    def offer(self, staff) -> None:
        places = self.fields["location"]
        assert isinstance(places, forms.ModelChoiceField)
        places.queryset = Location.objects.visible_to(staff).open()


class BufferForm(RuleForm):
    """What a channel never shows."""

    channel = forms.ModelChoiceField(Channel.objects.none(), label=_("Channel"))
    units = forms.IntegerField(label=_("Units"), min_value=0, max_value=100_000, required=False)
    percent = forms.IntegerField(
        label=_("Or percent of what is free"), min_value=0, max_value=100, required=False, help_text=_("rounded down")
    )
    field_order = ["name", "channel", "units", "percent", "category", "variant", "starts_at", "ends_at"]

    def offer(self, staff) -> None:
        channels = self.fields["channel"]
        assert isinstance(channels, forms.ModelChoiceField)
        channels.queryset = Channel.objects.visible_to(staff).selling()
