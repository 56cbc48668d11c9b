"""The rows behind the figures of head office."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from journeys.models import SalesDay
from omni.tables.columns import ChannelColumn, DayColumn, MoneyColumn, NumberColumn, OriginColumn


class SalesDayTable(tables.Table):
    """What each store sold on each day through each channel."""

    day = DayColumn(verbose_name=_("Day"))
    location = tables.Column(verbose_name=_("Store"), order_by=("location__name",))
    channel = ChannelColumn(verbose_name=_("Channel"), orderable=False)
    paid = MoneyColumn(verbose_name=_("Paid"), accessor="paid_minor", order_by=("paid_minor",))
    discount = MoneyColumn(verbose_name=_("Discounts"), accessor="discount_minor", order_by=("discount_minor",))
    baskets = NumberColumn(verbose_name=_("Baskets"))
    lines = NumberColumn(verbose_name=_("Lines"))
    units = NumberColumn(verbose_name=_("Units"))
    currency = tables.Column(verbose_name=_("Currency"), orderable=False)
    origin = OriginColumn(orderable=False)

    class Meta:
        model = SalesDay
        fields = ()
        sequence = ("day", "location", "channel", "paid", "discount", "baskets", "lines", "units", "currency", "origin")
