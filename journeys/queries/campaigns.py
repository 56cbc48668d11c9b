"""What campaigns reached and what came of it. Nothing here is a lift: no campaign had a control group."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncWeek

from journeys.models import Campaign, CampaignTarget, Redemption
from journeys.queries.figures import day_of
from omni.intervals import Share
from omni.models import Location


def with_results(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Add reach (households targeted), redeemers (households that handed something in) and coupons handed in."""
    return campaigns.annotate(
        reach=counted(CampaignTarget, "customer_ref"),
        redeemers=counted(Redemption, "customer_ref", distinct=True),
        handed_in=counted(Redemption, "pk"),
    )


def counted(model: type, field: str, *, distinct: bool = False) -> Coalesce:
    rows = model.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")  # type: ignore[attr-defined]
    return Coalesce(Subquery(rows.annotate(n=Count(field, distinct=distinct)).values("n")), 0)


def rate(campaign: Campaign) -> Share:
    """Households that redeemed, of those targeted. The campaign must come from ``with_results``."""
    return Share(campaign.redeemers, campaign.reach)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class WeekRedeemed:
    """One week and the coupons handed in."""

    last: date
    coupons: int


@dataclass(frozen=True, slots=True)
class StoreRedeemed:
    """Coupons and households at one store; no location: at stores that are not loaded."""

    location: Location | None
    coupons: int
    households: int


def by_week(campaign: Campaign) -> list[WeekRedeemed]:
    """Every week of the campaign and of its redemptions, empty ones, too."""
    sums = campaign.redemptions.annotate(week=TruncWeek("redeemed_on")).values("week").annotate(n=Count("pk"))
    found = {day_of(row["week"]): row["n"] for row in sums.order_by()}
    begin = monday(min([campaign.starts_on, *found]))
    end = max([campaign.ends_on, *found])
    weeks = [begin + timedelta(days=7 * n) for n in range((end - begin).days // 7 + 1)]
    return [WeekRedeemed(week + timedelta(days=6), found.get(week, 0)) for week in weeks]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def by_store(campaign: Campaign) -> list[StoreRedeemed]:
    sums = campaign.redemptions.values("location").annotate(n=Count("pk"), homes=Count("customer_ref", distinct=True))
    places = {place.pk: place for place in Location.objects.filter(pk__in=campaign.redemptions.values("location"))}
    rows = [StoreRedeemed(places.get(row["location"]), row["n"], row["homes"]) for row in sums.order_by()]
    return sorted(rows, key=lambda row: (row.location is None, -row.coupons))
