"""Staff: who works here, in which roles, and at which locations."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from omni.ids import public_id
from omni.models.departments import Department
from omni.models.locations import Location


class UserQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Administrators see everybody; others see the people they share a location with, and themselves."""
        if staff.has_perm("omni.view_user"):
            return self
        return self.filter(models.Q(pk=staff.pk) | models.Q(locations__in=staff.locations.all())).distinct()


class StaffManager(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users and asks after them."""


class User(AbstractUser):
    """A member of staff. Roles are groups (omni.access.ROLES); store people are bound to locations."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    locations = models.ManyToManyField(Location, blank=True, related_name="staff")
    department = models.ForeignKey(Department, models.SET_NULL, null=True, blank=True, related_name="staff")
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    keys_on = models.BooleanField(default=True, help_text=_("single-letter keys"))
    must_change_password = models.BooleanField(
        default=False, help_text=_("signed in with a password that somebody else made")
    )
    bell_seen_at = models.DateTimeField(null=True, blank=True)
    objects = StaffManager()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def roles(self) -> frozenset[str]:
        """Codes of the roles this person has."""
        return frozenset(self.groups.values_list("name", flat=True))

    @cached_property
    def sees_all_locations(self) -> bool:
        """Whether this person works for the whole company and not for single stores."""
        return self.is_superuser or self.has_perm("omni.see_all_locations")

    class Meta(AbstractUser.Meta):
        permissions = [
            ("see_all_locations", "Works for all locations"),
            ("view_overview", "Sees the head-office overview"),
            ("change_settings", "Changes settings of the installation"),
            ("view_integrity", "Sees whether the ledger is whole"),
        ]
