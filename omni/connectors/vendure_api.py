"""Vendure's admin API as a function: signs in, asks, and sorts what goes wrong (HTTP 200 is no success there)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from omni.connectors import outbound, shapes
from omni.connectors.clock import utc_now
from omni.connectors.errors import AuthExpired, ConnectorError, Garbage, Misconfigured, Rejected, Throttled
from omni.connectors.errors import Transient as TransientError
from omni.connectors.errors import Unknown as UnknownError

LOGIN = """mutation Login($name: String!, $word: String!) {
  login(username: $name, password: $word) { __typename ... on ErrorResult { errorCode message } } }"""
INTERNAL = {"", "INTERNAL_SERVER_ERROR"}


@dataclass
class VendureApi:
    """One signed-in session. Signs in by itself, and once more when the session has ended."""

    url: str
    username: str
    password: str = field(repr=False)
    channel_token: str = field(default="", repr=False)
    client: httpx.Client = field(default_factory=outbound.client, repr=False)
    _token: str | None = field(default=None, repr=False)
    _signed_in: bool = field(default=False, repr=False)

    def read(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask. Raises a ConnectorError."""
        return self._ask(query, variables, writing=False)

    def write(self, query: str, **variables: Any) -> dict[str, Any]:
        """Change something. Raises Unknown when no verdict came back; any other error means nothing was changed."""
        return self._ask(query, variables, writing=True)

    def _ask(self, query: str, variables: Mapping[str, Any], *, writing: bool) -> dict[str, Any]:
        if not self._signed_in:
            self._sign_in()
            return self._post(query, variables, writing=writing)
        try:
            return self._post(query, variables, writing=writing)
        except AuthExpired:
            self._sign_in()
            return self._post(query, variables, writing=writing)

    def _sign_in(self) -> None:
        self._token, self._signed_in = None, False
        answer = shapes.part(self._post(LOGIN, {"name": self.username, "word": self.password}), "login")
        if shapes.text(answer, "__typename") != "CurrentUser":
            raise AuthExpired("the user name or password is not accepted", code=_code(answer.get("errorCode")))
        if self._token is None and not self.client.cookies:
            raise Garbage("signed in, but no session came back")
        self._signed_in = True

    def _post(self, query: str, variables: Mapping[str, Any], *, writing: bool = False) -> dict[str, Any]:
        lost: type[ConnectorError] = UnknownError if writing else TransientError
        try:
            answer = self.client.post(self.url, json={"query": query, "variables": variables}, headers=self._headers())
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TransientError(f"cannot be reached: {error}") from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, outbound.NotPublic) as error:
            raise Misconfigured(f"not an address: {error}", field="url") from error
        except httpx.HTTPError as error:
            raise lost(f"no answer: {type(error).__name__}") from error
        self._token = answer.headers.get("vendure-auth-token") or self._token
        return _data(answer, lost)

    def _headers(self) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        return headers | ({"vendure-token": self.channel_token} if self.channel_token else {})


def _data(answer: httpx.Response, lost: type[ConnectorError]) -> dict[str, Any]:
    """The ``data`` of a good answer; otherwise the fitting error."""
    _check_status(answer, lost)
    try:
        body = answer.json()
    except ValueError as unreadable:
        raise _garbage(lost, "the answer is no JSON") from unreadable
    if not isinstance(body, dict):
        raise _garbage(lost, "the answer is no object")
    if body.get("errors"):
        raise _graphql_error(body["errors"], lost)
    if answer.status_code != 200:
        raise _garbage(lost, f"HTTP {answer.status_code} without an error")
    if not isinstance(body.get("data"), dict):
        raise _garbage(lost, "the answer has no data")
    data: dict[str, Any] = body["data"]
    return data


def _check_status(answer: httpx.Response, lost: type[ConnectorError]) -> None:
    status, after = answer.status_code, retry_after(answer.headers.get("retry-after"))
    if status == 429 or (status == 503 and after is not None):
        raise Throttled(f"HTTP {status}", retry_after=after)
    if status in (401, 403):
        raise AuthExpired(f"HTTP {status}")
    if status == 404 or 300 <= status < 400:
        raise Misconfigured(f"HTTP {status}: no admin API at this address", field="url")
    if status >= 500:
        raise lost(f"HTTP {status}")


def _graphql_error(errors: Any, lost: type[ConnectorError]) -> ConnectorError:
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    extensions = first.get("extensions")
    code = str(extensions.get("code") or "") if isinstance(extensions, dict) else ""
    detail = str(first.get("message") or "the answer is an error without words")
    if code in ("FORBIDDEN", "UNAUTHORIZED"):
        return AuthExpired(detail, code=_code(code))
    return lost(detail) if code in INTERNAL else Rejected(detail, code=_code(code))


def _garbage(lost: type[ConnectorError], detail: str) -> ConnectorError:
    """An unreadable answer to a question is Garbage; to a change it also leaves open what happened."""
    return lost(detail, code="garbage") if lost.outcome_unknown else Garbage(detail)


def _code(code: Any) -> str:
    return str(code or "rejected").lower()


def retry_after(header: str | None) -> float | None:
    """Seconds from a Retry-After header, which is a number or a date; None where it says nothing sensible."""
    if not header:
        return None
    if header.strip().isdigit():
        return min(float(header), 86_400)
    try:
        wait = (parsedate_to_datetime(header) - utc_now()).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(wait, 0.0), 86_400)
