"""What comes from outside: events, idempotency keys, and items that were set aside."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omni.ids import public_id
from omni.models.channels import ConnectorAccount


class InboundEvent(models.Model):
    """An event as it arrived. Answered 2xx after commit; the work comes later."""

    account = models.ForeignKey(ConnectorAccount, models.PROTECT, related_name="inbound_events")
    event_id = models.CharField(max_length=160)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "event_id"], name="omni_inboundevent_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.event_id}"


class IdempotencyKey(models.Model):
    """The first answer to a write from outside, kept in the transaction of its effect."""

    scope = models.CharField(max_length=60, help_text=_("who sent it: api:<key>, staff:<id>"))
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="omni_idempotencykey_once")]
        indexes = [models.Index(fields=["created_at"], name="omni_idempotencykey_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class SetAsideQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("omni.view_setaside") else self.none()

    def waiting(self):
        return self.filter(settled_at=None)


class SetAside(models.Model):
    """
    Something from outside that could not be taken, kept whole with its reason until a person settles it.

    ``kind`` selects how it is tried again (settings.QUARANTINE_HANDLERS). ``fingerprint`` makes a repeat the same row.
    """

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=40)
    account = models.ForeignKey(ConnectorAccount, models.PROTECT, null=True, related_name="set_aside")
    fingerprint = models.CharField(max_length=64)
    payload = models.JSONField()
    code = models.CharField(max_length=60)
    reason = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=12, blank=True, help_text=_("taken, skipped"))
    skip_reason = models.CharField(max_length=200, blank=True)
    objects = SetAsideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "fingerprint"],
                condition=Q(settled_at=None),
                name="omni_setaside_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "code"],
                name="omni_setaside_waiting",
                condition=Q(settled_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"
