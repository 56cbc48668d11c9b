"""The columns of the list of transfers."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import Transfer
from omni.templatetags import omni as shown

TONES = {Transfer.State.SENT: "o-info", Transfer.State.RECEIVED: "o-ok", Transfer.State.CANCELLED: "o-none"}


class TransferTable(tables.Table):
    """One line per shipment."""

    number = tables.Column(_("Transfer"), accessor="public_id", orderable=False)
    sender = tables.Column(_("From"), accessor="sender__name", orderable=False)
    receiver = tables.Column(_("To"), accessor="receiver__name", orderable=False)
    state = tables.Column(_("State"), orderable=False)
    created_at = tables.Column(_("Written"))
    sent_at = tables.Column(_("Left"), orderable=False)
    received_at = tables.Column(_("Arrived"), orderable=False)

    class Meta:
        model = Transfer
        fields = ()
        template_name = "components/table.html"

    def render_number(self, value):
        return format_html('<a class="code strong" href="{}">{}</a>', reverse("transfer", args=[value]), value)

    def value_number(self, value):
        return value

    def render_state(self, record):
        tone = TONES.get(record.state, "o-none")
        return format_html('<span class="o-tag {}">{}</span>', tone, record.get_state_display())

    def value_state(self, record):
        return record.state

    def render_created_at(self, value):
        return shown.when(value)

    def value_created_at(self, value):
        return value

    def render_sent_at(self, value):
        return shown.when(value)

    def value_sent_at(self, value):
        return value

    def render_received_at(self, value):
        return shown.when(value)

    def value_received_at(self, value):
        return value
