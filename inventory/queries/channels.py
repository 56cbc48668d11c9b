"""How every channel is doing: exchange, listings in step, what is open, and how far the shelf agrees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt

from django.db.models import Count as CountOf
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models import Count, Discrepancy, Listing, ListingState, ReconciliationRun
from omni.connectors import KINDS
from omni.models import Channel, ConnectorAccount, User
from omni.navigation import Text

SPARK = timedelta(hours=24)
SPARK_POINTS = 48
SILENT_AFTER = timedelta(minutes=2)
UNANSWERED_AFTER = timedelta(minutes=1)
COUNTS_OF = timedelta(days=90)
Z = 1.959963984540054  # standard normal quantile of a 95 % interval
State = ReconciliationRun.State


@dataclass(frozen=True)
class Pulse:
    """How the exchange with an account is, in words, with a tone (ok, warn, bad, idle) and an icon."""

    words: Text
    tone: str
    icon: str


@dataclass(frozen=True)
class Accuracy:
    """
    Share of counted shelves whose count equalled the ledger, with its 95 % interval.

    low, high: Wilson's score interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212).
    """

    counted: int
    right: int
    places: int

    @property
    def share(self) -> float:
        return self.right / self.counted

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.right, self.counted)


@dataclass(frozen=True)
class Line:
    """One account of a channel, or a channel that needs none."""

    channel: Channel
    account: ConnectorAccount | None = None
    kind: Text = ""
    pulse: Pulse | None = None
    listings: int = 0
    out_of_step: int = 0
    open: int = 0
    spark: Sequence[float] = ()
    places: int = 0
    accuracy: Accuracy | None = None
    lag: timedelta | None = None
    last_run: ReconciliationRun | None = None

    @property
    def in_step(self) -> float | None:
        """Share of live listings that show what we say; None without listings."""
        return 1 - self.out_of_step / self.listings if self.listings else None


@dataclass
class Facts:
    """What the lines are made of, by account or channel key."""

    listings: dict[int, int] = field(default_factory=dict)
    out: dict[int, int] = field(default_factory=dict)
    open: dict[int, int] = field(default_factory=dict)
    sparks: dict[int, list[float]] = field(default_factory=dict)
    oldest: dict[int, datetime] = field(default_factory=dict)
    accuracy: dict[int, Accuracy] = field(default_factory=dict)


def lines(staff: User, *, at: datetime) -> list[Line]:
    """One line per account; the number of queries does not grow with channels."""
    channels = Channel.objects.visible_to(staff).selling().annotate(places=CountOf("channel_locations"))
    accounts: dict[int, list[ConnectorAccount]] = {}
    for account in ConnectorAccount.objects.select_related("channel").filter(channel__in=[row.pk for row in channels]):
        accounts.setdefault(account.channel_id, []).append(account)
    facts = gather(staff, [account for some in accounts.values() for account in some], at=at)
    found = []
    for channel in channels:
        own: Sequence[ConnectorAccount | None] = accounts.get(channel.pk) or [None]
        found += [line_of(channel, account, facts, at=at) for account in own]
    return found


def line_of(channel: Channel, account: ConnectorAccount | None, facts: Facts, *, at: datetime) -> Line:
    accuracy = facts.accuracy.get(channel.pk)
    places = getattr(channel, "places", 0)
    if account is None:
        return Line(channel, places=places, accuracy=accuracy)
    kind = KINDS.get(account.kind)
    return Line(
        channel, account, kind.name if kind else account.kind,
        pulse=pulse_of(account, facts.oldest.get(account.pk), at=at),
        listings=facts.listings.get(account.pk, 0), out_of_step=facts.out.get(account.pk, 0),
        open=facts.open.get(account.pk, 0), spark=facts.sparks.get(account.pk, ()), places=places, accuracy=accuracy,
        lag=at - account.last_success_at if account.last_success_at else None,
    )  # fmt: skip


def gather(staff: User, accounts: Sequence[ConnectorAccount], *, at: datetime) -> Facts:
    keys = [account.pk for account in accounts]
    live = Listing.objects.live().filter(account__in=keys)
    states = ListingState.objects.filter(listing__account__in=keys, listing__ended_at=None)
    awaited = states.filter(sent_version__gt=F("pushed_version")).order_by("-sent_at")
    found = Discrepancy.objects.visible_to(staff).open().filter(account__in=keys).exclude(cause="in_flight")
    return Facts(
        listings=counted(live, "account_id"),
        out=counted(states.filter(Q(in_step=False) | Q(dirty=True)), "listing__account_id"),
        open=counted(found, "account_id"),
        sparks=sparks(keys, at=at),
        oldest={pk: sent for pk, sent in awaited.values_list("listing__account_id", "sent_at") if sent},
        accuracy=accuracies(at=at),
    )


def counted(rows, key: str) -> dict[int, int]:  # type: ignore[no-untyped-def]
    return dict(rows.order_by().values_list(key).annotate(rows=CountOf("pk")))


def sparks(keys: Sequence[int], *, at: datetime) -> dict[int, list[float]]:
    """In step over the last day, one point per half hour in which a comparison ended."""
    runs = ReconciliationRun.objects.filter(
        account__in=keys, state=State.DONE, finished_at__gt=at - SPARK, finished_at__lte=at, listings__gt=0
    )
    points: dict[int, dict[int, float]] = {}
    for account, ended, listings, in_step in runs.order_by("finished_at").values_list(
        "account_id", "finished_at", "listings", "in_step"
    ):
        if ended is None:
            continue
        slot = int((at - ended) / (SPARK / SPARK_POINTS))
        points.setdefault(account, {})[-slot] = in_step / listings
    return {account: [shares[slot] for slot in sorted(shares)] for account, shares in points.items()}


def accuracies(*, at: datetime) -> dict[int, Accuracy]:
    """By channel: the counts of the last 90 days at its locations."""
    done = Count.objects.filter(state=Count.State.DONE, counted_at__gt=at - COUNTS_OF, counted_at__lte=at)
    rows = done.order_by().values("level__location__channels").annotate(
        counted_shelves=CountOf("pk"),
        right=CountOf("pk", filter=Q(counted=F("expected"))),
        places=CountOf("level__location", distinct=True),
    )  # fmt: skip
    return {
        row["level__location__channels"]: Accuracy(row["counted_shelves"], row["right"], row["places"]) for row in rows
    }


def pulse_of(account: ConnectorAccount, oldest: datetime | None, *, at: datetime) -> Pulse:
    """What a person should know first about an account."""
    away = account.closed_until is not None and account.closed_until > at
    if not account.enabled:
        return Pulse(_("Switched off"), "idle", "power-off")
    if away and account.failures_in_row:
        return Pulse(_("Not reachable"), "bad", "unplug")
    if away:
        return Pulse(_("Slow, backing off"), "warn", "hourglass")
    if account.failures_in_row:
        return Pulse(_("Failing, trying again"), "warn", "triangle-alert")
    if account.last_success_at is None:
        return Pulse(_("No exchange yet"), "idle", "circle-dashed")
    if oldest and at - oldest > UNANSWERED_AFTER:
        return Pulse(_("Does not answer"), "warn", "hourglass")
    if at - account.last_success_at > SILENT_AFTER:
        return Pulse(_("Silent"), "warn", "hourglass")
    return Pulse(_("Healthy"), "ok", "check")


def wilson(right: int, counted_rows: int) -> tuple[float, float]:
    """The 95 % score interval of a share; (0, 1) when nothing was counted."""
    if not counted_rows:
        return 0.0, 1.0
    share, n = right / counted_rows, counted_rows
    middle = share + Z * Z / (2 * n)
    reach = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True)
class Progress:
    """A run under way, for its bar."""

    run: ReconciliationRun
    compared: int
    agreed: int
    in_flight: int
    discrepancies: int
    shards: int
    shards_done: int
    at: datetime

    @property
    def total(self) -> int:
        return max(self.run.listings, self.compared)

    @property
    def rate(self) -> float:
        seconds = (self.at - self.run.started_at).total_seconds()
        return self.compared / seconds if seconds > 0 else 0.0

    @property
    def left(self) -> timedelta | None:
        return timedelta(seconds=(self.total - self.compared) / self.rate) if self.rate else None

    @property
    def is_reading(self) -> bool:
        return self.run.state == State.READING


def under_way(*, at: datetime) -> list[Progress]:
    """Full runs that are under way, and incremental ones that a person would notice."""
    runs = ReconciliationRun.objects.unfinished().select_related("account__channel").prefetch_related("shards")
    found = []
    for run in runs.order_by("started_at"):
        shards = list(run.shards.all())
        if not run.full and at - run.started_at < timedelta(seconds=15):
            continue
        done = [shard for shard in shards if shard.done_at]
        found.append(
            Progress(
                run, sum(one.compared for one in done), sum(one.agreed for one in done),
                sum(one.in_flight for one in done), sum(one.discrepancies for one in done), len(shards), len(done), at,
            )
        )  # fmt: skip
    return found
