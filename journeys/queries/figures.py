"""Sales of stores, channels and weeks, from the rollups only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from inventory.models import Discrepancy, Listing, ListingState
from journeys.models import SalesDay
from omni.intervals import Share
from omni.models import Channel, Location, Origin, User, WorkItem

WEEKS = 13
DAY = timedelta(days=1)
SUMS = {"paid": Sum("paid_minor"), "baskets_sum": Sum("baskets"), "lines_sum": Sum("lines"), "units_sum": Sum("units")}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both included. ``code`` is week, 4weeks, 13weeks or custom."""

    code: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days, right before."""
        return Period(self.code, self.first - timedelta(days=self.days), self.first - DAY)


def whole_weeks(code: str, weeks: int, today: date) -> Period:
    """The last whole weeks, Monday to Sunday, that ended before today."""
    last = today - timedelta(days=today.isoweekday())
    return Period(code, last - timedelta(days=7 * weeks - 1), last)


@dataclass(frozen=True, slots=True)
class Total:
    """What was sold in a period. Amounts are what customers paid, in minor units."""

    paid: int = 0
    baskets: int = 0
    lines: int = 0
    units: int = 0

    @property
    def average(self) -> int | None:
        return round(self.paid / self.baskets) if self.baskets else None


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the one of the period before."""

    now: int | None
    before: int | None

    @property
    def change(self) -> float | None:
        return self.now / self.before - 1 if self.now is not None and self.before else None


@dataclass(frozen=True, slots=True)
class Week:
    """One week: its last day, and what each channel sold in it."""

    last: date
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StoreSales:
    """What one store sold over all the weeks shown, and in the period against the one before."""

    location: Location
    paid: int
    counted: int
    made_up: int
    period: Compared


def sales(staff: User, *, location: Location | None = None) -> QuerySet[SalesDay]:
    """The rollups that this person may see, of one location or of all of theirs."""
    rows = SalesDay.objects.visible_to(staff)
    return rows.filter(location=location) if location else rows


def counted(rows: QuerySet[SalesDay]) -> QuerySet[SalesDay]:
    """Keep what figures may count: nothing made up, neither the row nor its channel."""
    return rows.exclude(origin=Origin.MADE_UP).exclude(channel__origin=Origin.MADE_UP)


def currencies(rows: QuerySet[SalesDay]) -> list[str]:
    """Currencies of these rows, the one with most baskets first: amounts are never summed over them."""
    found = rows.values("currency").annotate(n=Sum("baskets")).order_by("-n", "currency")
    return [row["currency"] for row in found]


def within(rows: QuerySet[SalesDay], period: Period) -> QuerySet[SalesDay]:
    return rows.filter(day__gte=period.first, day__lte=period.last)


def total(rows: QuerySet[SalesDay], period: Period) -> Total:
    sums = within(counted(rows), period).aggregate(**SUMS)
    return Total(*(sums[name] or 0 for name in SUMS))


def weeks_shown(period: Period) -> Period:
    """The weeks around a period that the chart shows: thirteen to its end, or all of it where it is longer."""
    last = period.last + timedelta(days=7 - period.last.isoweekday())
    first = min(period.first - timedelta(days=period.first.weekday()), last - timedelta(days=7 * WEEKS - 1))
    return Period(period.code, first, last)


def channels_of(rows: QuerySet[SalesDay], shown: Period) -> list[tuple[Channel, int]]:
    """The channels that sold anything in these weeks, with how much."""
    sums = within(rows, shown).values("channel").annotate(paid=Sum("paid_minor")).order_by()
    amounts = {row["channel"]: row["paid"] for row in sums}
    return [(channel, amounts[channel.pk]) for channel in Channel.objects.filter(pk__in=amounts)]


def by_week(rows: QuerySet[SalesDay], shown: Period, channels: list[Channel]) -> list[Week]:
    """Each week with a column for each channel; weeks without sales are zero."""
    sums = (
        within(rows, shown).annotate(week=TruncWeek("day")).values("week", "channel").annotate(paid=Sum("paid_minor"))
    )
    amounts = {(day_of(row["week"]), row["channel"]): row["paid"] for row in sums.order_by()}
    begins = [shown.first + timedelta(days=n) for n in range(0, shown.days, 7)]
    return [
        Week(begin + timedelta(days=6), tuple(amounts.get((begin, channel.pk), 0) for channel in channels))
        for begin in begins
    ]


def day_of(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def by_store(rows: QuerySet[SalesDay], shown: Period, period: Period) -> list[StoreSales]:
    """Stores by what they sold in the weeks shown, the most first."""
    real = Q(channel__origin=Origin.REAL) & ~Q(origin=Origin.MADE_UP)
    now = Q(day__gte=period.first, day__lte=period.last) & real
    before = Q(day__gte=period.before.first, day__lte=period.before.last) & real
    span = Period(period.code, min(shown.first, period.before.first), shown.last)
    seen = Q(day__gte=shown.first)
    sums = within(rows, span).values("location").annotate(
        counted=Sum("paid_minor", filter=seen & real), all=Sum("paid_minor", filter=seen),
        now=Sum("paid_minor", filter=now), before=Sum("paid_minor", filter=before),
    )  # fmt: skip
    found = {row["location"]: row for row in sums.order_by()}
    stores = [
        store_sales(location, found[location.pk]) for location in Location.objects.filter(pk__in=found)
    ]  # fmt: skip
    return sorted(stores, key=lambda store: (-store.paid, store.location.name))


def store_sales(location: Location, row: Mapping[str, Any]) -> StoreSales:
    paid, real = row["all"] or 0, row["counted"] or 0
    return StoreSales(location, paid, real, paid - real, Compared(row["now"] or 0, row["before"]))


def as_of(rows: QuerySet[SalesDay]) -> datetime | None:
    return rows.aggregate(last=Max("updated_at"))["last"]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What waits at one location."""

    location: Location
    discrepancies: int
    work: int
    late: int


def open_work(staff: User, *, at: datetime, location: Location | None = None) -> list[OpenWork]:
    """Open discrepancies and work of each location that has any, the most first."""
    gaps = dict(per_place(Discrepancy.objects.visible_to(staff).open()))
    waiting = WorkItem.objects.visible_to(staff).open()
    work, late = dict(per_place(waiting)), dict(per_place(waiting.filter(due_at__lt=at)))
    places = Location.objects.visible_to(staff).filter(pk__in={*gaps, *work})
    if location:
        places = places.filter(pk=location.pk)
    found = [OpenWork(place, gaps.get(place.pk, 0), work.get(place.pk, 0), late.get(place.pk, 0)) for place in places]
    return sorted(found, key=lambda one: (-one.late, -one.work - one.discrepancies, one.location.name))


def per_place(rows: QuerySet) -> QuerySet:
    return rows.exclude(location=None).order_by().values_list("location").annotate(n=Count("pk"))


@dataclass(frozen=True, slots=True)
class InStep:
    """Which share of the listings shows what it should, as far as the channels last said."""

    share: Share
    differences: int
    seen_at: datetime | None
    assumed: bool


def in_step(staff: User) -> InStep:
    """Over all live listings that a channel has told us about."""
    states = ListingState.objects.filter(listing__in=Listing.objects.visible_to(staff).live()).exclude(in_step=None)
    sums = states.aggregate(n=Count("pk"), hits=Count("pk", filter=Q(in_step=True)), last=Max("seen_at"))
    gaps = Discrepancy.objects.visible_to(staff).open().exclude(listing=None).count()
    assumed = Listing.objects.filter(variant__stock_levels__assumed=True)[:1].exists()
    return InStep(Share(sums["hits"], sums["n"]), gaps, sums["last"], assumed)
