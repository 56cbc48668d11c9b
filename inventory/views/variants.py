"""The tabs of a product about its variants: codes, and what a kit is made of."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.forms.catalogue import GtinForm, KitForm, VariantForm, of_variant
from inventory.models import Product, Variant
from inventory.services import catalogue, kits
from inventory.views.answers import back, carried_out
from inventory.views.catalogue import CHANGE, product_of, saved, tab
from omni.access import StaffRequest, staff_view


@staff_view(CHANGE, methods=["GET", "POST"])
def product_variants(request: StaffRequest, public_id: str) -> HttpResponse:
    """The variants of a product with their codes; and one more."""
    product = product_of(request, public_id)
    form = VariantForm(request.POST or None)
    if request.method == "POST" and carried_out(
        form,
        lambda: catalogue.create_variant(product=product, by=request.user, at=timezone.now(), **form.cleaned_data),
    ):
        return saved(request, "product_variants", product)
    return tab(request, "variants", product, form=form, variants=with_codes(product))


@staff_view(CHANGE, methods=["GET", "POST"])
def variant_edit(request: StaffRequest, public_id: str) -> HttpResponse:
    variant = variant_of(request, public_id)
    form = VariantForm(request.POST or None, initial=of_variant(variant))
    if request.method == "POST" and carried_out(
        form,
        lambda: catalogue.update_variant(variant=variant, by=request.user, at=timezone.now(), **form.cleaned_data),
    ):
        return saved(request, "product_variants", variant.product)
    return tab(request, "variants", variant.product, form=form, variants=with_codes(variant.product), variant=variant)


def with_codes(product: Product):
    return product.variants.prefetch_related("gtins", "components")


@staff_view(CHANGE, methods=["POST"])
def variant_retire(request: StaffRequest, public_id: str) -> HttpResponse:
    variant = variant_of(request, public_id)
    return back(
        request,
        lambda: catalogue.retire_variant(variant=variant, by=request.user, at=timezone.now()),
        _("Retired. Its ledger stays."),
        "product_variants",
        variant.product.public_id,
    )


@staff_view(CHANGE, methods=["POST"])
def variant_restore(request: StaffRequest, public_id: str) -> HttpResponse:
    variant = variant_of(request, public_id)
    return back(
        request,
        lambda: catalogue.restore_variant(variant=variant, by=request.user, at=timezone.now()),
        _("It is sold again."),
        "product_variants",
        variant.product.public_id,
    )


@staff_view(CHANGE, methods=["GET", "POST"])
def gtin_add(request: StaffRequest, public_id: str) -> HttpResponse:
    """Give a variant a barcode number."""
    variant = variant_of(request, public_id)
    form = GtinForm(request.POST or None)
    if request.method == "POST" and carried_out(
        form,
        lambda: catalogue.add_gtin(variant=variant, by=request.user, at=timezone.now(), **form.cleaned_data),
    ):
        return saved(request, "product_variants", variant.product)
    return tab(request, "gtin", variant.product, form=form, variant=variant)


@staff_view(CHANGE, methods=["POST"])
def gtin_remove(request: StaffRequest, public_id: str) -> HttpResponse:
    variant = variant_of(request, public_id)
    gtin = get_object_or_404(variant.gtins, code=request.POST.get("code", ""))
    return back(
        request,
        lambda: catalogue.remove_gtin(gtin=gtin, by=request.user, at=timezone.now()),
        _("Taken away: a scan of it finds nothing now."),
        "product_variants",
        variant.product.public_id,
    )


@staff_view(CHANGE)
def product_kit(request: StaffRequest, public_id: str) -> HttpResponse:
    """The kit tab of a product: of its first variant."""
    product = product_of(request, public_id)
    first = product.variants.first()
    return redirect("variant_kit", first.public_id) if first else redirect("product_variants", public_id)


@staff_view(CHANGE, methods=["GET", "POST"])
def variant_kit(request: StaffRequest, public_id: str) -> HttpResponse:
    """What one unit of a variant is made of."""
    variant = variant_of(request, public_id)
    components = variant.components.select_related("component__product").order_by("component__sku")
    form = KitForm(request.POST or None, components=components)
    if request.method == "POST" and carried_out(form, lambda: compose(request, variant, form)):
        return saved_kit(request, variant)
    siblings = variant.product.variants.all()
    used_in = variant.used_in.select_related("kit__product")
    return tab(request, "kit", variant.product, form=form, variant=variant, siblings=siblings, used_in=used_in)


def compose(request: StaffRequest, variant: Variant, form: KitForm) -> None:
    parts = [kits.Part(component, units) for component, units in form.wanted()]
    kits.set_kit(kit=variant, parts=parts, by=request.user, at=timezone.now())


def saved_kit(request: StaffRequest, variant: Variant) -> HttpResponse:
    saved(request, "product_kit", variant.product)
    return redirect("variant_kit", variant.public_id)


def variant_of(request: StaffRequest, public_id: str) -> Variant:
    found = Variant.objects.visible_to(request.user).select_related("product__category")
    return get_object_or_404(found, public_id=public_id)
