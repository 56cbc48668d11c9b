"""Origin: whether a row was recorded, assumed or made up."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """Shown wherever the row or its sum is shown, and carried into exports and the API."""

    REAL = "real", _("real")
    ASSUMED = "assumed", _("assumed")
    MADE_UP = "made_up", _("made up")
