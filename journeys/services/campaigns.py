"""Loading campaigns with whom they reached and what was handed in."""

from datetime import timedelta
from functools import partial

from journeys.models import Campaign, CampaignTarget, Redemption
from omni.db import insert_rows
from omni.loading import complete_journey as source
from omni.models import Location
from omni.services.loading import Load, Shard


def load_campaigns(task: Load) -> list[Shard]:
    """All campaigns of the year, whichever stores are loaded: a household is targeted, not a store."""
    return [Shard("all", 10_000, partial(make_campaigns, task))]


def make_campaigns(task: Load) -> dict[str, int]:
    moved = timedelta(weeks=task.weeks)
    facts = source.campaigns()
    made = Campaign.objects.bulk_create(
        Campaign(
            code=f"campaign-{one.campaign_id}",
            name=f"Campaign {one.campaign_id}",
            kind=one.kind,
            starts_on=one.first_day + moved,
            ends_on=one.last_day + moved,
            cut_off=one.cut_off,
            coupons=one.coupons,
            products=one.products,
        )
        for one in facts
    )
    keys = {fact.campaign_id: campaign.pk for fact, campaign in zip(facts, made, strict=True)}
    targets = [(keys[one.campaign_id], f"household:{home}") for one in facts for home in one.households]
    insert_rows(CampaignTarget, ["campaign_id", "customer_ref"], targets)
    return {"campaigns": len(made), "targets": len(targets)} | make_redemptions(task, keys)


def make_redemptions(task: Load, keys: dict[int, int]) -> dict[str, int]:
    stores = dict(Location.objects.values_list("code", "pk"))
    found = source.redemptions()
    rows = [
        (keys[one.campaign_id], f"household:{one.household_id}", str(one.coupon), one.day + timedelta(weeks=task.weeks),
         stores.get(f"store-{one.store_id}"), f"basket:{one.basket_id}" if one.basket_id else "")
        for one in found
    ]  # fmt: skip
    names = ["campaign_id", "customer_ref", "coupon", "redeemed_on", "location_id", "document"]
    insert_rows(Redemption, names, rows)
    return {
        "redemptions": len(rows),
        "redemptions_elsewhere": sum(row[4] is None for row in rows),
        "redemptions_without_basket": sum(not row[5] for row in rows),
    }
