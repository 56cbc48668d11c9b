"""Movements in bulk: what is good is taken, of what is bad it is said why, line by line."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.api.lookups import named
from inventory.api.movements import MAKES_TRANSFERS, SALE, MovementBody, line_of, teller
from inventory.services import movements
from inventory.services.movements import Line, Outcome
from omni.api.authentication import Programme
from omni.api.fields import StrictSerializer
from omni.api.problems import field_errors
from omni.api.schema import FieldError, writing
from omni.api.views import MIB, ApiView
from omni.errors import RuleBroken

MOST_LINES = 1000


@extend_schema_field({"type": "object", "additionalProperties": True, "description": "as the body of one movement"})
class AnyLine(serializers.DictField):
    """A line that is checked by itself, so that a bad one does not hold up the others."""


class BulkBody(StrictSerializer):
    lines = serializers.ListField(child=AnyLine(), min_length=1, max_length=MOST_LINES)


class LineResult(serializers.Serializer):
    line = serializers.IntegerField(help_text=_("its number, from 0"))
    external_id = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(["booked", "repeated", "refused", "set_aside"])
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]


class BulkAnswer(serializers.Serializer):
    booked = serializers.IntegerField()
    repeated = serializers.IntegerField()
    refused = serializers.IntegerField()
    set_aside = serializers.IntegerField()
    results = LineResult(many=True)


class MovementBulk(ApiView):
    """POST /api/v1/stock-movements/bulk/"""

    scopes = {"POST": "stock:write"}
    tag = "stock movements"
    body_limit = 2 * MIB

    @writing(
        "Book up to 1,000 movements; the good lines are taken, of every bad one it is said why",
        BulkBody,
        BulkAnswer,
        200,
        examples={"two lines of one receipt": {"lines": [SALE, {**SALE, "sku": "CUP-2", "leg": "2"}]}},
    )
    def post(self, request):
        body = self.body_as(BulkBody)

        def act():
            outcomes = booked(body["lines"], self.programme, at=timezone.now())
            results = [
                result_of(number, raw, done)
                for number, (raw, done) in enumerate(zip(body["lines"], outcomes, strict=True))
            ]
            states = [result["state"] for result in results]
            counts = {state: states.count(state) for state in ("booked", "repeated", "refused", "set_aside")}
            return 200, {**counts, "results": results}

        return self.once(act)


def booked(raw_lines: Sequence[dict], caller: Programme, *, at: datetime) -> list[Outcome]:
    """Check every line by itself, book the good ones together, and return one outcome a line."""
    read = [checked(raw) for raw in raw_lines]
    good = [line for line in read if isinstance(line, dict)]
    known = named(caller, good)
    ready: dict[int, Line] = {}
    outcomes: dict[int, Outcome] = {}
    seen: set[tuple] = set()
    for number, line in enumerate(read):
        if isinstance(line, Outcome):
            outcomes[number] = line
            continue
        try:
            known.check(line)
            refuse_twice(line, seen)
            ready[number] = line_of(line, known, at=at)
        except RuleBroken as broken:
            outcomes[number] = movements.refusal(broken)
    done = movements.book_all(lines=list(ready.values()), teller=teller(caller), at=at)
    outcomes.update(zip(ready, done, strict=True))
    return [outcomes[number] for number in range(len(read))]


def checked(raw: dict) -> dict | Outcome:
    """Return a line's values, or the refusal of a line that is not valid."""
    serializer = MovementBody(data=raw)
    if serializer.is_valid():
        if serializer.validated_data["kind"] in MAKES_TRANSFERS:
            return Outcome(
                movements.REFUSED, code="one_by_one", sentence=gettext("Book the legs of transfers one by one.")
            )
        return serializer.validated_data
    errors = tuple(field_errors(serializer.errors))
    return Outcome(movements.REFUSED, code="invalid", sentence=errors[0]["detail"], errors=errors)


class SaidTwice(RuleBroken):
    code = "duplicate_line"


def refuse_twice(line: dict, seen: set[tuple]) -> None:
    key = (line["external_id"], line.get("leg", ""))
    if key in seen:
        raise SaidTwice(gettext("Another line of this request has the same external_id and leg."))
    seen.add(key)


def result_of(number: int, raw: dict, outcome: Outcome) -> dict:
    name = raw.get("external_id")
    result = {"line": number, "external_id": name if isinstance(name, str) else None, "state": outcome.state}
    if outcome.code:
        result |= {"code": outcome.code, "detail": outcome.sentence}
    return result | ({"errors": list(outcome.errors)} if outcome.errors else {})
