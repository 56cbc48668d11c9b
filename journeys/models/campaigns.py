"""Campaigns: one offer to many people, what it reached and what came of it."""

from django.db import models
from django.db.models import F, Q

from omni.ids import public_id
from omni.models import Location, Origin


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("journeys.view_campaign") else self.none()


class Campaign(models.Model):
    """A campaign with its period. Reach and redemptions are counted from their rows, never typed."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    cut_off = models.BooleanField(
        default=False,
        help_text="crosses the end of the data: its redemption rate is cut off",
    )
    coupons = models.PositiveIntegerField(default=0)
    products = models.PositiveIntegerField(default=0)
    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="journeys_campaign_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignTarget(models.Model):
    """One person or household that a campaign was sent to."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets")
    customer_ref = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "customer_ref"], name="journeys_campaigntarget_once")
        ]
        indexes = [models.Index(fields=["customer_ref"], name="journeys_campaigntarget_of")]

    def __str__(self) -> str:
        return f"{self.customer_ref} in {self.campaign_id}"


class Redemption(models.Model):
    """One coupon of a campaign handed in, on a day, where the basket is known also in a store."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="redemptions")
    customer_ref = models.CharField(max_length=40)
    coupon = models.CharField(max_length=40)
    redeemed_on = models.DateField()
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    document = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "customer_ref", "coupon", "redeemed_on"],
                name="journeys_redemption_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon} by {self.customer_ref}"
