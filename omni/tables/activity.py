"""The audit list."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from omni.models import Activity
from omni.tables.columns import ChannelColumn, CodeColumn, TagColumn, WhenColumn


class ActivityTable(tables.Table):
    """What happened: when, what, to what, by whom, where."""

    when = WhenColumn(verbose_name=_("When"), accessor="occurred_at", order_by=("occurred_at",))
    verb = CodeColumn(verbose_name=_("What"))
    subject = CodeColumn(verbose_name=_("About"))
    actor = tables.Column(verbose_name=_("By"), orderable=False, default="–")
    actor_kind = TagColumn(
        verbose_name=_("Kind"), orderable=False, tones={"staff": "info"}, labels=dict(Activity.ActorKind.choices)
    )
    location = tables.Column(verbose_name=_("Place"), orderable=False, default="–")
    channel = ChannelColumn(verbose_name=_("Channel"), orderable=False, default="–")
    outcome = tables.Column(verbose_name=_("Outcome"), orderable=False)

    class Meta:
        model = Activity
        fields = ()
        sequence = ("when", "verb", "subject", "actor", "...")
