"""JSON, taken strictly: what is said twice, nested without end or no JSON at all is refused."""

import json

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser


class StrictJSONParser(JSONParser):
    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return json.loads(stream.read().decode(), object_pairs_hook=said_once, parse_constant=refuse_constant)
        except RecursionError:
            raise ParseError(_("This JSON is nested too deeply.")) from None
        except ValueError as error:
            raise ParseError(_("This is not JSON: %(error)s") % {"error": error}) from None


def said_once(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(_("The field %(name)s is given twice.") % {"name": twice[:60]})
    return found


def refuse_constant(name: str):
    raise ValueError(f"{name} is no number")


class AnyParser(BaseParser):
    """Takes every body as it is: signed webhooks are read by the one who can check the signature."""

    media_type = "*/*"

    def parse(self, stream, media_type=None, parser_context=None):
        return stream.read()
