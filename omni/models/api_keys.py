"""API keys: how programmes get in."""

from django.conf import settings
from django.db import models

from omni.ids import public_id
from omni.models.channels import ConnectorAccount


class ApiKeyQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("omni.view_apikey") else self.none()

    def usable(self):
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """
    The key of one integration. Shown once; only its hash is kept. ``scopes`` are names such as ``stock:read``.

    A key of an ``account`` acts in that account's channel only, and what it writes keeps one source when the key is
    replaced by another.
    """

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    account = models.ForeignKey(ConnectorAccount, models.PROTECT, null=True, blank=True, related_name="api_keys")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
