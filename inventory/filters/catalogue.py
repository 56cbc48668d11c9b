"""What the catalogue can be narrowed by."""

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from inventory.filters.stock import departments
from inventory.models import Product
from inventory.queries import catalogue


class ProductFilters(filters.FilterSet):
    """By department, by what is missing, and whether it is still sold."""

    category = filters.ModelChoiceFilter(label=_("Department"), queryset=departments, method="in_category")
    lacks = filters.ChoiceFilter(
        label=_("Without"),
        method="lacking",
        choices=[
            ("words", _("words")),
            ("pictures", _("pictures")),
            ("gtin", _("barcode")),
            ("category", _("category")),
        ],
    )
    retired = filters.BooleanFilter(label=_("Retired"), field_name="retired_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Product
        fields = ("category", "lacks", "retired")

    def in_category(self, rows, _name, category):
        return rows.filter(category__path__startswith=category.path)

    def lacking(self, rows, _name, what):
        return catalogue.without(rows, what)
