"""The list of staff."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from omni.access import ROLES
from omni.models import User
from omni.tables.columns import CodeColumn, WhenColumn


class StaffTable(tables.Table):
    """Who, what they may do, where, and when they last came."""

    name = tables.Column(verbose_name=_("Name"), accessor="pk", order_by=("first_name", "last_name", "username"))
    username = CodeColumn(verbose_name=_("User name"))
    role_names = tables.Column(verbose_name=_("Roles"), accessor="groups", orderable=False)
    places = tables.Column(verbose_name=_("Stores"), accessor="locations", orderable=False)
    department = tables.Column(verbose_name=_("Department"), orderable=False, default="–")
    active = tables.Column(verbose_name=_("State"), accessor="is_active", orderable=False)
    last_login = WhenColumn(verbose_name=_("Last signed in"), default="–")

    class Meta:
        model = User
        fields = ()

    def render_name(self, record):
        address = reverse("settings_staff_edit", args=[record.public_id])
        return format_html('<a class="strong" href="{}">{}</a>', address, record)

    def value_name(self, record):
        return str(record)

    def render_role_names(self, value):
        return ", ".join(str(ROLES[group.name].name) for group in value.all() if group.name in ROLES) or "–"

    def render_places(self, value):
        return ", ".join(place.name for place in value.all()) or "–"

    def render_active(self, value):
        tone, words = ("ok", _("active")) if value else ("idle", _("shut out"))
        return format_html('<span class="o-tag o-{}">{}</span>', tone, words)

    def value_active(self, value):
        return value
