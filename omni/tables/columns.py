"""Columns that every table shares: figures, money, times, marks. What a file gets is the plain value."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from omni import words
from omni.models import Origin

RIGHT = {"th": {"class": "num"}, "td": {"class": "num"}}


class NumberColumn(tables.Column):
    """A figure, right-aligned, with the reader's separators."""

    attrs = RIGHT

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"attrs": RIGHT, **kwargs})

    def render(self, value):
        return words.number(value)

    def value(self, value):
        return value


class MoneyColumn(NumberColumn):
    """Minor units with the currency of the row. currency: the row's attribute that names it."""

    def __init__(self, *args, currency: str = "currency", **kwargs):
        super().__init__(*args, **kwargs)
        self.currency = currency

    def render(self, value, record):
        return words.money(value, tables.A(self.currency).resolve(record))


class WhenColumn(tables.Column):
    """Date and time in the reader's zone; a file gets ISO 8601."""

    def render(self, value):
        return format_html('<time class="nowrap" datetime="{}">{}</time>', value.isoformat(), words.moment(value))

    def value(self, value):
        return value.isoformat() if value else ""


class DayColumn(WhenColumn):
    def render(self, value):
        return format_html('<time class="nowrap" datetime="{}">{}</time>', value.isoformat(), words.day(value))


class CodeColumn(tables.Column):
    """A code, in mono."""

    def render(self, value):
        return format_html('<span class="code">{}</span>', value)

    def value(self, value):
        return value


class ChannelColumn(tables.Column):
    """A channel with its hue."""

    def render(self, value):
        return format_html('<span class="o-ch o-ch-{}">{}</span>', value.hue, value.name)

    def value(self, value):
        return value.name if value else ""


class OriginColumn(tables.Column):
    """Where a row comes from: recorded, assumed or made up."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"verbose_name": _("Origin"), **kwargs})

    def render(self, value):
        name = str(value).replace("_", "")
        return format_html('<span class="o-origin o-origin-{}">{}</span>', name, Origin(value).label)

    def value(self, value):
        return value


class TagColumn(tables.Column):
    """A state in words. tones: state -> ok, warn, bad, info, idle; labels: state -> words."""

    def __init__(self, *args, tones=None, labels=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.tones, self.labels = tones or {}, labels or {}

    def render(self, value):
        return format_html(
            '<span class="o-tag o-{}">{}</span>', self.tones.get(value, "idle"), self.labels.get(value, value)
        )

    def value(self, value):
        return value
