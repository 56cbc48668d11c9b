"""Locations: the stores and warehouses where stock lies and people work."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omni.ids import public_id
from omni.models.origin import Origin


class LocationGroupQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Everybody who works here may know the groups."""
        return self if staff.is_authenticated and staff.is_active else self.none()


class LocationGroup(models.Model):
    """Locations that rules and comparisons treat alike (a region, a format)."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    objects = LocationGroupQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LocationQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Keep the locations whose work this person may see: all for the centre, their own for store people."""
        if not staff.is_authenticated or not staff.is_active:
            return self.none()
        return self if staff.sees_all_locations else self.filter(staff=staff)

    def open(self):
        """Keep the locations that are in use."""
        return self.filter(retired_at=None)


class Location(models.Model):
    """A place that holds stock. Its time zone decides what "today" means there."""

    class Kind(models.TextChoices):
        STORE = "store", _("store")
        WAREHOUSE = "warehouse", _("warehouse")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.STORE)
    group = models.ForeignKey(LocationGroup, models.PROTECT, null=True, blank=True, related_name="locations")
    franchised = models.BooleanField(default=False)
    street = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text=_("ISO 3166-1, two letters"))
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    time_zone = models.CharField(max_length=40, default="UTC")
    hours = models.JSONField(
        default=dict,
        blank=True,
        help_text=_('opening hours, {"mon": [["07:00", "22:00"]], …}'),
    )
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    retired_at = models.DateTimeField(null=True, blank=True)
    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="omni_location_whole_coordinates",
            ),
        ]

    def __str__(self) -> str:
        return self.name
