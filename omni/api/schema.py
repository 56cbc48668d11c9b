"""How operations describe themselves, so that the OpenAPI document says exactly what happens."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from omni.api.problems import MEDIA_TYPE

MEANINGS = {
    400: "The request is not valid: not JSON, an unknown field, a value out of bounds. `errors` names each field.",
    401: "No key, a wrong one, or one that was revoked.",
    403: "The key lacks the scope, or belongs to another channel.",
    404: "There is no such thing, or not for this key.",
    406: "The answer is only to be had as JSON.",
    409: "What was asked does not fit the present state (not enough stock, a stale figure, a key in flight).",
    413: "The body is too large.",
    415: "The body must be JSON (application/json).",
    422: "Understood, but not possible: an unknown SKU or location, a key used for another request.",
    429: "Too many requests; come back after the seconds in `Retry-After`.",
    503: "The database does not answer just now; try again with the same key.",
}
ALWAYS = (401, 403, 406, 429)
READING = (*ALWAYS, 400)
WRITING = (*ALWAYS, 400, 409, 413, 415, 422)

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    type={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    description=(
        "Makes a repeat safe: the first answer is kept for 14 days and given again (header `Idempotency-Replayed`). "
        "The same key with another request is refused with 422; while the first is being worked on, with 409."
    ),
)


class FieldError(serializers.Serializer):
    field = serializers.CharField(help_text="dotted path: `lines.0.quantity`")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """A problem as RFC 9457 has it."""

    type = serializers.CharField(help_text="`urn:omni:problem:<code>`")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for people, in the language of `Accept-Language`")
    code = serializers.CharField(help_text="a word for programmes; it does not change")
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]
    data = serializers.DictField(required=False, help_text="what a programme needs")  # type: ignore[assignment]


class Schema(AutoSchema):
    """Names operations after their view and method, and files them under the tag that the view gives."""

    def get_operation_id(self):
        return f"{self.method.lower()}_{self.path.removeprefix('/api/v1/').strip('/')}".translate(
            str.maketrans({"/": "_", "-": "_", "{": "", "}": ""})
        )

    def get_description(self):
        scope = getattr(self.view, "scopes", {}).get(self.method, "")
        return f"Needs the scope `{scope}`." if scope else ""

    def get_auth(self):
        """Keys everywhere; a session of staff reads only."""
        found = super().get_auth()
        return [way for way in found if self.method == "GET" or "cookieAuth" not in way]

    def get_tags(self):
        return [getattr(self.view, "tag", "system")]


def problem_responses(statuses: tuple[int, ...]) -> dict[Any, OpenApiResponse]:
    return {(status, MEDIA_TYPE): OpenApiResponse(Problem, MEANINGS[status]) for status in sorted(set(statuses))}


def reading(summary: str, answer: Any, query: Any = None, missing: bool = False, unknown: bool = False):
    """Describe a GET. missing: it may answer 404. unknown: it may answer 422 for a SKU or location."""
    statuses = (*READING, *([404] if missing else []), *([422] if unknown else []))
    return extend_schema(
        summary=summary,
        parameters=[query] if query else [],
        responses={200: answer, **problem_responses(statuses)},
    )


def writing(
    summary: str, body: Any, answer: Any, status: int = 201, missing: bool = False, examples: dict | None = None
):
    """Describe a POST, with examples of its body by name. answer: a serializer, or several by status."""
    statuses = (*WRITING, *([404] if missing else []))
    answers = answer if isinstance(answer, dict) else {status: answer}
    return extend_schema(
        summary=summary,
        parameters=[IDEMPOTENCY],
        request=body,
        responses={**answers, **problem_responses(statuses)},
        examples=[OpenApiExample(name, value=value, request_only=True) for name, value in (examples or {}).items()],
    )
