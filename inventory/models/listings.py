"""Listings: what an account at a vendor shows of ours, and what it should show."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Variant
from omni.models import ConnectorAccount, Location


class ListingQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("inventory.view_listing") else self.none()

    def live(self):
        return self.filter(ended_at=None)


class Listing(models.Model):
    """One variant on one account: at a location where the channel shows each shelf, else pooled (no location)."""

    account = models.ForeignKey(ConnectorAccount, models.CASCADE, related_name="listings")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="listings")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="listings")
    remote_id = models.CharField(max_length=120, blank=True, db_default="")
    remote_sku = models.CharField(max_length=60)
    listed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    objects = ListingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "variant", "location"],
                condition=Q(location__isnull=False),
                name="inventory_listing_once_per_shelf",
            ),
            models.UniqueConstraint(
                fields=["account", "variant"],
                condition=Q(location=None),
                name="inventory_listing_once_pooled",
            ),
        ]
        indexes = [
            models.Index(fields=["variant", "location"], name="inventory_listing_of_level"),
            models.Index(fields=["account", "location", "remote_sku"], name="inventory_listing_by_remote"),
        ]

    def __str__(self) -> str:
        return f"{self.remote_sku} on {self.account_id}"


class ListingState(models.Model):
    """
    What we owe a listing. ``version`` grows with every change of what it should show; a push carries the version it
    read, and clears ``dirty`` only if nothing newer came: the newest wins, an older never overwrites a newer.

    Three memories: ``sent`` is what was last written to the channel, ``pushed`` what the channel last confirmed, and
    ``seen`` what it has now for all we know (confirmations, its sales and its snapshots folded together). While
    ``sent_version`` is ahead of ``pushed_version`` an answer is awaited. ``in_step`` says whether ``seen`` equals what
    the listing should show; ``held`` keeps pushes back until a person has decided.
    """

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="state")
    version = models.BigIntegerField(default=1, db_default=1)
    pushed_version = models.BigIntegerField(default=0, db_default=0)
    dirty = models.BooleanField(default=True, db_default=True)
    dirty_since = models.DateTimeField(null=True)
    sent_version = models.BigIntegerField(default=0, db_default=0)
    sent_quantity = models.IntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    pushed_quantity = models.IntegerField(null=True)
    pushed_at = models.DateTimeField(null=True)
    seen_quantity = models.IntegerField(null=True)
    seen_version = models.CharField(max_length=40, blank=True, db_default="")
    seen_at = models.DateTimeField(null=True)
    in_step = models.BooleanField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, db_default="")
    given_up = models.BooleanField(default=False, db_default=False)
    held = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pushed_version__lte=models.F("version"), sent_version__lte=models.F("version")),
                name="inventory_listingstate_never_ahead",
            ),
        ]
        indexes = [
            models.Index(
                fields=["dirty_since"],
                name="inventory_listingstate_dirty",
                condition=Q(dirty=True),
            ),
            models.Index(
                fields=["listing"],
                name="inventory_listingstate_out",
                condition=Q(in_step=False),
            ),
            models.Index(
                fields=["sent_at"],
                name="inventory_listingstate_awaits",
                condition=Q(sent_version__gt=models.F("pushed_version")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} v{self.version}"


class ListingEvent(models.Model):
    """
    One thing that happened between a listing and its channel: what we told, what the channel answered, sold or showed.

    ``remote_version`` is the channel's own version after it, where the channel has versions.
    """

    class Kind(models.TextChoices):
        TOLD = "told", _("we told the channel")
        APPLIED = "applied", _("the channel confirmed")
        CONFLICT = "conflict", _("the channel had changed meanwhile")
        REJECTED = "rejected", _("the channel refused")
        SOLD = "sold", _("sold there")
        SHOWN = "shown", _("seen in a snapshot")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    quantity = models.IntegerField(null=True, help_text=_("units shown there, or units sold"))
    version = models.BigIntegerField(null=True)
    remote_version = models.CharField(max_length=40, blank=True, db_default="")
    reference = models.CharField(max_length=160, blank=True, db_default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["listing", "-at"], name="inventory_listingevent_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
