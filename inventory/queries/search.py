"""What the search box and the scan box find in inventory."""

from django.db.models import F
from django.utils.translation import gettext as _

from inventory.models import Transfer, Variant
from omni.models import Location, User
from omni.search import Hit


def variant_hit(variant: Variant, location: Location | None = None) -> Hit:
    told = " · ".join(part for part in (variant.sku, variant.product.brand, variant.size) if part)
    store = f"store={location.code}" if location else ""
    return Hit(variant.product.name, _("Products"), "stock_item", (variant.public_id,), store, told, "boxes")


def search(staff: User, text: str, *, limit: int) -> list[Hit]:
    """Products by SKU, barcode or words; of those that share a name, the fastest sellers first."""
    if not staff.has_perm("inventory.view_stocklevel"):
        return []
    found = Variant.objects.visible_to(staff).open().matching(text).select_related("product", "pace")
    fastest = found.order_by(F("pace__sold_28d").desc(nulls_last=True), "sku")
    return [variant_hit(variant) for variant in fastest[:limit]]


def read_code(staff: User, code: str, *, location: Location | None) -> Hit | None:
    """What exactly this code names: a barcode, a SKU, or a transfer to or from one's own places."""
    variants = Variant.objects.visible_to(staff).select_related("product")
    variant = variants.filter(gtins__code=code).first() or variants.filter(sku=code).first()
    if variant:
        return variant_hit(variant, location)
    transfer = Transfer.objects.visible_to(staff).filter(public_id=code.upper()).first()
    if transfer:
        return Hit(str(transfer), _("Transfers"), "transfer", (transfer.public_id,), icon="arrow-left-right")
    return None
