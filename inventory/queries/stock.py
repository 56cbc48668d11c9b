"""What the stock screens read: a variant over all places, and what moved it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate, TruncWeek

from inventory.models import SOLD, WINDOW, Bucket, Reservation, StockLevel, StockMovement, Variant
from omni.models import Location, User


@dataclass(frozen=True)
class VariantStock:
    """Units of one variant over a set of places. ``assumed`` of ``places`` rest on a balance that nobody counted."""

    on_hand: int = 0
    reserved: int = 0
    unavailable: int = 0
    available: int = 0
    in_transit: int = 0
    places: int = 0
    assumed: int = 0


def sums(variants: Iterable[int], *, location: Location | None = None) -> dict[int, VariantStock]:
    """Stock of each variant (by key) at one place or over all, in one query. Variants without stock are absent."""
    levels = StockLevel.objects.filter(variant__in=list(variants))
    if location:
        levels = levels.filter(location=location)
    grouped = levels.values("variant_id").annotate(
        all_on_hand=Sum("on_hand"),
        all_reserved=Sum("reserved"),
        all_unavailable=Sum("unavailable"),
        all_available=Sum("available"),
        all_in_transit=Sum("in_transit"),
        places=Count("pk", filter=Q(on_hand__gt=0)),
        uncounted=Count("pk", filter=Q(assumed=True)),
    )
    return {
        row["variant_id"]: VariantStock(
            row["all_on_hand"], row["all_reserved"], row["all_unavailable"], row["all_available"],
            row["all_in_transit"], row["places"], row["uncounted"],
        )
        for row in grouped
    }  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """One variant at one place, as its row on the product page shows it."""

    level: StockLevel
    sold_28d: int
    last_counted: datetime | None

    @property
    def lasts_days(self) -> int | None:
        """Days until the free units are gone at the pace of the last 28 days; None when it does not sell."""
        if self.sold_28d <= 0:
            return None
        return int(max(self.level.available, 0) * WINDOW.days / self.sold_28d)


def shelves(variant: Variant, *, at: datetime) -> list[Shelf]:
    """The variant at every place that has ever had it, fullest first."""
    sold = (
        StockMovement.objects.filter(
            level=OuterRef("pk"),
            bucket=Bucket.ON_HAND,
            kind__in=SOLD,
            occurred_at__gt=at - WINDOW,
            occurred_at__lte=at,
        )
        .order_by()
        .values("level")
        .annotate(units=Sum("quantity"))
        .values("units")
    )
    levels = variant.stock_levels.select_related("location").annotate(sold=Subquery(sold))
    rows = [Shelf(level, -(level.sold or 0), level.counted_at) for level in levels]
    return sorted(rows, key=lambda row: (-row.level.on_hand, row.level.location.name))


@dataclass(frozen=True)
class Week:
    """Units sold in one week, and what lay there at its end."""

    ends: date
    sold: int
    on_hand: int


def weeks(variant: Variant, *, at: datetime, zone: ZoneInfo, count: int = 13) -> list[Week]:
    """
    Weekly sales and closing stock of a variant over all places, oldest first.

    Read backwards from today's balance, so that it always ends in the figure that the page shows.
    """
    since = at - timedelta(weeks=count)
    moved = (
        StockMovement.objects.filter(level__variant=variant, bucket=Bucket.ON_HAND, occurred_at__gt=since)
        .annotate(week=TruncWeek("occurred_at", tzinfo=zone))
        .values("week")
        .annotate(units=Sum("quantity"), sold=Sum("quantity", filter=Q(kind__in=SOLD), default=0))
    )
    by_week = {row["week"].date(): row for row in moved}
    on_hand = variant.stock_levels.aggregate(units=Sum("on_hand", default=0))["units"]
    monday = at.astimezone(zone).date() - timedelta(days=at.astimezone(zone).weekday())
    result = []
    for _back in range(count):
        row = by_week.get(monday, {"units": 0, "sold": 0})
        result.append(Week(monday + timedelta(days=6), -row["sold"], on_hand))
        on_hand -= row["units"]
        monday -= timedelta(weeks=1)
    return result[::-1]


def movements_behind(
    variant: Variant, *, locations: Iterable[int] | None = None, at: datetime | None = None
) -> QuerySet[StockMovement]:
    """Ledger rows of a variant, newest first; only those of some places, or up to a time."""
    rows = StockMovement.objects.filter(level__variant=variant)
    if locations is not None:
        rows = rows.filter(level__location__in=list(locations))
    if at is not None:
        rows = rows.filter(occurred_at__lte=at)
    return rows.select_related("level__location", "channel", "actor").order_by("-occurred_at", "-pk")


def moved_per_day(
    variant: Variant, *, locations: Iterable[int], since: datetime, until: datetime, zone: ZoneInfo
) -> dict[date, int]:
    """Units that changed hands on each local day (in and out added up): the bars of the time ruler."""
    rows = (
        StockMovement.objects.filter(level__variant=variant, level__location__in=list(locations), bucket=Bucket.ON_HAND)
        .exclude(kind=StockMovement.Kind.OPENING)
        .filter(occurred_at__gt=since, occurred_at__lte=until)
        .annotate(day=TruncDate("occurred_at", tzinfo=zone))
        .values("day")
        .annotate(
            came=Sum("quantity", filter=Q(quantity__gt=0), default=0),
            went=Sum("quantity", filter=Q(quantity__lt=0), default=0),
        )
    )
    return {row["day"]: row["came"] - row["went"] for row in rows}


def first_movement_at(variant: Variant) -> datetime | None:
    """When the ledger of a variant begins."""
    return (
        StockMovement.objects.filter(level__variant=variant)
        .order_by("occurred_at")
        .values_list("occurred_at", flat=True)
        .first()
    )


def open_reservations(variant: Variant) -> QuerySet[Reservation]:
    """Promises of a variant that are still open, the next to lapse first."""
    return variant.reservations.open().select_related("level__location", "channel").order_by("until", "pk")


def at_store(staff: User, location: Location) -> dict[str, int]:
    """The three figures of a store that its manager asks for first."""
    levels = StockLevel.objects.visible_to(staff).filter(location=location)
    return levels.aggregate(
        variants=Count("pk", filter=Q(on_hand__gt=0)),
        units=Sum("on_hand", default=0),
        never_counted=Count("pk", filter=Q(assumed=True)),
        sold_out=Count("pk", filter=Q(available__lte=0)),
    )
