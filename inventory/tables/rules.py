"""The columns of stock rules."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from inventory.models import ChannelBuffer, SafetyStockRule
from inventory.tables.prices import state_tag
from omni import words
from omni.tables.columns import ChannelColumn, NumberColumn, OriginColumn, WhenColumn


class RuleTable(tables.Table):
    """What both kinds of rule show."""

    kind = ""
    name = tables.Column(_("Rule"))
    state = tables.Column(_("State"), empty_values=(), orderable=False)
    thing = tables.Column(_("For"), empty_values=(), orderable=False)
    starts_at = WhenColumn(verbose_name=_("From"))
    ends_at = WhenColumn(verbose_name=_("Until"), default="–")
    origin = OriginColumn(orderable=False)
    end = tables.Column(_("End"), empty_values=(), orderable=False)

    def render_state(self, record):
        return state_tag(record, self.request.omni_shell.now)

    def value_state(self, record):
        return ""

    def render_thing(self, record):
        return self.value_thing(record)

    def value_thing(self, record):
        return str(record.variant or record.category or said("everything"))

    def render_end(self, record):
        over = record.ends_at and record.ends_at <= self.request.omni_shell.now
        if over or not self.request.user.has_perm("inventory.change_rules"):
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("rule_end", args=[self.kind, record.pk]), _("end"))

    def value_end(self, record):
        return ""


class SafetyStockTable(RuleTable):
    """Safety stock: units that places keep."""

    kind = "safety"
    place = tables.Column(_("Where"), empty_values=(), orderable=False)
    units = NumberColumn(verbose_name=_("Units each"))

    class Meta:
        model = SafetyStockRule
        fields = ()
        sequence = ("name", "state", "units", "thing", "place", "starts_at", "ends_at", "...")
        template_name = "components/table.html"

    def render_place(self, record):
        return str(record.location or record.group or said("every place"))


class BufferTable(RuleTable):
    """Buffers: what channels never show."""

    kind = "buffer"
    channel = ChannelColumn(verbose_name=_("Channel"), orderable=False)
    amount = tables.Column(_("Never shown"), empty_values=(), orderable=False, attrs={"td": {"class": "num"}})

    class Meta:
        model = ChannelBuffer
        fields = ()
        sequence = ("name", "state", "channel", "amount", "thing", "starts_at", "ends_at", "...")
        template_name = "components/table.html"

    def render_amount(self, record):
        if record.percent is not None:
            return words.share(record.percent / 100, 0)
        return said("%(units)s units") % {"units": words.number(record.units)}
