"""The catalogue: the list of products, and the pages on which one is edited, a tab each."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.filters.catalogue import ProductFilters
from inventory.forms.catalogue import (
    CareForm,
    ChartForm,
    NewProductForm,
    ProductForm,
    WordsForm,
    of_chart,
)
from inventory.models import Product, Variant
from inventory.services import catalogue
from inventory.tables.catalogue import ProductTable
from inventory.views.answers import back, carried_out
from omni.access import StaffRequest, staff_view
from omni.listing import Empty, ListPage, Quick

CHANGE = "inventory.change_variant"
PRODUCTS = ListPage(
    url_name="catalogue",
    title=_("Catalogue"),
    table=ProductTable,
    filters=ProductFilters,
    order="product",
    search=("variants__sku__iexact", "variants__gtins__code", "name__icontains", "brand__icontains", "code__iexact"),
    search_hint=_("Name, brand, SKU or barcode"),
    quick=(
        Quick(_("Without words"), {"lacks": "words"}),
        Quick(_("Without pictures"), {"lacks": "pictures"}),
        Quick(_("Without barcode"), {"lacks": "gtin"}),
        Quick(_("Retired"), {"retired": "true"}),
    ),
    hidden=("maker",),
    empty=Empty(_("There are no products yet."), _("Import a file"), "imports"),
    template="inventory/catalogue/list.html",
)


@staff_view("inventory.view_variant")
def product_list(request: StaffRequest) -> HttpResponseBase:
    rows = Product.objects.visible_to(request.user).select_related("category").distinct()
    return PRODUCTS.answer(request, rows)


@staff_view(CHANGE, methods=["GET", "POST"])
def product_add(request: StaffRequest) -> HttpResponse:
    form = NewProductForm(request.POST or None)
    if request.method == "POST" and carried_out(form, lambda: add(request, form)):
        messages.success(request, _("Added. Now say what it is, and what it looks like."))
        product = Product.objects.visible_to(request.user).get(variants__sku=form.cleaned_data["sku"].strip())
        return redirect("product_edit", product.public_id)
    return render(request, "inventory/catalogue/add.html", {"form": form}, status=422 if form.errors else 200)


def add(request: StaffRequest, form: NewProductForm) -> None:
    values = dict(form.cleaned_data)
    first = {"sku": values.pop("sku"), "size": values.pop("size")}
    catalogue.add_product(first=first, by=request.user, at=timezone.now(), **values)


@staff_view(CHANGE, methods=["GET", "POST"])
def product_edit(request: StaffRequest, public_id: str) -> HttpResponse:
    """The first tab: what a product is called and where it stands."""
    product = product_of(request, public_id)
    shown = {name: getattr(product, name) for name in ("name", "brand", "maker", "category")}
    form = ProductForm(request.POST or None, initial=shown)
    if request.method == "POST" and carried_out(
        form,
        lambda: catalogue.update_product(product=product, by=request.user, at=timezone.now(), **form.cleaned_data),
    ):
        return saved(request, "product_edit", product)
    return tab(request, "facts", product, form=form)


@staff_view(CHANGE, methods=["POST"])
def product_retire(request: StaffRequest, public_id: str) -> HttpResponse:
    product = product_of(request, public_id)
    return back(
        request,
        lambda: catalogue.retire_product(product=product, by=request.user, at=timezone.now()),
        _("Retired. Its ledger stays."),
        "product_edit",
        public_id,
    )


@staff_view(CHANGE, methods=["POST"])
def product_restore(request: StaffRequest, public_id: str) -> HttpResponse:
    product = product_of(request, public_id)
    return back(
        request,
        lambda: catalogue.restore_product(product=product, by=request.user, at=timezone.now()),
        _("It is sold again. Bring its variants back one by one."),
        "product_edit",
        public_id,
    )


@staff_view(CHANGE, methods=["GET", "POST"])
def product_words(request: StaffRequest, public_id: str, language: str) -> HttpResponse:
    """Name and description in one language."""
    return words_tab(request, public_id, language, WordsForm, "words")


@staff_view(CHANGE, methods=["GET", "POST"])
def product_care(request: StaffRequest, public_id: str, language: str) -> HttpResponse:
    """Care and returns in one language."""
    return words_tab(request, public_id, language, CareForm, "care")


def words_tab(request: StaffRequest, public_id: str, language: str, form_class: type, name: str) -> HttpResponse:
    product = product_of(request, public_id)
    text = product.texts.filter(language=language).first()
    now = {field: getattr(text, field, "") for field in ("name", "description", "care", "return_note")}
    form = form_class(request.POST or None, initial=now)
    if request.method == "POST" and carried_out(form, lambda: write(request, product, language, now, form)):
        return saved(request, f"product_{name}", product, language)
    written = set(product.texts.values_list("language", flat=True))
    return tab(
        request, name, product, form=form, written_in=language, told=languages(written), url_name=f"product_{name}"
    )


def write(request: StaffRequest, product: Product, language: str, now: dict, form) -> None:
    values = {**now, **form.cleaned_data}
    if any(values.values()) and not values["name"]:
        values["name"] = product.name
    catalogue.write_text(product=product, language=language, by=request.user, at=timezone.now(), **values)


def languages(written: Iterable[str]) -> list[dict]:
    """The languages of the catalogue, and which of them have words."""
    return [{"code": code, "name": name, "has": code in written} for code, name in settings.LANGUAGES]


@staff_view(CHANGE, methods=["GET", "POST"])
def product_chart(request: StaffRequest, public_id: str) -> HttpResponse:
    product = product_of(request, public_id)
    form = ChartForm(request.POST or None, initial={"table": of_chart(product.size_chart)})
    if request.method == "POST" and carried_out(form, lambda: chart(request, product, form.rows())):
        return saved(request, "product_chart", product)
    return tab(request, "chart", product, form=form)


def chart(request: StaffRequest, product: Product, rows: list[list[str]]) -> None:
    columns = rows[0] if rows else []
    catalogue.set_size_chart(product=product, columns=columns, rows=rows[1:], by=request.user, at=timezone.now())


@staff_view("inventory.view_variant")
def variant_options(request: StaffRequest) -> HttpResponse:
    """Suggestions while somebody types: the variants that these words may mean."""
    words = str(next(iter(request.GET.values()), ""))
    rows = Variant.objects.visible_to(request.user).open().matching(words).select_related("product")[:12]
    return render(request, "inventory/catalogue/_variant_options.html", {"variants": rows if words.strip() else []})


def product_of(request: StaffRequest, public_id: str) -> Product:
    return get_object_or_404(Product.objects.visible_to(request.user).select_related("category"), public_id=public_id)


def tab(request: StaffRequest, name: str, product: Product, *, form=None, status: int = 0, **context) -> HttpResponse:
    """One tab of a product's page; 422 when its form was refused."""
    context |= {"product": product, "form": form, "tab": name, "first": product.variants.first()}
    refused = bool(form is not None and form.errors)
    return render(request, f"inventory/catalogue/{name}.html", context, status=status or (422 if refused else 200))


def saved(request: StaffRequest, to: str, product: Product, *args: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(to, product.public_id, *args)
