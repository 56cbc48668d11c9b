"""Figures, money and times as the reader writes them. Only edges and templates turn values into words."""

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, to_locale

from omni import money as minor_units


@cache
def babel_locale(language: str) -> Locale:
    return Locale.parse(to_locale(language))


def reader() -> Locale:
    """The reader's language and habits."""
    return babel_locale(get_language() or "en")


def number(value: int | float | Decimal) -> str:
    """A whole or decimal number with the reader's separators, and a true minus sign."""
    return format_decimal(value, locale=reader()).replace("-", "−")


def share(value: float | Decimal, places: int = 1) -> str:
    """A share between 0 and 1 as a percentage."""
    return format_percent(value, format=f"#,##0.{'0' * places} %" if places else "#,##0 %", locale=reader())


def money(minor: int, currency: str) -> str:
    return minor_units.shown(minor, currency, str(reader()))


def day(value: date | datetime, zone: tzinfo | None = None) -> str:
    """A date such as "Nov 23, 2026"."""
    return format_skeleton("yMMMd", local(value, zone), locale=reader())


def clock(value: datetime, zone: tzinfo | None = None) -> str:
    """A time of day such as "10:42"."""
    return format_skeleton("Hm", local(value, zone), locale=reader())


def moment(value: datetime, zone: tzinfo | None = None) -> str:
    """Date and time of day, in ``zone`` or in the reader's."""
    pattern = str(reader().datetime_formats["medium"])
    return pattern.replace("{1}", day(value, zone)).replace("{0}", clock(value, zone))


def duration(value: timedelta) -> str:
    """A length of time in its largest unit, such as "4 min"."""
    return format_timedelta(value, format="short", threshold=1.2, locale=reader())


def ago(value: datetime, now: datetime) -> str:
    """How long before (or after) now, such as "4 min ago"."""
    return format_timedelta(value - now, add_direction=True, format="long", threshold=1.2, locale=reader())


def local(value: date | datetime, zone: tzinfo | None) -> date | datetime:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(zone or timezone.get_current_timezone()).replace(tzinfo=None)


def zone_of(name: str) -> tzinfo:
    """The time zone of this IANA name."""
    return ZoneInfo(name)
