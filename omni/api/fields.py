"""Serializers that take what was meant and nothing else: no unknown field, no number as text, no half unit."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

EARLIEST_YEAR = 2000
CLOCK_SKEW = timedelta(minutes=5)


class StrictSerializer(serializers.Serializer):
    """Refuses fields that it does not know: a typing error must not be ignored."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            unknown = sorted(str(name)[:60] for name in set(data) - set(self.fields))
            if unknown:
                known = ", ".join(self.fields)
                sentence = _("There is no such field. There are: %(known)s.") % {"known": known}
                raise serializers.ValidationError({name: [sentence] for name in unknown}, code="unknown_field")
        return super().to_internal_value(data)


class WholeNumber(serializers.IntegerField):
    """A whole number as JSON has it: no text, no fraction, no true or false."""

    default_error_messages = {"invalid": _("Give a whole number, without quotation marks or a decimal point.")}

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class TrueOrFalse(serializers.BooleanField):
    """True or false as JSON has it; no "yes", no 1."""

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class QueryText(serializers.CharField):
    """A text filter in the query string; an empty one is none."""

    def __init__(self, **kwargs):
        super().__init__(**{"allow_blank": True, "required": False, **kwargs})


class QueryNumber(serializers.IntegerField):
    """A whole number in the query string: plain digits, nothing that merely counts as such."""

    def to_internal_value(self, data):
        if not (isinstance(data, str) and data.isascii() and data.isdigit() and len(data) <= 18):
            self.fail("invalid")
        return int(data)


class Text(serializers.CharField):
    """Text as it was written: nothing trimmed, no number taken for text, no control characters."""

    default_error_messages = {"invalid": _("Give a text, without control characters.")}

    def __init__(self, **kwargs):
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or any(ord(letter) < 32 or ord(letter) == 127 for letter in data):
            self.fail("invalid")
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A time with its offset from UTC, since 2000 and not in the future (five minutes of clock skew are forgiven)."""

    default_error_messages = {
        "invalid": _("Give a time with its offset, as in 2026-03-01T09:30:00+08:00."),
        "range": _("Give a time since 2000 that has come already."),
    }

    def __init__(self, *, may_lie_ahead: bool = False, **kwargs):
        self.may_lie_ahead = may_lie_ahead
        super().__init__(**kwargs)

    def to_internal_value(self, value):
        try:
            moment = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail("invalid")
        ahead = not self.may_lie_ahead and moment > timezone.now() + CLOCK_SKEW
        if not EARLIEST_YEAR <= moment.year < 9999 or ahead:
            self.fail("range")
        return moment


def query_of(request, serializer_class: type[StrictSerializer]) -> dict:
    """
    Return the query parameters, checked. An empty text filter is none; a parameter that is given twice is refused.
    """
    fields = serializer_class().fields
    given: dict[str, Any] = {}
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise serializers.ValidationError({name: _("Give this once.")}, code="given_twice")
        if values[0] or not isinstance(fields.get(name), QueryText):
            given[name] = values[0]
    serializer = serializer_class(data=given)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
