"""What a channel is and what it may promise."""

from django import forms
from django.utils.translation import gettext_lazy as _

from omni.models import Channel, Location


class ChannelForm(forms.ModelForm):
    """Everything but the code."""

    locations = forms.ModelMultipleChoiceField(
        label=_("Places whose stock it may promise"),
        queryset=Location.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Channel
        fields = ["name", "hue", "sells", "serves", "markets", "pooled", "shows_exact_stock", "position"]
        labels = {
            "name": _("Name"), "hue": _("Family"), "sells": _("sells"), "serves": _("serves customers"),
            "markets": _("carries campaigns"), "pooled": _("one figure over all its places"),
            "shows_exact_stock": _("shows the exact number"), "position": _("Place in lists"),
        }  # fmt: skip

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["locations"].queryset = places
        if self.instance.pk:
            self.fields["locations"].initial = self.instance.locations.all()


class NewChannelForm(ChannelForm):
    """Besides, the code, which stays for good."""

    class Meta(ChannelForm.Meta):
        fields = ["code", *ChannelForm.Meta.fields]
        labels = {"code": _("Code"), **ChannelForm.Meta.labels}
