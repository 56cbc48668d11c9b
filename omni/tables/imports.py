"""The history of imports."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from omni.importing.resource import kinds
from omni.models import ChangeSet
from omni.tables.columns import NumberColumn, TagColumn, WhenColumn

TONES = {
    "checking": "info", "preview": "warn", "applying": "info", "applied": "ok", "undoing": "info", "undone": "none",
    "dropped": "none", "refused": "bad",
}  # fmt: skip


class ImportTable(tables.Table):
    """Files that were sent: what, by whom, and what became of them."""

    when = WhenColumn(verbose_name=_("Sent"), accessor="created_at", order_by=("created_at",))
    kind = tables.Column(verbose_name=_("Kind"))
    file_name = tables.Column(verbose_name=_("File"))
    author = tables.Column(verbose_name=_("By"), orderable=False)
    new = NumberColumn(verbose_name=_("New"), accessor="counts__new", orderable=False, default="–")
    changed = NumberColumn(verbose_name=_("Changed"), accessor="counts__changed", orderable=False, default="–")
    wrong = NumberColumn(verbose_name=_("Wrong"), accessor="counts__wrong", orderable=False, default="–")
    state = TagColumn(verbose_name=_("State"), tones=TONES, labels=dict(ChangeSet.State.choices))

    class Meta:
        model = ChangeSet
        fields = ()
        sequence = ("when", "kind", "file_name", "author", "new", "changed", "wrong", "state")

    def render_kind(self, value):
        found = kinds().get(value)
        return found.title if found else value

    def render_state(self, record, column):
        return column.render(record.state)

    def render_file_name(self, value, record):
        return format_html('<a href="{}">{}</a>', reverse("import_set", args=[record.public_id]), value)
