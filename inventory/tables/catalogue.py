"""The columns of the catalogue."""

from functools import cached_property

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import Product
from inventory.queries import catalogue
from omni.tables.columns import CodeColumn, NumberColumn, OriginColumn
from omni.templatetags import omni as shown


class ProductTable(tables.Table):
    """Products with what is known of them."""

    product = tables.Column(_("Product"), accessor="name", order_by=("name",))
    code = CodeColumn(_("Code"))
    brand = tables.Column(_("Brand"))
    maker = tables.Column(_("Maker"))
    category = tables.Column(_("Category"), accessor="category__name", order_by=("category__path",), default="–")
    variants = NumberColumn(verbose_name=_("Variants"), empty_values=(), orderable=False)
    gtins = NumberColumn(verbose_name=_("Barcodes"), empty_values=(), orderable=False)
    images = NumberColumn(verbose_name=_("Pictures"), empty_values=(), orderable=False)
    languages = tables.Column(_("Languages"), empty_values=(), orderable=False)
    origin = OriginColumn(orderable=False)

    class Meta:
        model = Product
        fields = ()
        template_name = "components/table.html"

    @cached_property
    def known(self) -> dict[int, catalogue.Wealth]:
        return catalogue.wealth([row.record.pk for row in self.rows])

    def known_of(self, product: Product) -> catalogue.Wealth:
        return self.known.get(product.pk, catalogue.Wealth())

    def render_product(self, record):
        retired = format_html(' <span class="o-tag o-none">{}</span>', _("retired")) if record.retired_at else ""
        if not self.request.user.has_perm("inventory.change_variant"):
            return format_html("<b>{}</b>{}", record.name, retired)
        there = reverse("product_edit", args=[record.public_id])
        return format_html('<a class="strong" href="{}">{}</a>{}', there, record.name, retired)

    def value_product(self, record):
        return record.name

    def render_variants(self, record):
        return shown.figures(self.known_of(record).variants)

    def value_variants(self, record):
        return self.known_of(record).variants

    def render_gtins(self, record):
        return shown.figures(self.known_of(record).gtins)

    def value_gtins(self, record):
        return self.known_of(record).gtins

    def render_images(self, record):
        return shown.figures(self.known_of(record).images)

    def value_images(self, record):
        return self.known_of(record).images

    def render_languages(self, record):
        return " ".join(shown.short_language(code) for code in self.known_of(record).languages) or "–"

    def value_languages(self, record):
        return " ".join(self.known_of(record).languages)
