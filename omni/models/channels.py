"""Channels, and the accounts at vendors through which we reach them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omni.fields import EncryptedJSONField
from omni.ids import public_id
from omni.models.locations import Location
from omni.models.origin import Origin


class ChannelQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Every signed-in member of staff may know which channels there are."""
        return self if staff.is_authenticated and staff.is_active else self.none()

    def open(self):
        return self.filter(retired_at=None)

    def selling(self):
        return self.open().filter(sells=True)


class Channel(models.Model):
    """A way in which customers meet us. A new channel is a row, never code."""

    class Hue(models.TextChoices):
        """The one colour that a family of channels has in every chart, map and badge."""

        TILL = "till", _("tills")
        WEB = "web", _("web")
        MARKET = "market", _("marketplace")
        PHONE = "phone", _("phone")
        MESSAGE = "message", _("message")
        PRINT = "print", _("print")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    hue = models.CharField(max_length=8, choices=Hue.choices, default=Hue.WEB)
    sells = models.BooleanField(default=False)
    serves = models.BooleanField(default=False)
    markets = models.BooleanField(default=False)
    pooled = models.BooleanField(
        default=True,
        help_text=_("shows one figure over all its locations; a till shows its own shelf only"),
    )
    shows_exact_stock = models.BooleanField(default=True)
    locations = models.ManyToManyField(Location, through="ChannelLocation", related_name="channels")
    position = models.PositiveSmallIntegerField(default=0)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    retired_at = models.DateTimeField(null=True, blank=True)
    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sells=True) | Q(serves=True) | Q(markets=True),
                name="omni_channel_has_a_use",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelLocation(models.Model):
    """A location whose stock a channel may promise."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="channel_locations")
    location = models.ForeignKey(Location, models.PROTECT, related_name="channel_locations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "location"], name="omni_channellocation_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} at {self.location_id}"


class ConnectorAccountQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep the accounts that this person may look into."""
        return self if staff.has_perm("omni.view_connectoraccount") else self.none()

    def working(self):
        return self.filter(enabled=True)


class ConnectorAccount(models.Model):
    """Our account at a vendor: how to reach it, how it is doing, what may be decided without a person."""

    class Policy(models.TextChoices):
        """What reconciliation may do by itself when a channel shows another figure than the ledger."""

        PUSH = "push", _("push ours, tell a person")
        ASK = "ask", _("ask a person first")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="accounts")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, help_text=_("which connector speaks to it: feed, vendure, …"))
    config = models.JSONField(default=dict, blank=True)
    secrets = EncryptedJSONField(blank=True, default=dict)
    enabled = models.BooleanField(default=True)
    policy = models.CharField(max_length=4, choices=Policy.choices, default=Policy.ASK)
    is_stand_in = models.BooleanField(default=False)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    failures_in_row = models.PositiveIntegerField(default=0)
    closed_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("no call before this time: the circuit is open"),
    )
    objects = ConnectorAccountQuerySet.as_manager()

    class Meta:
        ordering = ["channel__position", "name"]

    def __str__(self) -> str:
        return self.name


class ConnectorCursor(models.Model):
    """How far we have read one stream of an account; saved in the transaction that keeps what was read."""

    account = models.ForeignKey(ConnectorAccount, models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=20)
    value = models.JSONField(default=dict)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "stream"], name="omni_connectorcursor_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.stream}"


class RemoteLocationLink(models.Model):
    """Which of our locations a place at the vendor is. Nothing is guessed by name."""

    account = models.ForeignKey(ConnectorAccount, models.CASCADE, related_name="location_links")
    remote_id = models.CharField(max_length=80)
    remote_name = models.CharField(max_length=120, blank=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="remote_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "remote_id"], name="omni_remotelocationlink_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.remote_name or self.remote_id}"
