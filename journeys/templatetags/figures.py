"""Turning figures into what charts, bars and addresses need."""

from datetime import date

from babel.dates import format_skeleton
from babel.numbers import format_currency
from django import template
from django.http import HttpRequest

from omni import words
from omni.money import to_decimal

register = template.Library()


@register.filter
def major(minor: int, currency: str) -> str:
    """An amount in whole units of its currency, for a chart: digits and a point, in every language."""
    return str(to_decimal(minor, currency))


@register.filter
def part_of(value: int, top: int) -> str:
    """What ``value`` is of ``top``, in percent, for the width of a bar."""
    return f"{100 * min(max(value / top, 0), 1):.1f}" if top else "0"


@register.filter
def with_query(url: str, request: HttpRequest) -> str:
    """The address with the parameters of this page: a look into a figure keeps its period and store."""
    return f"{url}?{request.GET.urlencode()}" if request.GET else url


@register.simple_tag
def rounded_money(minor: int | None, currency: str) -> str:
    """An amount without its cents, where these would only be in the way; the rows behind it have them."""
    if minor is None:
        return "–"
    pattern = "¤#,##0;−¤#,##0"
    return format_currency(to_decimal(minor, currency), currency, pattern, words.reader(), currency_digits=False)


@register.filter
def signed_percent(change: float | None, places: int = 1) -> str:
    """A change with its sign; a dash where there is nothing to compare with."""
    if change is None:
        return "–"
    return f"{'+' if change >= 0 else '−'}{words.share(abs(change), places)}"


@register.filter
def day_and_month(day: date) -> str:
    """A day without its year, for the axis of a chart."""
    return format_skeleton("MMMd", day, locale=words.reader())
