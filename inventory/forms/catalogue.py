"""What people write about products."""

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.forms.suggestions import CategoryField, VariantField
from inventory.models import Variant


class ProductForm(forms.Form):
    """What a product is called and where it stands."""

    name = forms.CharField(label=_("Name"), max_length=160, help_text=_("as staff know it"))
    brand = forms.CharField(label=_("Brand"), max_length=80, required=False)
    maker = forms.CharField(label=_("Maker"), max_length=80, required=False)
    category = CategoryField(label=_("Category"), required=False)


class VariantForm(forms.Form):
    """One sellable thing."""

    sku = forms.CharField(label=_("SKU"), max_length=60)
    size = forms.CharField(label=_("Size"), max_length=60, required=False, help_text=_("as printed on the package"))
    options = forms.CharField(
        label=_("Options"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("one per line, such as “colour: red”"),
    )
    plausible_units = forms.IntegerField(
        label=_("Plausible units"),
        min_value=1,
        max_value=1_000_000,
        initial=5000,
        help_text=_("a single movement above this waits for a person"),
    )
    is_stocked = forms.BooleanField(label=_("counted in units"), required=False, initial=True)

    def clean_options(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.cleaned_data["options"].splitlines():
            name, colon, value = (part.strip() for part in line.replace("：", ":").partition(":"))
            if not line.strip():
                continue
            if not (name and colon and value) or name in found:
                raise forms.ValidationError(_("“%(line)s” is not a name, a colon and a value."), params={"line": line})
            found[name] = value
        return found


def of_variant(variant: Variant) -> dict:
    """What the form shows of a variant."""
    options = "\n".join(f"{name}: {value}" for name, value in variant.options.items())
    return {
        "sku": variant.sku, "size": variant.size, "options": options, "plausible_units": variant.plausible_units,
        "is_stocked": variant.is_stocked,
    }  # fmt: skip


class NewProductForm(ProductForm):
    """A product with its first variant."""

    sku = forms.CharField(label=_("SKU of its first variant"), max_length=60)
    size = forms.CharField(label=_("Size"), max_length=60, required=False, help_text=_("as printed on the package"))


class GtinForm(forms.Form):
    code = forms.CharField(label=_("Barcode number"), max_length=20, help_text=_("GTIN of 8, 12, 13 or 14 digits"))


class WordsForm(forms.Form):
    """What we say about a product in one language."""

    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    description = forms.CharField(
        label=_("Description"), widget=forms.Textarea(attrs={"rows": 6}), max_length=5000, required=False
    )


class CareForm(forms.Form):
    """How to keep it, and what happens when it comes back, in one language."""

    care = forms.CharField(label=_("Care"), widget=forms.Textarea(attrs={"rows": 5}), max_length=3000, required=False)
    return_note = forms.CharField(
        label=_("Returns"), widget=forms.Textarea(attrs={"rows": 5}), max_length=3000, required=False
    )


class ImageForm(forms.Form):
    file = forms.FileField(
        label=_("Picture"),
        help_text=_("JPEG, PNG or WebP, up to 10 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    alternative_text = forms.CharField(
        label=_("What it shows"), max_length=200, help_text=_("in a few words, for those who cannot see it")
    )


class ChartForm(forms.Form):
    """A table as lines of text: easy to paste from a spreadsheet."""

    table = forms.CharField(
        label=_("Size chart"),
        widget=forms.Textarea(attrs={"rows": 9, "class": "form-control code"}),
        max_length=20_000,
        required=False,
        strip=False,
        help_text=_("one row per line, cells divided by tabs or |; the first line names the columns"),
    )

    def rows(self) -> list[list[str]]:
        """Lines as cells, empty lines left out."""
        lines = [line for line in self.cleaned_data["table"].splitlines() if line.strip()]
        return [[cell.strip() for cell in line.replace("\t", "|").strip().strip("|").split("|")] for line in lines]


def of_chart(chart: dict) -> str:
    rows = [chart["columns"], *chart["rows"]] if chart else []
    return "\n".join(" | ".join(row) for row in rows)


class KitForm(forms.Form):
    """Units of each part (0 takes it out), and one part more."""

    part = VariantField(label=_("Add a part"), required=False)
    quantity = forms.IntegerField(label=_("Units of it"), min_value=1, max_value=1000, initial=1, required=False)

    def __init__(self, *args, components=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.components = list(components)
        for row in self.components:
            self.fields[f"units_{row.component_id}"] = forms.IntegerField(
                label=_("Units of %(sku)s") % {"sku": row.component.sku}, min_value=0, max_value=1000,
                initial=row.quantity,
            )  # fmt: skip

    def part_rows(self) -> list[tuple]:
        """Each part with the field of its units, for the template."""
        return [(row.component, self[f"units_{row.component_id}"]) for row in self.components]

    def wanted(self) -> list[tuple[Variant, int]]:
        """Variants with their units, as the kit should be."""
        values = self.cleaned_data
        kept = [(row.component, values[f"units_{row.component_id}"]) for row in self.components]
        if values.get("part"):
            kept.append((values["part"], values.get("quantity") or 1))
        return [(variant, units) for variant, units in kept if units]
