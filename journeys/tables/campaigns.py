"""The list of campaigns."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from journeys.models import Campaign
from journeys.queries.campaigns import rate
from omni import words
from omni.tables.columns import DayColumn, NumberColumn, OriginColumn


class RateColumn(tables.Column):
    """A share with its 95 % interval and n; a file gets the share."""

    attrs = {"th": {"class": "num"}, "td": {"class": "num nowrap"}}

    def render(self, record):
        value = rate(record)
        if value.value is None or value.low is None or value.high is None:
            return "–"
        return format_html(
            '{} <span class="micro dim">[{}–{}], n {}</span>',
            words.share(value.value), words.number(round(100 * value.low, 1)), words.number(round(100 * value.high, 1)),
            words.number(value.n),
        )  # fmt: skip

    def value(self, record):
        return rate(record).value


class CampaignTable(tables.Table):
    """Each campaign with its period, whom it reached and what came back."""

    name = tables.Column(
        verbose_name=_("Campaign"), linkify=lambda record: reverse("campaign", args=[record.public_id])
    )
    kind = tables.Column(verbose_name=_("Kind"))
    starts_on = DayColumn(verbose_name=_("From"))
    ends_on = DayColumn(verbose_name=_("To"))
    reach = NumberColumn(verbose_name=_("Households"), orderable=False)
    redeemers = NumberColumn(verbose_name=_("Redeemed"), orderable=False)
    rate = RateColumn(verbose_name=_("Rate"), accessor="pk", orderable=False)
    handed_in = NumberColumn(verbose_name=_("Coupons"), orderable=False)
    cut_off = tables.Column(verbose_name=_("Complete"), orderable=False)
    origin = OriginColumn(orderable=False)

    class Meta:
        model = Campaign
        fields = ()

    def render_cut_off(self, value):
        if value:
            return format_html('<span class="o-tag o-warn">{}</span>', _("cut off"))
        return _("whole")

    def value_cut_off(self, value):
        return _("cut off") if value else _("whole")
