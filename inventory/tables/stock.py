"""The columns of the stock lists."""

from functools import cached_property

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import StockMovement, Variant
from inventory.queries import stock
from omni.templatetags import omni as shown

NUMBER = {"td": {"class": "num"}, "th": {"class": "num"}}


class StockTable(tables.Table):
    """Variants with their stock at the place looked at, or over all places."""

    product = tables.Column(_("Product"), accessor="product__name", order_by=("product__name", "sku"))
    sku = tables.Column(_("SKU"), attrs={"td": {"class": "code"}})
    category = tables.Column(_("Category"), accessor="product__category", orderable=False)
    on_hand = tables.Column(_("On hand"), empty_values=(), orderable=False, attrs=NUMBER)
    reserved = tables.Column(_("Reserved"), empty_values=(), orderable=False, attrs=NUMBER)
    available = tables.Column(_("Free"), empty_values=(), orderable=False, attrs=NUMBER)
    places = tables.Column(_("Places"), empty_values=(), orderable=False, attrs=NUMBER)
    sold = tables.Column(_("Sold 28 d"), accessor="pace__sold_28d", order_by=("pace__sold_28d",), attrs=NUMBER)
    origin = tables.Column(_("Start"), empty_values=(), orderable=False, visible=True)

    class Meta:
        model = Variant
        fields = ()
        template_name = "components/table.html"

    @cached_property
    def sums(self) -> dict[int, stock.VariantStock]:
        """Stock of every variant on this page, asked once."""
        place = self.request.omni_shell.place if hasattr(self.request, "omni_shell") else None
        return stock.sums([row.record.pk for row in self.rows], location=place)

    def stock_of(self, variant: Variant) -> stock.VariantStock:
        return self.sums.get(variant.pk, stock.VariantStock())

    def render_product(self, record):
        told = " · ".join(part for part in (record.product.brand, record.size) if part)
        return format_html(
            '<a class="strong" href="{}">{}</a><br><span class="micro dim">{}</span>',
            reverse("stock_item", args=[record.public_id]),
            record.product.name,
            told,
        )

    def value_product(self, record):
        return str(record)

    def render_on_hand(self, record):
        held = self.stock_of(record)
        return shown.figure(held.on_hand, reverse("stock_item", args=[record.public_id]), held.assumed, drawer=False)

    def value_on_hand(self, record):
        return self.stock_of(record).on_hand

    def render_reserved(self, record):
        return shown.figures(self.stock_of(record).reserved)

    def value_reserved(self, record):
        return self.stock_of(record).reserved

    def render_available(self, record):
        return shown.figures(self.stock_of(record).available)

    def value_available(self, record):
        return self.stock_of(record).available

    def render_places(self, record):
        return shown.figures(self.stock_of(record).places)

    def value_places(self, record):
        return self.stock_of(record).places

    def render_origin(self, record):
        held = self.stock_of(record)
        return shown.origin("assumed", _("≈ assumed")) if held.assumed else shown.origin("real", _("recorded"))

    def value_origin(self, record):
        return "assumed" if self.stock_of(record).assumed else "real"


class MovementTable(tables.Table):
    """Rows of the ledger."""

    occurred_at = tables.Column(_("When"))
    place = tables.Column(_("Place"), accessor="level__location__name", orderable=False)
    kind = tables.Column(_("What"), orderable=False)
    bucket = tables.Column(_("Part"), orderable=False)
    quantity = tables.Column(_("Units"), orderable=False, attrs=NUMBER)
    balance = tables.Column(_("Then"), orderable=False, attrs=NUMBER)
    channel = tables.Column(_("Channel"), orderable=False)
    document = tables.Column(_("Document"), orderable=False, attrs={"td": {"class": "code"}})
    reason = tables.Column(_("Reason"), orderable=False)
    actor = tables.Column(_("By"), orderable=False)
    origin = tables.Column(_("Origin"), orderable=False)

    class Meta:
        model = StockMovement
        fields = ()
        template_name = "components/table.html"

    def render_occurred_at(self, record):
        return shown.when(record.occurred_at, "moment", record.level.location.time_zone)

    def value_occurred_at(self, record):
        return record.occurred_at

    def render_kind(self, record):
        return record.get_kind_display()

    def render_bucket(self, record):
        return record.get_bucket_display()

    def render_quantity(self, value):
        return f"+{shown.figures(value)}" if value > 0 else shown.figures(value)

    def value_quantity(self, value):
        return value

    def render_channel(self, value):
        return shown.channel_badge(value)

    def value_channel(self, value):
        return value.name

    def render_origin(self, record):
        return shown.origin(record.origin)

    def value_origin(self, record):
        return record.origin
