"""Products, variants, barcodes, texts and categories from files."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from inventory.models import Category, Gtin, Product, ProductText, Variant
from inventory.queries.catalogue import Path, category_paths
from omni.importing.dependents import in_use

BATCH = 500
TEXT_FIELDS = ("name", "description", "care", "return_note")


@transaction.atomic
def merge(*, rows: Sequence[dict[str, Any]], at: datetime) -> None:
    """
    Make or change products and variants; what a row does not name stays as it is.

    A row names a variant by ``sku``, or a product alone by ``product``. ``category`` is a path of names, ``gtins`` a
    list, ``options`` and ``size_chart`` are objects; texts are ``care`` or, in another language, ``care:ms``.
    """
    variants = {found.sku: found for found in Variant.objects.filter(sku__in=[row.get("sku", "") for row in rows])}
    products = merge_products(rows, variants)
    merge_variants(rows, variants, products)
    merge_gtins([row for row in rows if "gtins" in row], variants)
    merge_texts(rows, variants, products)


def product_of(row: dict[str, Any], variants: dict[str, Variant], products: dict[str, Product]) -> Product:
    return products[row["product"]] if "product" in row else variants[row["sku"]].product


def merge_products(rows: Sequence[dict[str, Any]], variants: dict[str, Variant]) -> dict[str, Product]:
    """The products of these rows by code, changed as the rows say; what is missing is made."""
    codes = {row["product"] for row in rows if "product" in row}
    keys = {variant.product_id for variant in variants.values()}
    known = [*Product.objects.filter(code__in=codes), *Product.objects.filter(pk__in=keys)]
    products = {product.code: product for product in known}
    by_key = {product.pk: product for product in products.values()}
    for variant in variants.values():
        variant.product = by_key[variant.product_id]
    categories = make_categories({row["category"] for row in rows if row.get("category")})
    fresh = {code: Product(code=code) for code in codes - set(products)}
    products |= fresh
    for row in rows:
        change_product(product_of(row, variants, products), row, categories)
    Product.objects.bulk_create(fresh.values(), batch_size=BATCH)
    changed = [product for code, product in products.items() if code not in fresh]
    Product.objects.bulk_update(changed, ["name", "brand", "category", "size_chart"], batch_size=BATCH)
    return products


def change_product(product: Product, row: dict[str, Any], categories: dict[Path, int]) -> None:
    for name in ("name", "brand", "size_chart"):
        if name in row:
            setattr(product, name, row[name])
    if "category" in row:
        product.category_id = categories[row["category"]] if row["category"] else None


def merge_variants(rows: Sequence[dict[str, Any]], variants: dict[str, Variant], products: dict[str, Product]) -> None:
    fresh: list[Variant] = []
    for row in rows:
        if "sku" not in row:
            continue
        if row["sku"] not in variants:
            variants[row["sku"]] = Variant(sku=row["sku"], product=products[row["product"]])
            fresh.append(variants[row["sku"]])
        variant = variants[row["sku"]]
        variant.size = row.get("size", variant.size)
        variant.options = row.get("options", variant.options)
        variant.is_stocked = row.get("stocked", variant.is_stocked)
    Variant.objects.bulk_create(fresh, batch_size=BATCH)
    made = {variant.sku for variant in fresh}
    changed = [variant for sku, variant in variants.items() if sku not in made]
    Variant.objects.bulk_update(changed, ["size", "options", "is_stocked"], batch_size=BATCH)


def merge_gtins(rows: Sequence[dict[str, Any]], variants: dict[str, Variant]) -> None:
    """Give each variant exactly these barcodes; numbers move between rows of one call without getting in the way."""
    wanted = {(variants[row["sku"]].pk, code) for row in rows for code in row["gtins"]}
    found = Gtin.objects.filter(variant__in=[variants[row["sku"]].pk for row in rows])
    there = {(gtin.variant_id, gtin.code): gtin.pk for gtin in found}
    Gtin.objects.filter(pk__in=[pk for place, pk in there.items() if place not in wanted]).delete()
    fresh = [Gtin(variant_id=variant, code=code) for variant, code in sorted(wanted - set(there))]
    Gtin.objects.bulk_create(fresh, batch_size=BATCH)


def merge_texts(rows: Sequence[dict[str, Any]], variants: dict[str, Variant], products: dict[str, Product]) -> None:
    """Write the words of each language; a language in which nothing is said has no row."""
    said: dict[tuple[int, str], dict[str, str]] = {}
    for row in rows:
        product = product_of(row, variants, products)
        if "name" in row:  # the text in the home language bears the product's own name
            said.setdefault((product.pk, settings.LANGUAGE_CODE), {})
        for column, value in row.items():
            name, _mark, language = column.partition(":")
            if name in TEXT_FIELDS and (language or name != "name"):
                said.setdefault((product.pk, language or settings.LANGUAGE_CODE), {})[name] = value
    found = ProductText.objects.filter(product__in={key for key, _language in said})
    texts = {(text.product_id, text.language): text for text in found}
    names = {product.pk: product.name for product in products.values()}
    names |= {variant.product_id: variant.product.name for variant in variants.values()}
    for (key, language), words in said.items():
        text = texts.get((key, language)) or ProductText(product_id=key, language=language)
        if language == settings.LANGUAGE_CODE:
            text.name = names[key]
        write_text(text, words)


def write_text(text: ProductText, words: dict[str, str]) -> None:
    before = [getattr(text, name) for name in TEXT_FIELDS]
    for name, value in words.items():
        setattr(text, name, value)
    own_name = text.name if text.language != settings.LANGUAGE_CODE else ""
    if not any((own_name, text.description, text.care, text.return_note)):
        if text.pk:
            text.delete()
    elif not text.pk or before != [getattr(text, name) for name in TEXT_FIELDS]:
        text.save()


def make_categories(paths: Iterable[Path]) -> dict[Path, int]:
    """The keys of these paths; what is missing is made, from the root down."""
    known = {path: key for key, path in category_paths().items()}
    for path in sorted(paths):
        for depth in range(1, len(path) + 1):
            if path[:depth] not in known:
                known[path[:depth]] = make_category(path[:depth], known)
    return known


def make_category(path: Path, known: dict[Path, int]) -> int:
    code = "/".join(slugify(name.replace("/", " ")) or "other" for name in path)[:110]
    taken = Category.objects.filter(code__startswith=code).count()
    words = {"code": f"{code}-{taken + 1}" if Category.objects.filter(code=code).exists() else code, "name": path[-1]}
    if len(path) == 1:
        return Category.add_root(**words).pk
    return Category.objects.get(pk=known[path[:-1]]).add_child(**words).pk


@transaction.atomic
def remove_variants(*, skus: Sequence[str]) -> set[str]:
    """Delete variants that an import made. Returns the SKUs that something stands on; then nothing was deleted."""
    keys = dict(Variant.objects.filter(sku__in=skus).values_list("pk", "sku"))
    used = in_use(Variant, set(keys), apart_from=[Gtin])
    if not used:
        Variant.objects.filter(pk__in=keys).delete()
    return {keys[key] for key in used}


def remove_products(*, codes: set[str]) -> None:
    """Delete products that an import made, unless they have variants."""
    Product.objects.filter(code__in=codes, variants=None).delete()


def remove_categories(*, paths: set[Path]) -> None:
    """Delete categories that an import made and that are empty, from the leaves up."""
    known = {path: key for key, path in category_paths().items()}
    for path in sorted(paths & set(known), key=len, reverse=True):
        category = Category.objects.filter(pk=known[path], products=None, numchild=0).first()
        if category and not in_use(Category, {category.pk}):
            category.delete()
