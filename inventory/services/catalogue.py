"""Products and variants: what we sell, in words and in codes. Retired, never deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from stdnum import ean

from inventory.models import (
    Category,
    Gtin,
    Product,
    ProductText,
    Reservation,
    StockLevel,
    StockMovement,
    Variant,
)
from inventory.services import listings
from omni.activity import record
from omni.errors import RuleBroken
from omni.ids import public_id
from omni.models import Origin, User

LARGEST_CHART = (12, 60)  # columns, rows
LONGEST_CELL = 40
SOME_STOCK = (
    models.Q(on_hand__gt=0)
    | models.Q(reserved__gt=0)
    | models.Q(unavailable__gt=0)
    | models.Q(in_transit__gt=0)
    | models.Q(incoming__gt=0)
)


class InvalidValue(RuleBroken):
    """A value that its field does not take. data: fields = {name: [sentences]}."""

    code = "invalid_value"


class CodeTaken(RuleBroken):
    """Another row has this code already. data: code."""

    code = "code_taken"
    status = 409


class StillInUse(RuleBroken):
    """Something hangs on it that would be lost. data says what."""

    code = "still_in_use"
    status = 409


def checked(row: models.Model) -> models.Model:
    """Return the row if its fields hold what they may hold (uniqueness aside); raise InvalidValue."""
    try:
        row.clean_fields(exclude=[field.name for field in row._meta.fields if field.is_relation])
    except ValidationError as error:
        sentences = [f"{said}" for messages in error.message_dict.values() for said in messages]
        raise InvalidValue(" ".join(sentences), fields=error.message_dict) from error
    return row


def save_unique(row: models.Model, code: str) -> None:
    """Save a checked row; raise CodeTaken when its code is another's."""
    try:
        with transaction.atomic():
            checked(row).save()
    except IntegrityError as error:
        raise CodeTaken(_("%(code)s is taken already.") % {"code": code}, code=code) from error


def changed_fields(row: models.Model, changes: Mapping[str, object]) -> list[str]:
    """Set the values on the row and return the names of those that are new to it."""
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, changes[name])
    return changed


@transaction.atomic
def create_product(
    *,
    name: str,
    by: User | None,
    at: datetime,
    code: str = "",
    brand: str = "",
    maker: str = "",
    category: Category | None = None,
    origin: str = Origin.REAL,
) -> Product:
    """Add a product. code: our own name of it; made when empty. Raises CodeTaken, InvalidValue."""
    product = Product(
        code=code.strip() or public_id(), name=name.strip(), brand=brand, maker=maker, category=category, origin=origin
    )
    save_unique(product, product.code)
    record("product.created", subject=product, by=by, at=at)
    return product


@transaction.atomic
def add_product(*, name: str, first: Mapping[str, str], by: User | None, at: datetime, **facts: Any) -> Product:
    """Add a product together with its first variant (sku, size), or neither. facts: as of create_product."""
    product = create_product(name=name, by=by, at=at, **facts)
    create_variant(product=product, by=by, at=at, sku=first["sku"], size=first.get("size", ""))
    return product


@transaction.atomic
def update_product(
    *, product: Product, name: str, brand: str, maker: str, category: Category | None, by: User | None, at: datetime
) -> Product:
    """Change what a product is called and where it stands. A new category may put other stock rules into force."""
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    changed = changed_fields(product, {"name": name.strip(), "brand": brand, "maker": maker, "category": category})
    if changed:
        checked(product).save(update_fields=changed)
        record("product.changed", subject=product, by=by, at=at, fields=changed)
    if "category" in changed:
        listings.mark_variants(product.variants.all(), at=at)
    return product


@transaction.atomic
def retire_product(*, product: Product, by: User | None, at: datetime) -> Product:
    """Take a product and all its variants off the shelf for good. Raises StillInUse while one holds stock."""
    for variant in product.variants.open().order_by("pk"):
        retire_variant(variant=variant, by=by, at=at)
    if product.retired_at is None:
        product.retired_at = at
        product.save(update_fields=["retired_at"])
        record("product.retired", subject=product, by=by, at=at)
    return product


@transaction.atomic
def restore_product(*, product: Product, by: User | None, at: datetime) -> Product:
    """Sell a retired product again. Its variants come back one by one."""
    if product.retired_at is not None:
        product.retired_at = None
        product.save(update_fields=["retired_at"])
        record("product.restored", subject=product, by=by, at=at)
    return product


@transaction.atomic
def create_variant(
    *,
    product: Product,
    sku: str,
    by: User | None,
    at: datetime,
    options: Mapping[str, str] | None = None,
    size: str = "",
    is_stocked: bool = True,
    plausible_units: int = 5000,
) -> Variant:
    """Add a variant. plausible_units: a single movement above it waits for a person. Raises CodeTaken, InvalidValue."""
    variant = Variant(
        product=product, sku=sku.strip(), options=dict(options or {}), size=size.strip(), is_stocked=is_stocked,
        plausible_units=plausible_units,
    )  # fmt: skip
    save_unique(variant, variant.sku)
    record("variant.created", subject=variant, by=by, at=at)
    return variant


@transaction.atomic
def update_variant(
    *,
    variant: Variant,
    sku: str,
    options: Mapping[str, str],
    size: str,
    is_stocked: bool,
    plausible_units: int,
    by: User | None,
    at: datetime,
) -> Variant:
    """
    Change a variant. Its SKU stays once stock of it has moved, and it stays counted while it holds stock.

    Raises StillInUse, CodeTaken, InvalidValue.
    """
    variant = locked([variant.pk])[variant.pk]
    changed = changed_fields(
        variant,
        {
            "sku": sku.strip(),
            "options": dict(options),
            "size": size.strip(),
            "is_stocked": is_stocked,
            "plausible_units": plausible_units,
        },
    )
    if "sku" in changed and StockMovement.objects.filter(level__variant=variant).exists():
        raise StillInUse(_("Stock of this SKU has moved already: its SKU stays. Add a new variant instead."))
    if "is_stocked" in changed and not is_stocked:
        check_empty(variant)
    if changed:
        save_unique(variant, variant.sku)
        record("variant.changed", subject=variant, by=by, at=at, fields=changed)
    return variant


@transaction.atomic
def retire_variant(*, variant: Variant, by: User | None, at: datetime) -> Variant:
    """Stop selling a variant; its ledger stays. Raises StillInUse while it holds stock, is promised or in a kit."""
    variant = locked([variant.pk])[variant.pk]
    if variant.retired_at is not None:
        return variant
    check_empty(variant)
    if variant.used_in.filter(kit__retired_at=None).exists():
        raise StillInUse(_("%(sku)s is part of a kit. Change the kit first.") % {"sku": variant.sku}, sku=variant.sku)
    variant.retired_at = at
    variant.save(update_fields=["retired_at"])
    record("variant.retired", subject=variant, by=by, at=at)
    return variant


@transaction.atomic
def restore_variant(*, variant: Variant, by: User | None, at: datetime) -> Variant:
    """Sell a retired variant again, and its product with it."""
    if variant.retired_at is not None:
        restore_product(product=variant.product, by=by, at=at)
        variant.retired_at = None
        variant.save(update_fields=["retired_at"])
        record("variant.restored", subject=variant, by=by, at=at)
    return variant


def locked(keys: Sequence[int]) -> dict[int, Variant]:
    """Lock variants by ascending key, so that two changes of what they are made of cannot cross."""
    rows = Variant.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    return {variant.pk: variant for variant in rows}


def check_empty(variant: Variant) -> None:
    """Raise StillInUse while units of a variant lie, move or are promised anywhere."""
    places = StockLevel.objects.filter(variant=variant).filter(SOME_STOCK).count()
    if places:
        raise StillInUse(
            _("%(sku)s still has stock in %(places)s places. Sell, move or adjust it first.")
            % {"sku": variant.sku, "places": places},
            sku=variant.sku,
            places=places,
        )
    if Reservation.objects.open().filter(variant=variant).exists():
        raise StillInUse(_("%(sku)s is still promised to a customer.") % {"sku": variant.sku}, sku=variant.sku)


@transaction.atomic
def add_gtin(*, variant: Variant, code: str, by: User | None, at: datetime) -> Gtin:
    """
    Give a variant a barcode number. One number means one variant, however many zeros stand before it.

    Raises InvalidValue when the check digit does not hold (GS1), CodeTaken.
    """
    gtin = Gtin(variant=variant, code=ean.compact(code))
    checked(gtin)
    taken = Gtin.objects.filter(code__in=spellings(gtin.code)).select_related("variant").first()
    if taken:
        raise CodeTaken(
            _("%(code)s already means %(sku)s.") % {"code": gtin.code, "sku": taken.variant.sku}, code=gtin.code
        )
    save_unique(gtin, gtin.code)
    record("variant.gtin_added", subject=variant, by=by, at=at, gtin=gtin.code)
    return gtin


def spellings(code: str) -> list[str]:
    """The same number as GTIN-8, -12, -13 and -14: leading zeros make no other number (GS1 General Specifications)."""
    bare = code.lstrip("0")
    return [bare.zfill(length) for length in (8, 12, 13, 14) if len(bare) <= length]


@transaction.atomic
def remove_gtin(*, gtin: Gtin, by: User | None, at: datetime) -> None:
    """Take a wrong number away, so that a scan of it finds nothing."""
    record("variant.gtin_removed", subject=gtin.variant, by=by, at=at, gtin=gtin.code)
    gtin.delete()


@transaction.atomic
def write_text(
    *,
    product: Product,
    language: str,
    name: str,
    by: User | None,
    at: datetime,
    description: str = "",
    care: str = "",
    return_note: str = "",
) -> ProductText | None:
    """Say what a product is in one language. All empty takes the words of that language away. Raises InvalidValue."""
    if language not in dict(settings.LANGUAGES):
        raise InvalidValue(_("Omni does not speak %(language)s.") % {"language": language}, language=language)
    words = {"name": name.strip(), "description": description.strip(), "care": care.strip(),
             "return_note": return_note.strip()}  # fmt: skip
    text = ProductText.objects.select_for_update().filter(product=product, language=language).first()
    text = text or ProductText(product=product, language=language)
    changed = changed_fields(text, words)
    if not changed:
        return text if text.pk else None
    record("product.text_changed", subject=product, by=by, at=at, language=language, fields=changed)
    if not any(words.values()):
        text.delete()
        return None
    save_unique(text, language)
    return text


@transaction.atomic
def set_size_chart(
    *, product: Product, columns: Sequence[str], rows: Sequence[Sequence[str]], by: User | None, at: datetime
) -> Product:
    """Write the table of sizes; each row has a cell per column. Empty: no chart. Raises InvalidValue."""
    columns, rows = [cell.strip() for cell in columns], [[cell.strip() for cell in row] for row in rows]
    most_columns, most_rows = LARGEST_CHART
    if len(columns) > most_columns or len(rows) > most_rows:
        raise InvalidValue(
            _("A size chart has at most %(columns)s columns and %(rows)s rows.")
            % {"columns": most_columns, "rows": most_rows}
        )
    if any(len(row) != len(columns) for row in rows) or bool(columns) != bool(rows):
        raise InvalidValue(_("Every row of a size chart has one cell for each column."))
    if any(len(cell) > LONGEST_CELL for row in [columns, *rows] for cell in row):
        raise InvalidValue(_("A cell of a size chart holds at most %(most)s characters.") % {"most": LONGEST_CELL})
    if changed_fields(product, {"size_chart": {"columns": columns, "rows": rows} if columns else {}}):
        product.save(update_fields=["size_chart"])
        record("product.size_chart_changed", subject=product, by=by, at=at, rows=len(rows))
    return product
