"""Transfers: stock on its way from one of our locations to another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Variant
from omni.ids import public_id
from omni.models import Location


class TransferQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep the transfers that leave or reach this person's locations."""
        own = Location.objects.visible_to(staff)
        return self.filter(Q(sender__in=own) | Q(receiver__in=own))


class Transfer(models.Model):
    """One shipment between two locations. What left = what arrived + what is still on the way + what was lost."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SENT = "sent", _("on its way")
        RECEIVED = "received", _("received")
        CANCELLED = "cancelled", _("cancelled")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    sender = models.ForeignKey(Location, models.PROTECT, related_name="transfers_out")
    receiver = models.ForeignKey(Location, models.PROTECT, related_name="transfers_in")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    reference = models.CharField(
        max_length=160, unique=True, null=True, help_text=_("who reported it, and what they call it: api:till:77")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(sender=F("receiver")),
                name="inventory_transfer_goes_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sender} → {self.receiver}"


class TransferLine(models.Model):
    """One variant of a transfer."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    sent = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "variant"], name="inventory_transferline_once"),
            models.CheckConstraint(condition=Q(sent__gt=0), name="inventory_transferline_some"),
            models.CheckConstraint(
                condition=Q(sent__gte=F("received") + F("lost")),
                name="inventory_transferline_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sent} of {self.variant_id}"
