"""How the exchange with channels is: per account, and every item that could not be dealt with, by reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext_lazy as _

from inventory.models import ListingState
from inventory.queries.channels import Pulse, pulse_of
from omni.connectors.problems import describe
from omni.models import ConnectorAccount, JobRun, SetAside, User
from omni.navigation import Text

SAMPLES = 5
SECRET_WORDS = ("secret", "password", "token", "authorization", "api_key", "signature", "cookie")
MASK = "••••••"
PUSH_REASONS: dict[str, Text] = {
    "unknown_sku": _("The channel does not know this SKU."),
    "rejected": _("The channel refused the figure."),
    "unknown_outcome": _("The channel never said what became of it, twelve times in a row."),
    "conflict": _("The channel kept changing while we wrote."),
}


@dataclass(frozen=True)
class AccountHealth:
    """One account. oldest: since when something has waited to be sent; dead: items that nobody tries any more."""

    account: ConnectorAccount
    pulse: Pulse
    oldest: datetime | None
    waiting: int
    dead: int
    at: datetime

    @property
    def lag(self) -> timedelta | None:
        return self.at - self.account.last_success_at if self.account.last_success_at else None

    @property
    def unsent_for(self) -> timedelta | None:
        return self.at - self.oldest if self.oldest else None

    @property
    def is_open_circuit(self) -> bool:
        return self.account.closed_until is not None and self.account.closed_until > self.at


@dataclass(frozen=True)
class Sample:
    """One item of a group, as it came, with secrets masked."""

    key: str
    name: str
    payload: dict[str, Any]
    attempts: int
    since: datetime | None


@dataclass(frozen=True)
class Group:
    """Items that wait for the same reason. kind: set_aside, push or job."""

    kind: str
    code: str
    reason: str
    account: ConnectorAccount | None
    count: int
    oldest: datetime | None
    samples: Sequence[Sample]


def accounts(staff: User, *, at: datetime) -> list[AccountHealth]:
    """Every account this person may look into; three queries."""
    rows = list(ConnectorAccount.objects.visible_to(staff).select_related("channel"))
    owed = ListingState.objects.filter(listing__account__in=rows, listing__ended_at=None, dirty=True, held=False)
    owed_by: dict[int, Any] = {
        row["listing__account_id"]: row
        for row in owed.filter(given_up=False)
        .order_by()
        .values("listing__account_id")
        .annotate(oldest=Min("dirty_since"), rows=Count("pk"))
    }
    dead = dict(
        ListingState.objects.filter(listing__account__in=rows, given_up=True)
        .order_by()
        .values_list("listing__account_id")
        .annotate(rows=Count("pk"))
    )
    aside = dict(
        SetAside.objects.visible_to(staff).waiting().order_by().values_list("account_id").annotate(rows=Count("pk"))
    )
    return [
        AccountHealth(
            row, pulse_of(row, None, at=at), owed_by.get(row.pk, {}).get("oldest"),
            owed_by.get(row.pk, {}).get("rows", 0), dead.get(row.pk, 0) + aside.get(row.pk, 0), at,
        )
        for row in rows
    ]  # fmt: skip


def groups(staff: User) -> list[Group]:
    """What waits for a person, by account and reason, most first."""
    found = [*aside_groups(staff), *push_groups(staff), *job_groups(staff)]
    return sorted(found, key=lambda group: (-group.count, group.code))


def aside_groups(staff: User) -> Iterable[Group]:
    waiting = SetAside.objects.visible_to(staff).waiting()
    kinds = waiting.order_by().values("account_id", "kind", "code").annotate(rows=Count("pk"), oldest=Min("created_at"))
    for kind in kinds:
        rows = waiting.filter(account_id=kind["account_id"], kind=kind["kind"], code=kind["code"])
        items = list(rows.select_related("account").order_by("created_at")[:SAMPLES])
        samples = [
            Sample(item.public_id, place_of(item), masked(item.payload), item.attempts, item.created_at)
            for item in items
        ]
        yield Group("set_aside", kind["code"], items[0].reason, items[0].account, kind["rows"], kind["oldest"], samples)


def place_of(item: SetAside) -> str:
    """Where an item stood: file and row, or the remote order."""
    said = item.payload
    if "file" in said:
        return f"{said['file']}:{said['row']}" if said.get("row") else str(said["file"])
    sale = said.get("sale", {})
    return " ".join(str(sale[name]) for name in ("order_id", "line_id", "sku") if sale.get(name)) or item.public_id


def push_groups(staff: User) -> Iterable[Group]:
    visible = {row.pk: row for row in ConnectorAccount.objects.visible_to(staff).select_related("channel")}
    dead = ListingState.objects.filter(listing__account__in=visible, given_up=True)
    kinds = (
        dead.order_by().values("listing__account_id", "last_error").annotate(rows=Count("pk"), oldest=Min("sent_at"))
    )
    for kind in kinds:
        account = visible[kind["listing__account_id"]]
        states = dead.filter(listing__account=account, last_error=kind["last_error"]).select_related("listing")
        samples = [
            Sample(
                str(state.pk), state.listing.remote_sku,
                {"sku": state.listing.remote_sku, "quantity": state.sent_quantity, "version": state.version},
                state.attempts, state.sent_at,
            )
            for state in states.order_by("pk")[:SAMPLES]
        ]  # fmt: skip
        code = kind["last_error"]
        reason = str(PUSH_REASONS.get(code) or describe(code))
        yield Group("push", code, reason, account, kind["rows"], kind["oldest"], samples)


def job_groups(staff: User) -> Iterable[Group]:
    """Jobs that were given up: one group per task."""
    dead = JobRun.objects.visible_to(staff).filter(state=JobRun.State.DEAD)
    for kind in dead.order_by().values("task").annotate(rows=Count("pk"), oldest=Min("created_at")):
        rows = dead.filter(task=kind["task"]).order_by("-finished_at")[:SAMPLES]
        samples = [Sample(row.public_id, row.key, masked(row.arguments), row.attempt, row.finished_at) for row in rows]
        reason = rows[0].last_error if rows else ""
        yield Group("job", kind["task"], reason, None, kind["rows"], kind["oldest"], samples)


def masked(value: Any) -> Any:
    """The same payload with whatever is named like a secret hidden."""
    if isinstance(value, dict):
        return {
            name: MASK if any(word in str(name).lower() for word in SECRET_WORDS) else masked(one)
            for name, one in value.items()
        }
    return [masked(one) for one in value] if isinstance(value, list) else value
