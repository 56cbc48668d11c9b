"""What the stock lists can be narrowed by."""

import django_filters as filters
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Bucket, Category, StockLevel, StockMovement, Variant


def departments(_request: object = None) -> QuerySet[Category]:
    return Category.objects.filter(depth=1).order_by("name")


class StockFilters(filters.FilterSet):
    """Narrow the variants by where and how they lie. The place is the one of the switcher."""

    category = filters.ModelChoiceFilter(label=_("Department"), queryset=departments, method="in_category")
    state = filters.ChoiceFilter(
        label=_("Stock"),
        method="in_state",
        choices=[
            ("here", _("in stock")),
            ("out", _("sold out")),
            ("low", _("at or under the reorder point")),
            ("uncounted", _("never counted")),
            ("reserved", _("with open promises")),
        ],
    )
    moving = filters.BooleanFilter(label=_("Sold in the last 28 days"), method="is_moving")

    class Meta:
        model = Variant
        fields = ("category", "state", "moving")

    def in_category(self, rows, _name, category):
        return rows.filter(product__category__path__startswith=category.path)

    def in_state(self, rows, _name, state):
        levels = StockLevel.objects.visible_to(self.request.user).filter(variant=OuterRef("pk"))
        if place := self.request.omni_shell.place:
            levels = levels.filter(location=place)
        wanted = {
            "here": levels.filter(on_hand__gt=0),
            "low": levels.filter(reorder_point__gt=0, available__lte=F("reorder_point")),
            "uncounted": levels.filter(assumed=True),
            "reserved": levels.filter(reserved__gt=0),
        }
        if state == "out":
            return rows.filter(Exists(levels), ~Exists(levels.filter(available__gt=0)))
        return rows.filter(Exists(wanted[state]))

    def is_moving(self, rows, _name, moving):
        return rows.filter(pace__sold_28d__gt=0) if moving else rows.exclude(pace__sold_28d__gt=0)


class MovementFilters(filters.FilterSet):
    """Narrow ledger rows by what happened and when."""

    bucket = filters.ChoiceFilter(label=_("Part of stock"), choices=Bucket.choices)
    kind = filters.MultipleChoiceFilter(label=_("What happened"), choices=StockMovement.Kind.choices)
    day = filters.DateFromToRangeFilter(
        label=_("Between"), field_name="occurred_at", widget=filters.widgets.RangeWidget(attrs={"type": "date"})
    )

    class Meta:
        model = StockMovement
        fields = ("bucket", "kind", "day")
