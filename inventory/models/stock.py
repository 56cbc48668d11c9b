"""Stock: the ledger, and the balance that is always its sum."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Variant
from omni.models import Channel, Location, Origin


class Bucket(models.TextChoices):
    """States of stock. The first is what lies here, the next two are parts of it, the last two are on their way."""

    ON_HAND = "on_hand", _("on hand")
    RESERVED = "reserved", _("reserved")
    UNAVAILABLE = "unavailable", _("unavailable")
    IN_TRANSIT = "in_transit", _("in transit")
    INCOMING = "incoming", _("incoming")


class StockLevelQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Everybody may look up stock in every store: a customer at one counter is sent to another."""
        return self if staff.is_authenticated and staff.is_active else self.none()

    def changeable_by(self, staff):
        """Keep the levels at the locations where this person works."""
        return self.filter(location__in=Location.objects.visible_to(staff))

    def running_low(self):
        """Keep levels whose available units are at or under their reorder point."""
        return self.filter(reorder_point__gt=0, available__lte=F("reorder_point"))

    def never_counted(self):
        return self.filter(assumed=True)


class StockLevel(models.Model):
    """
    Units of one variant at one location. Only inventory.services.stock and .reservations change the counts.

    ``sequence`` is the number of its last movement and serves as its version. ``assumed`` is true until the first count
    of a level whose opening balance nobody counted.
    """

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="stock_levels")
    location = models.ForeignKey(Location, models.PROTECT, related_name="stock_levels")
    on_hand = models.IntegerField(default=0, db_default=0)
    reserved = models.IntegerField(default=0, db_default=0)
    unavailable = models.IntegerField(default=0, db_default=0)
    in_transit = models.IntegerField(default=0, db_default=0)
    incoming = models.IntegerField(default=0, db_default=0)
    available = models.GeneratedField(
        expression=F("on_hand") - F("reserved") - F("unavailable"),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    sequence = models.IntegerField(default=0, db_default=0)
    reorder_point = models.PositiveIntegerField(default=0, db_default=0)
    assumed = models.BooleanField(default=False, db_default=False)
    counted_at = models.DateTimeField(null=True)
    objects = StockLevelQuerySet.as_manager()

    class Meta:
        permissions = [
            ("sell_at_till", "Sells at a till"),
            ("do_count", "Counts stock"),
            ("repair_ledger", "Repairs the ledger"),
            ("import_files", "Imports files"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["variant", "location"], name="inventory_stocklevel_unique_place"),
            models.CheckConstraint(
                condition=Q(
                    reserved__gte=0,
                    unavailable__gte=0,
                    in_transit__gte=0,
                    incoming__gte=0,
                ),
                name="inventory_stocklevel_no_negative_part",
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("reserved") + F("unavailable")),
                name="inventory_stocklevel_no_overpromise",
            ),
        ]
        indexes = [models.Index(fields=["location", "variant"], name="inventory_stocklevel_by_place")]

    def __str__(self) -> str:
        return f"{self.variant_id} at {self.location_id}"

    @property
    def free(self) -> int:
        """Units free by the counts of this very object; ``available`` is what the database last computed."""
        return self.on_hand - self.reserved - self.unavailable


class StockMovementQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.is_authenticated and staff.is_active else self.none()

    def as_of(self, at, known_at=None):
        """Keep what had happened by ``at``, as far as we knew it at ``known_at`` (default: what we know now)."""
        kept = self.filter(occurred_at__lte=at)
        return kept.filter(recorded_at__lte=known_at) if known_at else kept


class StockMovement(models.Model):
    """
    One signed change of one bucket of one level. Append-only: a trigger refuses UPDATE and DELETE.

    ``sequence`` is its place in the level's running balance (commit order, never posting time) and ``balance`` the
    bucket's balance after it. ``(source, external_id, leg)`` makes a repeat impossible: source names who said so
    (``till``, ``api:<key>``, ``feed:<account>``), external_id what they call it, leg which part of it this row is.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", _("opening balance")
        SALE = "sale", _("sold")
        RETURN = "return", _("returned")
        RECEIPT = "receipt", _("received")
        ADJUSTMENT = "adjustment", _("adjusted")
        COUNT = "count", _("counted")
        FOUND = "found", _("found: sold though the ledger had none")
        TRANSFER_OUT = "transfer_out", _("sent to another location")
        TRANSFER_IN = "transfer_in", _("received from another location")
        LOST = "lost", _("lost on the way")
        RESERVE = "reserve", _("reserved")
        RELEASE = "release", _("released")
        COMMIT = "commit", _("handed over")
        SHORT = "short", _("promised, but gone")
        HOLD_BACK = "hold_back", _("set apart")
        PUT_BACK = "put_back", _("put back")
        EXPECT = "expect", _("expected")

    level = models.ForeignKey(StockLevel, models.PROTECT, related_name="movements")
    sequence = models.IntegerField()
    bucket = models.CharField(max_length=11, choices=Bucket.choices)
    quantity = models.IntegerField()
    balance = models.IntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    reason = models.CharField(max_length=40, blank=True, db_default="")
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=160)
    leg = models.CharField(max_length=40, blank=True, db_default="")
    document = models.CharField(
        max_length=80,
        blank=True,
        db_default="",
        help_text=_("typed reference: basket:…, transfer:…"),
    )
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    original_at = models.DateTimeField(null=True, help_text=_("when it really happened, if the demo moved it in time"))
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL, db_default="real")
    objects = StockMovementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id", "source", "leg"],  # in this order it also finds what anybody said of an id
                name="inventory_stockmovement_once",
            ),
            models.UniqueConstraint(fields=["level", "sequence"], name="inventory_stockmovement_in_order"),
            models.CheckConstraint(condition=~Q(quantity=0), name="inventory_stockmovement_moves"),
        ]
        indexes = [
            models.Index(fields=["level", "occurred_at"], name="inventory_stockmovement_as_of"),
            models.Index(fields=["occurred_at"], name="inventory_stockmovement_time"),
            models.Index(
                fields=["document"],
                name="inventory_stockmovement_doc",
                condition=~Q(document=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:+d} {self.bucket}"


# What counts as sold when sales are counted: goods that left for a customer, less those that came back.
SOLD = (StockMovement.Kind.SALE, StockMovement.Kind.COMMIT, StockMovement.Kind.RETURN)
