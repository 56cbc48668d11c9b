"""Activity: audit and news in one row, written in the transaction of what happened."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from omni.models.channels import Channel
from omni.models.locations import Location


class ActivityQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep what happened where this person works; what has no location is for those who see all."""
        return self if staff.sees_all_locations else self.filter(location__in=staff.locations.all())

    def about(self, subject: str):
        """Keep what happened to one thing, named as ``type:id``."""
        return self.filter(subject=subject)


class Activity(models.Model):
    """
    Something happened. Holds ids, never names or texts, so that erasing a person leaves it whole.

    ``subject``, ``customer_ref`` and ``order_ref`` are typed references (``"variant:X4…"``).
    The relay chains each row to the one before it after commit (ActivityLink), so that later edits show.
    """

    class ActorKind(models.TextChoices):
        STAFF = "staff", _("staff")
        API = "api", _("programme")
        CHANNEL = "channel", _("channel")
        SYSTEM = "system", _("Omni itself")
        CUSTOMER = "customer", _("customer")

    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, db_index=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="activities")
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="activities")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="activities")
    customer_ref = models.CharField(max_length=40, blank=True, db_default="")
    order_ref = models.CharField(max_length=40, blank=True, db_default="")
    outcome = models.CharField(max_length=12, default="done", db_default="done")
    schema = models.PositiveSmallIntegerField(default=1, db_default=1)
    data = models.JSONField(default=dict)
    relayed = models.BooleanField(default=False, db_default=False)
    objects = ActivityQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["relayed", "id"],
                name="omni_activity_unrelayed",
                condition=models.Q(relayed=False),
            ),
            models.Index(fields=["location", "-id"], name="omni_activity_place"),
            models.Index(
                fields=["customer_ref", "-id"],
                name="omni_activity_customer",
                condition=~models.Q(customer_ref=""),
            ),
            models.Index(
                fields=["order_ref", "-id"],
                name="omni_activity_order",
                condition=~models.Q(order_ref=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"


class ActivityDelivery(models.Model):
    """One piece of news handed to one subscriber, once."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=60)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "subscriber"], name="omni_activitydelivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="omni_activitydelivery_open",
                condition=models.Q(done_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} to {self.subscriber}"


class ActivityLink(models.Model):
    """One link of the audit chain: digest = SHA-256(digest of the link before + the row's own content)."""

    activity = models.OneToOneField(Activity, models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.pk} {self.digest[:8]}"
