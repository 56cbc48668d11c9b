"""Tags of the pages about channels."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

from inventory.models import Discrepancy
from inventory.queries.discrepancies import TONES, WORDS
from omni.templatetags.omni import icon

register = template.Library()


@register.simple_tag
def cause_tag(found: Discrepancy):
    """The likely cause of a discrepancy, with its icon and tone."""
    tone, picture = TONES[Discrepancy.Cause(found.cause)]
    words = WORDS[Discrepancy.Cause(found.cause)]
    return format_html('<span class="o-tag o-{}">{}{}</span>', tone, icon(picture), words)


@register.simple_tag
def clock_seconds(value: datetime | None):
    """A time of day to the second, in the reader's zone, with its date for machines."""
    if value is None:
        return "–"
    shown = value.astimezone(timezone.get_current_timezone())
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{shown:%H:%M:%S}")
