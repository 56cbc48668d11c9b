"""The lists of the settings: places, channels, connections, keys, departments, switches."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from omni.models import ApiKey, Channel, ConnectorAccount, Department, Flag, Location
from omni.tables.columns import CodeColumn, NumberColumn, OriginColumn, TagColumn, WhenColumn


class LinkColumn(tables.Column):
    """The name of a row as a link to its own page. page: URL name; by: the attribute that the address holds."""

    def __init__(self, page: str, *args, by: str = "public_id", **kwargs):
        super().__init__(*args, **kwargs)
        self.page, self.by = page, by

    def render(self, value, record):
        address = reverse(self.page, args=[getattr(record, self.by)])
        return format_html('<a class="strong" href="{}">{}</a>', address, value)

    def value(self, value):
        return value


class InUseColumn(tables.Column):
    """Whether a row is in use or retired."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"verbose_name": _("State"), "orderable": False, "empty_values": (), **kwargs})

    def render(self, value):
        tone, said = ("idle", _("retired")) if value else ("ok", _("in use"))
        return format_html('<span class="o-tag o-{}">{}</span>', tone, said)

    def value(self, value):
        return _("retired") if value else _("in use")


class LocationTable(tables.Table):
    name = LinkColumn("settings_location_edit", verbose_name=_("Name"))
    code = CodeColumn(verbose_name=_("Code"))
    kind = TagColumn(verbose_name=_("Kind"), labels=dict(Location.Kind.choices))
    group = tables.Column(verbose_name=_("Group"), orderable=False, default="–")
    city = tables.Column(verbose_name=_("Town"))
    time_zone = tables.Column(verbose_name=_("Time zone"))
    state = InUseColumn(accessor="retired_at")
    origin = OriginColumn()

    class Meta:
        model = Location
        fields = ()


class ChannelTable(tables.Table):
    position = NumberColumn(verbose_name=_("Place"))
    name = LinkColumn("settings_channel_edit", verbose_name=_("Name"), by="code")
    uses = tables.Column(verbose_name=_("Uses"), accessor="pk", orderable=False)
    places = tables.Column(verbose_name=_("Places"), accessor="locations", orderable=False)
    pooled = tables.BooleanColumn(verbose_name=_("One figure"), orderable=False)
    shows_exact_stock = tables.BooleanColumn(verbose_name=_("Exact number"), orderable=False)
    state = InUseColumn(accessor="retired_at")
    origin = OriginColumn()

    class Meta:
        model = Channel
        fields = ()

    def render_uses(self, record):
        uses = (("sells", _("sells")), ("serves", _("serves")), ("markets", _("markets")))
        return format_html_join(
            " ", '<span class="o-tag o-idle">{}</span>', ((said,) for name, said in uses if getattr(record, name))
        )

    def render_places(self, value):
        return len(value.all())


class AccountTable(tables.Table):
    name = LinkColumn("settings_account", verbose_name=_("Name"))
    channel = tables.Column(verbose_name=_("Channel"), orderable=False)
    kind = CodeColumn(verbose_name=_("Kind"))
    enabled = tables.Column(verbose_name=_("State"), orderable=False)
    last_success_at = WhenColumn(verbose_name=_("Last success"), orderable=False, default="–")
    failures_in_row = NumberColumn(verbose_name=_("Failures in a row"), orderable=False)
    last_error = tables.Column(verbose_name=_("Last reason"), orderable=False, default="")

    class Meta:
        model = ConnectorAccount
        fields = ()

    def render_enabled(self, value, record):
        tone, said = ("ok", _("on")) if value else ("idle", _("off"))
        tone, said = ("bad", _("resting after failures")) if value and record.closed_until else (tone, said)
        return format_html('<span class="o-tag o-{}">{}</span>', tone, said)

    def value_enabled(self, value):
        return value


class ApiKeyTable(tables.Table):
    name = tables.Column(verbose_name=_("Name"))
    prefix = CodeColumn(verbose_name=_("Begins with"), orderable=False)
    scopes = tables.Column(verbose_name=_("It may"), orderable=False)
    account = tables.Column(verbose_name=_("Only for"), orderable=False, default="–")
    created_at = WhenColumn(verbose_name=_("Made"))
    last_used_at = WhenColumn(verbose_name=_("Last used"), default="–")
    revoked_at = tables.TemplateColumn(
        template_name="omni/settings/key_state.html", verbose_name=_("State"), orderable=False, empty_values=()
    )

    class Meta:
        model = ApiKey
        fields = ()

    def render_scopes(self, value):
        return ", ".join(value)


class DepartmentTable(tables.Table):
    name = LinkColumn("settings_department_edit", verbose_name=_("Name"), by="code")
    code = CodeColumn(verbose_name=_("Code"))

    class Meta:
        model = Department
        fields = ()


class FlagTable(tables.Table):
    code = LinkColumn("settings_flag_edit", verbose_name=_("Switch"), by="code")
    description = tables.Column(verbose_name=_("What it shows"), orderable=False)
    share = NumberColumn(verbose_name=_("Share, %"))

    class Meta:
        model = Flag
        fields = ()
