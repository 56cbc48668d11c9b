"""What an empty installation is told first."""

from babel.numbers import list_currencies
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from omni.forms.preferences import zone_choices


class SetUpForm(forms.Form):
    """The retailer, the first administrator, the first store and channel."""

    name = forms.CharField(label=_("Name of the retailer"), max_length=120)
    currency = forms.ChoiceField(label=_("Currency"), initial=settings.DEFAULT_CURRENCY)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial=settings.TIME_ZONE)
    username = forms.CharField(
        label=_("Your user name"), max_length=150, initial="admin", validators=[UnicodeUsernameValidator()]
    )
    password = forms.CharField(
        label=_("Your password"), help_text=_("At least 10 signs."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), validators=[validate_password],
    )  # fmt: skip
    store_name = forms.CharField(label=_("First store or warehouse"), max_length=80)
    store_code = forms.SlugField(label=_("Its code"), max_length=40, initial="store-1")
    channel_name = forms.CharField(label=_("First channel"), max_length=80, initial=_("Tills"))
    channel_code = forms.SlugField(label=_("Its code"), max_length=40, initial="tills")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = [(code, code) for code in sorted(list_currencies("en")) if len(code) == 3]
        self.fields["time_zone"].choices = zone_choices("")[1:]
