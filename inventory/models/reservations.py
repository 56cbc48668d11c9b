"""Reservations: units promised to one holder."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Variant
from inventory.models.stock import StockLevel
from omni.ids import public_id
from omni.models import Channel


class ReservationQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("inventory.view_reservation") else self.none()

    def open(self):
        return self.filter(state=Reservation.State.OPEN)

    def lapsed(self, at):
        """Keep open promises whose time is over."""
        return self.open().filter(until__lte=at)

    def unrouted(self):
        """Keep demand for which no location has been chosen yet."""
        return self.open().filter(level=None)


class Reservation(models.Model):
    """
    Units promised to a holder (``cart:8F3K2:1``, ``order:…:1``) from one level, or unrouted demand without a level.

    ``quantity`` was promised; ``committed`` was handed over, ``released`` given back, ``short`` turned out to be gone.
    What remains is ``open_units`` and is counted in the level's reserved units. Carts have a time limit, orders none.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        COMMITTED = "committed", _("handed over")
        RELEASED = "released", _("released")
        EXPIRED = "expired", _("lapsed")

    public_id = models.CharField(max_length=36, unique=True, default=public_id, editable=False)
    holder = models.CharField(max_length=120)
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="reservations")
    level = models.ForeignKey(StockLevel, models.PROTECT, null=True, related_name="reservations")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="reservations")
    quantity = models.IntegerField()
    committed = models.IntegerField(default=0, db_default=0)
    released = models.IntegerField(default=0, db_default=0)
    short = models.IntegerField(default=0, db_default=0)
    open_units = models.GeneratedField(
        expression=F("quantity") - F("committed") - F("released") - F("short"),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN, db_default="open")
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    objects = ReservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "level"],
                condition=Q(state="open"),
                name="inventory_reservation_one_per_level",
            ),
            models.UniqueConstraint(
                fields=["holder", "variant"],
                condition=Q(state="open", level=None),
                name="inventory_reservation_one_unrouted",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, committed__gte=0, released__gte=0, short__gte=0)
                & Q(quantity__gte=F("committed") + F("released") + F("short")),
                name="inventory_reservation_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="inventory_reservation_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                name="inventory_reservation_lapses",
                condition=Q(state="open"),
            ),
            models.Index(
                fields=["level"],
                name="inventory_reservation_open",
                condition=Q(state="open"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.open_units} for {self.holder}"
