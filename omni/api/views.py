"""What every view of the API is made of: scopes, strict bodies, and answers that are given once per key."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView

from omni.activity import acting_for
from omni.api import problems
from omni.api.authentication import Programme
from omni.api.throttling import StrangerThrottle
from omni.db import retry_conflicts
from omni.idempotency import Answer, once

IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
KIB, MIB = 1024, 1024 * 1024


class ApiView(APIView):
    """
    A view that only those may use who hold the scope named for the method; a method without a scope is for nobody.

    body_limit: most bytes of a request's body.
    """

    scopes: Mapping[str, str] = {}
    body_limit = MIB
    http_method_names = ["get", "head", "post"]

    def initial(self, request, *args, **kwargs):
        try:
            super().initial(request, *args, **kwargs)
        except (exceptions.NotAuthenticated, exceptions.AuthenticationFailed):
            stranger = StrangerThrottle()
            if not stranger.allow_request(request, self):
                self.throttled(request, stranger.wait())
            raise
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.body_limit:
            raise problems.PayloadTooLarge

    @property
    def programme(self) -> Programme:
        """The caller of a method that only keys may use."""
        caller = self.request.user
        if not isinstance(caller, Programme):
            raise exceptions.PermissionDenied
        return caller

    def body_as(self, serializer_class, *, may_be_empty: bool = False) -> Any:
        """Return the body, checked by this serializer; raises ValidationError (400)."""
        raw = self.request._request.body  # read before it is parsed: the idempotency key is kept with its hash
        if not raw.strip() and not may_be_empty:
            raise exceptions.ParseError(_("The request has no body."))
        serializer = serializer_class(data=self.request.data if raw else {})
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def answer(self, body: dict) -> Response:
        return Response(body)

    def answer_page(self, results: list, following: str | None) -> Response:
        return Response({"results": results, "next": following})

    def once(self, act: Callable[[], Answer]) -> Response:
        """
        Do ``act`` in one transaction, once per Idempotency-Key, and answer what it answers.

        A repeat gets the first answer and the header ``Idempotency-Replayed: true``, refusals (409, 422) included. What
        is wrong with the request itself (400) is found before: it is not kept, and the key may be used again.
        """
        with acting_for(api_key=self.programme.key.public_id):
            return self.kept_once(act, self.request.headers.get("Idempotency-Key"))

    def kept_once(self, act: Callable[[], Answer], key: str | None) -> Response:
        if key is None:
            return reply(*retry_conflicts(transaction.atomic(act))())
        if not IDEMPOTENCY_KEY.fullmatch(key):
            sentence = _("A key has 1 to 255 visible ASCII characters.")
            raise exceptions.ValidationError({"Idempotency-Key": sentence}, code="bad_idempotency_key")
        request = self.request
        (status, body), repeated = once(
            act,
            scope=f"api:{self.programme.key.prefix}",
            key=key,
            request=b"\n".join([str(request.method).encode(), request.get_full_path().encode(), request._request.body]),
            at=timezone.now(),
            refused=lambda broken: (broken.status, problems.of_rule(broken)),
        )
        return reply(status, body, **({"Idempotency-Replayed": "true"} if repeated else {}))


def reply(status: int, body: dict | list, **headers: str) -> Response:
    media_type = problems.MEDIA_TYPE if status >= 400 else None
    return Response(in_order(body), status=status, headers=headers, content_type=media_type)


def in_order(body: Any) -> Any:
    """The same with its fields in the order of their names: a kept answer is given again byte for byte."""
    if isinstance(body, dict):
        return {name: in_order(body[name]) for name in sorted(body)}
    return [in_order(item) for item in body] if isinstance(body, list) else body


class NothingHere(ApiView):
    """Answers every address under /api/ that does not exist, so that no programme is sent a page."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    http_method_names = ["get", "head", "post", "put", "patch", "delete", "options"]
    schema = None

    def handle(self, request, *args, **kwargs):
        raise exceptions.NotFound(_("There is nothing at this address."))

    get = post = put = patch = delete = options = handle
