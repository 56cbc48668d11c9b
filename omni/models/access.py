"""API keys and saved views: how programs get in, and where people left off."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from omni.ids import public_id
from omni.models.channels import ConnectorAccount


class ApiKeyQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("omni.view_apikey") else self.none()

    def usable(self):
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """The key of one integration. Shown once; only its hash is kept. ``scopes`` are names such as ``stock:read``."""

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


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep one's own views, shared ones, and the defaults of one's roles."""
        return self.filter(Q(owner=staff) | Q(shared=True) | Q(role__in=staff.roles))


class SavedView(models.Model):
    """A list page as somebody left it: filters, columns, order and search, all in one query string."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    page = models.CharField(max_length=60, help_text="URL name of the list")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="saved_views")
    shared = models.BooleanField(default=False)
    role = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="omni_savedview_one_name"),
        ]

    def __str__(self) -> str:
        return self.name
