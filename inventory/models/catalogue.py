"""Catalogue: what we sell, in words and in codes."""

from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from stdnum import ean
from treebeard.mp_tree import MP_Node

from omni.ids import public_id
from omni.models import Origin


class Category(MP_Node):
    """A node of the one category tree (department › category › type)."""

    code = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=120)
    node_order_by = ["name"]

    class Meta:
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """The catalogue is open to every signed-in member of staff."""
        return self if staff.is_authenticated and staff.is_active else self.none()

    def open(self):
        return self.filter(retired_at=None)


class Product(models.Model):
    """What a customer thinks of as one thing; its variants are what is counted and sold."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    brand = models.CharField(max_length=80, blank=True)
    maker = models.CharField(max_length=80, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="products")
    size_chart = models.JSONField(default=dict, blank=True, help_text=_('{"columns": […], "rows": [[…], …]}'))
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.REAL)
    retired_at = models.DateTimeField(null=True, blank=True)
    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class ProductText(models.Model):
    """What we say about a product in one language."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    care = models.TextField(blank=True)
    return_note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "language"], name="inventory_producttext_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class ProductImageQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.is_authenticated and staff.is_active else self.none()


class ProductImage(models.Model):
    """A picture of a product, with the words for those who cannot see it. Its file has a name that says nothing."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    file = models.ImageField(upload_to="products/")
    alternative_text = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    objects = ProductImageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.alternative_text

    @property
    def name(self) -> str:
        """What its address ends in."""
        return PurePosixPath(str(self.file.name)).stem


class VariantQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.is_authenticated and staff.is_active else self.none()

    def open(self):
        return self.filter(retired_at=None)

    def stocked(self):
        """Keep what is counted in whole units (fuel is not; a kit is counted by its components)."""
        return self.filter(is_stocked=True)

    def matching(self, words: str):
        """Keep what a person may mean by these words: SKU, GTIN, or every word in name, brand or size."""
        words = words.strip()
        found = Q(sku=words) | Q(gtins__code=words)
        every = Q()
        for word in words.split():
            every &= Q(product__name__icontains=word) | Q(product__brand__icontains=word) | Q(size__icontains=word)
        if words:
            found |= every
        return self.filter(found).distinct()


class Variant(models.Model):
    """One sellable thing with one SKU, counted in whole units."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=60, unique=True)
    options = models.JSONField(default=dict, blank=True, help_text=_('{"colour": "red", "size": "M"}'))
    size = models.CharField(max_length=60, blank=True, help_text=_("as printed on the package"))
    is_stocked = models.BooleanField(default=True, db_default=True)
    plausible_units = models.PositiveIntegerField(
        default=5000,
        db_default=5000,
        help_text=_("a single movement above this is set aside for a person"),
    )
    retired_at = models.DateTimeField(null=True, blank=True)
    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["sku"]

    def __str__(self) -> str:
        return f"{self.product} {self.size}".strip()


def check_gtin(code: str) -> None:
    """Raise ValidationError unless ``code`` is a GTIN of 8, 12, 13 or 14 digits whose check digit holds (GS1)."""
    if not ean.is_valid(code):
        raise ValidationError(
            _("%(code)s is not a GTIN: its check digit does not hold."),
            params={"code": code},
        )


class Gtin(models.Model):
    """A barcode number of a variant; one variant may have several, one number means one variant."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="gtins")
    code = models.CharField(max_length=14, unique=True, validators=[check_gtin])

    def __str__(self) -> str:
        return self.code


class KitComponent(models.Model):
    """How many units of a component one unit of a kit takes. Kits hold no stock of their own."""

    kit = models.ForeignKey(Variant, models.CASCADE, related_name="components")
    component = models.ForeignKey(Variant, models.PROTECT, related_name="used_in")
    quantity = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "component"], name="inventory_kitcomponent_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_kitcomponent_some"),
            models.CheckConstraint(
                condition=~Q(kit=models.F("component")),
                name="inventory_kitcomponent_not_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.component_id} in {self.kit_id}"
