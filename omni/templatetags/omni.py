"""Tags of every page: icons, figures, money, times, marks of origin, and small pictures drawn by attributes."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from lucide.templatetags.lucide import lucide

from omni import navigation, words, work_words
from omni.models import Origin
from omni.queries import jobs

register = template.Library()
SIZES = {"": "o-i", "lg": "o-i o-i-lg", "xl": "o-i o-i-xl"}


@register.simple_tag
def icon(name: str, size: str = ""):
    """A lucide icon, inline. size: empty (16 px), lg (20), xl (30). Always beside words, so hidden from readers."""
    return drawn(str(name), size)


@cache
def drawn(name: str, size: str):
    return lucide(
        name, size=None, width="16", height="16", stroke_width="1.75", aria_hidden="true", **{"class": SIZES[size]}
    )


@register.simple_tag
def money(minor: int | None, currency: str) -> str:
    """An amount in minor units, as the reader writes it; a dash where there is none."""
    return "–" if minor is None else words.money(minor, currency)


@register.filter
def figures(value) -> str:
    """A number with the reader's separators; a dash where there is none."""
    return "–" if value is None or value == "" else words.number(value)


@register.filter
def percent(value, places: int = 1) -> str:
    """A share of 1 as a percentage; a dash where there is none."""
    return "–" if value is None or value == "" else words.share(value, places)


@register.simple_tag
def origin(value: str, text: str = ""):
    """The mark of where a row comes from: real, assumed or made up. text: other words beside the mark."""
    label = text or (Origin(value).label if value in Origin.values else value)
    return format_html('<span class="o-origin o-origin-{}">{}</span>', str(value).replace("_", ""), label)


@register.simple_tag
def channel_badge(channel, text: str = ""):
    """A channel's name with its hue. text: another name."""
    return format_html('<span class="o-ch o-ch-{}">{}</span>', channel.hue, text or channel.name)


@register.simple_tag
def figure(value, href: str = "", assumed=False, label: str = "", drawer=True):
    """
    A figure that answers "why this number?" when pressed.

    href: the page that explains it, opened in the drawer (drawer=False: followed as a link).
    assumed: part of it rests on an assumption, so ≈ stands before it. label: other words for a screen reader.
    """
    if value is None:
        return "–"
    shown = words.number(value) if isinstance(value, int) else value
    approx = format_html('<span class="o-approx" aria-hidden="true">{}</span>', "≈") if assumed else ""
    if not href:
        return format_html("{}{}", approx, shown)
    said = label or (_("about %(n)s, why this number?") if assumed else _("%(n)s, why this number?")) % {"n": shown}
    fetch = format_html(' hx-get="{}" hx-target="#drawer" hx-swap="outerHTML"', href) if drawer else ""
    return format_html('<a class="o-fig" href="{}"{} aria-label="{}">{}{}</a>', href, fetch, said, approx, shown)


@register.simple_tag
def when(value: datetime | date | None, style: str = "moment", zone: str = ""):
    """A time in the reader's zone, or in the zone of this name. style: moment, day or clock."""
    if value is None:
        return "–"
    say: Callable = {"moment": words.moment, "day": words.day, "clock": words.clock}[style]
    shown = say(value, words.zone_of(zone)) if zone else say(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@register.simple_tag(takes_context=True)
def ago(context, value: datetime | None):
    """How long ago, with the exact time for whoever points at it."""
    if value is None:
        return "–"
    shown = words.ago(value, context["shell"].now)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), words.moment(value), shown)


@register.simple_tag(takes_context=True)
def here(context, **changes) -> str:
    """The address of this page with these parameters changed ("" takes one away)."""
    return context["shell"].here(**{name: str(value) for name, value in changes.items()})


@register.filter
def work_title(item) -> str:
    return str(work_words.title_of(item))


@register.filter
def work_kind(item):
    """The words of this kind of work: title, icon, action."""
    return work_words.kind_of(item)


@register.simple_tag
def meter(share: float | None, label: str, tone: str = "fill", limit: float | None = None):
    """A share of 1 as a bar. tone: fill, ok, warn or bad. limit: where a mark stands. label: says it in words."""
    if share is None:
        return ""
    mark = format_html('<line class="o-meter-mark" x1="{0}%" x2="{0}%" y1="-2" y2="8"/>', pc(limit)) if limit else ""
    return format_html(
        '<svg class="o-meter" role="img" aria-label="{}"><rect class="o-meter-track" width="100%" height="6"/>'
        '<rect class="o-meter-{}" width="{}%" height="6"/>{}</svg>',
        label, tone, pc(share), mark,
    )  # fmt: skip


@register.simple_tag
def sparkline(values: Sequence[float], label: str = "", low: float | None = None, high: float | None = None):
    """A line of values over time, between low and high (by default the values' own)."""
    if len(values) < 2:
        return ""
    bottom, top = min(values) if low is None else low, max(values) if high is None else high
    reach = (top - bottom) or 1
    points = [(100 * n / (len(values) - 1), 21 - 20 * (value - bottom) / reach) for n, value in enumerate(values)]
    line = " ".join(f"{'L' if n else 'M'}{x:.1f},{y:.1f}" for n, (x, y) in enumerate(points))
    said = format_html('role="img" aria-label="{}"', label) if label else format_html('aria-hidden="{}"', "true")
    return format_html(
        '<svg class="o-spark" viewBox="0 0 100 22" preserveAspectRatio="none" {}>'
        '<path vector-effect="non-scaling-stroke" d="{}"/></svg>',
        said, line,
    )  # fmt: skip


def pc(share: float | None) -> str:
    return f"{100 * min(max(share or 0, 0), 1):.1f}"


CONTROLS = {"Select": "form-select", "SelectMultiple": "form-select", "CheckboxInput": "form-check-input"}
PLAIN = {"CheckboxSelectMultiple", "RadioSelect", "HiddenInput"}


@register.filter
def dressed(field):
    """A form field with our classes, and its error or help tied to it for screen readers."""
    kind = type(field.field.widget).__name__
    attrs = {} if kind in PLAIN else {"class": CONTROLS.get(kind, "form-control")}
    if field.errors:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"{field.auto_id}_error"}
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field) -> bool:
    return type(field.field.widget).__name__ == "CheckboxInput"


@register.filter
def capped(value: int | None, most: int) -> str:
    """A count that fits its place: 99+."""
    return "" if not value else str(value) if value <= most else f"{most}+"


@register.filter
def short_language(code: str) -> str:
    """The sign of a language where there is no room for its name."""
    return {"zh-hans": "简", "zh-hant": "繁"}.get(code, code.upper()[:2])


@register.filter
def is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@register.filter
def join_words(value) -> str:
    """A sentence as it is, or several one after the other."""
    return value if isinstance(value, str) else "; ".join(str(one) for one in value)


@register.inclusion_tag("components/_job.html", takes_context=True)
def job_progress(context, job):
    """A job's bar: how far, how fast, how long still, with Cancel; it renews itself until the job is over."""
    progress = jobs.progress_of(job, at=context["shell"].now)
    return {"progress": progress, "job": job, "csrf_token": context.get("csrf_token"), "shell": context["shell"]}


@register.filter
def job_name(task: str):
    return navigation.JOB_NAMES.get(task, task)


@register.filter
def job_figure(name: str):
    return navigation.JOB_FIGURES.get(name, str(name).replace("_", " "))


@register.filter
def duration(value) -> str:
    """A length of time in its largest unit."""
    return words.duration(value)


@register.filter
def rounded(value: float) -> str:
    """A rate in as many digits as it deserves."""
    return words.number(round(value) if value >= 10 else round(value, 1))


@register.filter
def unlocalized(value) -> str:
    """A number for an attribute, without separators."""
    return str(value)
