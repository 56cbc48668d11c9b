"""What can go wrong outside, sorted by what the caller should do about it."""

from __future__ import annotations

from datetime import datetime


class ConnectorError(Exception):
    """
    Something outside did not work.

    code: a stable word for tables and metrics. detail: what the channel said, shortened, without secrets.
    retryable: the same call may work later. outcome_unknown: a write may have happened; look before repeating.
    """

    code = "connector_error"
    retryable = False
    outcome_unknown = False

    def __init__(self, detail: str = "", *, code: str | None = None) -> None:
        super().__init__(detail or code or self.code)
        self.detail = detail[:500]
        self.code = code or self.code


class Misconfigured(ConnectorError):
    """The account's own settings do not fit: a person must change them. ``field`` names the one at fault."""

    code = "misconfigured"

    def __init__(self, detail: str = "", *, field: str = "") -> None:
        super().__init__(detail)
        self.field = field


class Throttled(ConnectorError):
    """Asked too often. Come back at ``retry_at``, or after ``retry_after`` seconds (whichever is given)."""

    code = "throttled"
    retryable = True

    def __init__(self, detail: str = "", *, retry_at: datetime | None = None, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_at = retry_at
        self.retry_after = retry_after


class Transient(ConnectorError):
    """Down, unreachable or too slow; nothing was changed there."""

    code = "transient"
    retryable = True


class Conflict(ConnectorError):
    """The channel's state is not the one expected; ``actual`` is its figure, where it told."""

    code = "conflict"

    def __init__(self, detail: str = "", *, actual: int | None = None, actual_version: str | None = None) -> None:
        super().__init__(detail)
        self.actual = actual
        self.actual_version = actual_version


class Rejected(ConnectorError):
    """Understood and refused: the same call will be refused again."""

    code = "rejected"


class AuthExpired(ConnectorError):
    """The channel no longer accepts our credentials; a person must renew them."""

    code = "auth_expired"


class Garbage(ConnectorError):
    """The answer is not what the contract says. Nothing of it is used."""

    code = "garbage"
    retryable = True


class Unknown(ConnectorError):
    """A write was sent and no verdict came back: it may or may not have happened."""

    code = "unknown"
    retryable = True
    outcome_unknown = True


class BadSignature(ConnectorError):
    """A webhook that its sender cannot have sent."""

    code = "bad_signature"
