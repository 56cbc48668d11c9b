"""Fields in which one types a code and is offered what it may be: variants and categories, however many there are."""

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import Category, Variant


class SuggestInput(forms.TextInput):
    """A text field with suggestions, asked for while one types. options: URL name of the page that answers."""

    def __init__(self, options: str, attrs=None):
        super().__init__(attrs)
        self.options = options

    def render(self, name, value, attrs=None, renderer=None):
        known = f"{(attrs or {}).get('id', name)}-options"
        asks = {
            "list": known, "autocomplete": "off", "spellcheck": "false", "hx-get": reverse(self.options),
            "hx-trigger": "input changed delay:200ms, focus once", "hx-target": f"#{known}", "hx-swap": "innerHTML",
            "hx-params": name, "hx-push-url": "false",
        }  # fmt: skip
        field = super().render(name, value, {**(attrs or {}), **asks}, renderer)
        return format_html('{}<datalist id="{}"></datalist>', field, known)


class VariantField(forms.CharField):
    """A variant by its SKU or barcode."""

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", _("SKU or barcode; type a name to search"))
        super().__init__(widget=SuggestInput("variant_options"), max_length=60, **kwargs)

    def clean(self, value):
        code = super().clean(value)
        if not code:
            return None
        found = Variant.objects.filter(sku=code).first() or Variant.objects.filter(gtins__code=code).first()
        if found is None:
            raise forms.ValidationError(_("No product has the SKU or barcode %(code)s."), params={"code": code})
        return found

    def prepare_value(self, value):
        return getattr(value, "sku", value)


class CategoryField(forms.CharField):
    """A category by its code."""

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", _("type a name to search"))
        super().__init__(widget=SuggestInput("category_options"), max_length=120, **kwargs)

    def clean(self, value):
        code = super().clean(value)
        if not code:
            return None
        found = Category.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no category %(code)s."), params={"code": code})
        return found

    def prepare_value(self, value):
        return getattr(value, "code", value)


class MomentField(forms.DateTimeField):
    """Date and time in the reader's zone; empty means now."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, required=False, **kwargs)
