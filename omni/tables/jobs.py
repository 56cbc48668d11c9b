"""The list of jobs."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from omni import navigation, words
from omni.models import JobRun
from omni.tables.columns import CodeColumn, NumberColumn, TagColumn, WhenColumn

TONES = {"running": "info", "done": "ok", "dead": "bad", "cancelled": "warn"}


class JobTable(tables.Table):
    """What, how it stands, when, and why not."""

    name = tables.Column(verbose_name=_("Job"), accessor="task")
    state = TagColumn(verbose_name=_("State"), tones=TONES, labels=dict(JobRun.State.choices))
    done = NumberColumn(verbose_name=_("Done"), accessor="done_units", orderable=False)
    created = WhenColumn(verbose_name=_("Asked for"), accessor="created_at", order_by=("created_at",))
    finished = WhenColumn(verbose_name=_("Over"), accessor="finished_at", order_by=("finished_at",), default="–")
    attempt = NumberColumn(verbose_name=_("Try"), orderable=False)
    requested_by = tables.Column(verbose_name=_("By"), orderable=False, default="–")
    key = CodeColumn(verbose_name=_("About"))
    reason = tables.Column(verbose_name=_("Last reason"), accessor="last_error", orderable=False, default="")

    class Meta:
        model = JobRun
        fields = ()

    def render_name(self, value, record):
        address = reverse("job", args=[record.public_id])
        return format_html('<a class="strong" href="{}">{}</a>', address, navigation.JOB_NAMES.get(value, value))

    def value_name(self, value):
        return value

    def render_done(self, value, record):
        whole = words.number(record.total_units) if record.total_units else ""
        return f"{words.number(value)} / {whole}" if whole else words.number(value)

    def render_reason(self, value):
        return value[:120]
