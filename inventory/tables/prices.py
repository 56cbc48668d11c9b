"""The columns of price lists and prices."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import Price, PriceList
from omni.tables.columns import ChannelColumn, CodeColumn, MoneyColumn, NumberColumn, OriginColumn, WhenColumn

OPENS = '<a class="{0}" href="{1}" hx-get="{1}" hx-target="#drawer" hx-swap="outerHTML" hx-push-url="false">{2}</a>'
STATES = {"now": ("ok", _("holds now")), "later": ("info", _("begins later")), "over": ("idle", _("ended"))}


def state_tag(row, now):
    """In words, whether something holds at a time."""
    if row.ends_at and row.ends_at <= now:
        state = "over"
    else:
        state = "later" if row.starts_at and row.starts_at > now else "now"
    tone, words = STATES[state]
    return format_html('<span class="o-tag o-{}">{}</span>', tone, words)


class PriceListTable(tables.Table):
    """Price lists: what they are for, and when they hold."""

    name = tables.Column(_("Price list"))
    state = tables.Column(_("State"), empty_values=(), orderable=False)
    channel = ChannelColumn(verbose_name=_("Channel"), orderable=False, default=_("every channel"))
    currency = CodeColumn(verbose_name=_("Currency"), orderable=False)
    priority = NumberColumn(verbose_name=_("Priority"))
    prices = NumberColumn(verbose_name=_("Prices"), accessor="price_count", orderable=False)
    starts_at = WhenColumn(verbose_name=_("From"), default=_("always"))
    ends_at = WhenColumn(verbose_name=_("Until"), default="–")
    origin = OriginColumn(orderable=False)

    class Meta:
        model = PriceList
        fields = ()
        template_name = "components/table.html"

    def render_name(self, record):
        there = reverse("price_list", args=[record.code])
        return format_html('<a class="strong" href="{}">{}</a>', there, record.name)

    def render_state(self, record):
        return state_tag(record, self.request.omni_shell.now)

    def value_state(self, record):
        return ""


class PriceTable(tables.Table):
    """Prices of one list."""

    product = tables.Column(_("Product"), accessor="variant__product__name", order_by=("variant__product__name",))
    sku = CodeColumn(verbose_name=_("SKU"), accessor="variant__sku")
    category = tables.Column(_("Category"), accessor="variant__product__category__name", orderable=False, default="–")
    amount = MoneyColumn(
        verbose_name=_("Price"), accessor="amount_minor", currency="price_list__currency", order_by=("amount_minor",)
    )
    change = tables.Column(_("Change"), empty_values=(), orderable=False, attrs={"td": {"class": "num"}})

    class Meta:
        model = Price
        fields = ()
        template_name = "components/table.html"

    def render_product(self, record):
        told = f"{record.variant.product.name} {record.variant.size}".strip()
        return format_html(OPENS, "o-fig", reverse("price_why", args=[record.variant.public_id]), told)

    def value_product(self, record):
        return str(record.variant)

    def value_amount(self, record):
        return record.amount_minor

    def render_change(self, record):
        there = reverse("price_set", args=[record.price_list.code]) + f"?variant={record.variant.public_id}"
        return format_html(OPENS, "small", there, _("change"))

    def value_change(self, record):
        return ""
