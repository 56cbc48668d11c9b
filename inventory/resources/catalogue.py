"""The catalogue in files: one row for each SKU; what is said about the product stands in each of its rows."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Product, Variant
from inventory.queries.catalogue import categories_under, category_paths
from inventory.resources import catalogue_cells as cells
from inventory.services.imports import catalogue
from omni.importing.columns import Column, lines, text, yes_or_no
from omni.importing.resource import NEW, SAME, WRONG, Mapping, Row, StagedResource, shown_before
from omni.models import ChangeRow, ChangeSet

HOME = settings.LANGUAGE_CODE
ABROAD = [code for code, _name in settings.LANGUAGES if code != HOME]
TEXTS = ("description", "care", "return_note")


def about_product(name: str, reader: Any, words: Any, **more: Any) -> Column:
    return Column(name, reader, words, group="product", **more)


def text_columns() -> list[Column]:
    """The words of a product: in the language of the catalogue without a mark, in the others with it."""
    words = {
        "name": _("Name of the product in this language."),
        "description": _("What it is."),
        "care": _("How to look after it."),
        "return_note": _("What to know before sending it back."),
    }
    home = [about_product(name, lines(4000), words[name]) for name in TEXTS]
    abroad = [about_product(f"{name}:{code}", text(160) if name == "name" else lines(4000), words[name])
              for code in ABROAD for name in words]  # fmt: skip
    return home + abroad


class CatalogueResource(StagedResource):
    """
    Products and their variants. Rows of one product agree on its name, category and texts.

    Categories that are not there yet are made. A variant never moves to another product.
    """

    kind = "catalogue"
    title = _("Catalogue")
    about = _("Products and variants: names, categories, barcodes, options, and texts in every language.")
    right = "inventory.change_variant"
    icon = "package"
    key = ("sku",)
    filters = ("category",)
    chunk = 1000
    columns = [
        Column("sku", text(60), _("The code of the variant; never changes."), example="TEA-GREEN-100", needed=True),
        Column("product", text(60), _("The code of the product."), example="TEA-GREEN", filled=True),
        about_product("name", text(160), _("Name of the product."), example="Green tea", filled=True),
        about_product("brand", text(80), _("Brand."), example="Leaf & Co"),
        about_product("category", cells.category, _("Path with > between."), example="Drinks > Tea > Green tea"),
        Column("size", text(60), _("As printed on the package."), example="100 g"),
        Column("gtins", cells.gtins, _("Barcode numbers, spaces between."), example="4006381333931"),
        Column("options", cells.options, _("What tells it from its sisters."), example="blend=sencha"),
        Column("stocked", yes_or_no, _("yes, unless it is not counted in units."), example="yes", blank=True),
        about_product("size_chart", cells.size_chart, _("JSON: columns and rows.")),
        *text_columns(),
        Column("origin", text(8), _("real, assumed or made_up."), readonly=True),
    ]
    sentences = {
        "not_a_gtin": _("“%(value)s” is not a GTIN: its check digit does not hold."),
        "taken": _("The GTIN %(value)s belongs to %(sku)s."),
        "not_a_path": _("“%(value)s” is not a category path such as Drinks > Tea."),
        "not_options": _("“%(value)s” is not a list of options such as colour=red; size=M."),
        "not_a_size_chart": _("A size chart is JSON with columns and rows, every row as wide as the columns."),
        "new_without_product": _("A new SKU needs the columns product and name."),
        "new_without_name": _("A new product needs a name."),
        "other_product": _("This SKU belongs to the product %(product)s, and stays there."),
        "text_without_name": _("A text in this language needs the name in it, too: %(heading)s."),
    }

    def begin(self, mapping: Mapping) -> None:
        self.paths = category_paths()
        self.known_paths = set(self.paths.values())
        self.gtins: dict[str, str] = {}

    def resolve(self, rows: list[Row]) -> None:
        taken = self.taken_gtins(rows)
        for row in rows:
            for code in row.values.get("gtins", "").split():
                owner = taken.get(code) or self.gtins.setdefault(code, row.values["sku"])
                if owner != row.values["sku"]:
                    row.wrong("gtins", "taken", value=code, sku=owner)
            self.check_texts(row)

    def taken_gtins(self, rows: list[Row]) -> dict[str, str]:
        codes = {code for row in rows for code in row.values.get("gtins", "").split()}
        found = Variant.objects.visible_to(self.by).filter(gtins__code__in=codes)
        return dict(found.values_list("gtins__code", "sku"))

    def check_texts(self, row: Row) -> None:
        for language in ABROAD:
            said = [name for name in TEXTS if row.values.get(f"{name}:{language}")]
            column = f"name:{language}"
            if said and row.values.get(column) == "":
                row.wrong(column, "text_without_name", heading=column)

    def current(self, rows: Sequence[Row | ChangeRow]) -> dict[tuple, dict[str, Any]]:
        if not hasattr(self, "paths"):
            self.paths = category_paths()
        skus = [row.values["sku"] for row in rows]
        found = self.read(Variant.objects.visible_to(self.by).filter(sku__in=skus))
        return {(values["sku"],): values for values in found}

    def review(self, rows: list[Row], there: dict[tuple, dict[str, Any]]) -> None:
        """Check what only new rows need, and what a new variant would change about its product."""
        fresh = [row for row in rows if row.verdict == NEW]
        codes = {row.values["product"] for row in fresh if "product" in row.values}
        products = {product.code: product for product in self.products(codes)}
        for row in rows:
            if row.verdict == NEW:
                self.review_new(row, products)
            elif row.verdict != SAME and "product" in row.before:
                row.wrong("product", "other_product", product=row.before["product"])
            if row.verdict not in (SAME, WRONG) and (made := self.new_categories(row)):
                row.before["*categories"] = made

    def new_categories(self, row: Row) -> list[str]:
        """The part of a row's category path that will have to be made."""
        path = cells.category_path(row.values.get("category", ""))
        above = [path[:depth] for depth in range(1, len(path) + 1)]
        return [cells.category_text(node) for node in above if node not in self.known_paths]

    def products(self, codes: set[str]) -> Any:
        wanted = Product.objects.visible_to(self.by).filter(code__in=codes)
        return wanted.select_related("category").prefetch_related("texts")

    def review_new(self, row: Row, products: dict[str, Product]) -> None:
        if "product" not in row.values:
            row.wrong("sku", "new_without_product")
        elif row.values["product"] in products:
            now = self.product_values(products[row.values["product"]])
            row.before = {name: now[name] for name in now if row.values.get(name, now[name]) != now[name]}
        elif "name" not in row.values:
            row.wrong("product", "new_without_name")
        else:
            row.before = {"*product": "new"}

    def product_values(self, product: Product) -> dict[str, Any]:
        """What a file says about a product, as cells read it."""
        values = {
            "product": product.code.strip(), "name": product.name.strip(), "brand": product.brand.strip(),
            "category": cells.category_text(self.paths.get(product.category_id or 0, ())),
            "size_chart": cells.written(product.size_chart),
        }  # fmt: skip
        texts = {words.language: words for words in product.texts.all()}
        for column in self.columns:
            name, _mark, language = column.name.partition(":")
            if language or name in TEXTS:
                words = texts.get(language or HOME)
                values[column.name] = getattr(words, name).replace("\r\n", "\n").strip() if words else ""
        return values

    def read(self, variants: Any) -> Iterator[dict[str, Any]]:
        found = variants.select_related("product").prefetch_related("gtins", "product__texts").order_by("sku")
        for variant in found.iterator(1000):
            yield {
                "sku": variant.sku,
                **self.product_values(variant.product),
                "size": variant.size.strip(),
                "gtins": " ".join(sorted(gtin.code for gtin in variant.gtins.all())),
                "options": cells.options_text(variant.options),
                "stocked": variant.is_stocked,
                "origin": variant.product.origin,
            }

    def wanted(self, chosen: dict[str, str]) -> QuerySet:
        variants = Variant.objects.visible_to(self.by).open()
        if chosen.get("category"):
            variants = variants.filter(product__category__in=categories_under(chosen["category"]))
        return variants

    def records(self, chosen: dict[str, str]) -> Iterator[dict[str, Any]]:
        self.paths = category_paths()
        yield from self.read(self.wanted(chosen))

    def put(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> None:
        catalogue.merge(rows=[self.parsed(row.values) for row in rows], at=recorded)

    def put_back(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> list[int]:
        made = {row.values["sku"]: row.number for row in rows if row.verdict == NEW}
        used = catalogue.remove_variants(skus=list(made))
        if used:
            return sorted(made[sku] for sku in used)
        back = [self.parsed({**self.named(row), **shown_before(row)}) for row in rows if shown_before(row)]
        catalogue.merge(rows=back, at=recorded)
        catalogue.remove_products(codes={row.values["product"] for row in rows if "*product" in row.before})
        made_paths = {name for row in rows for name in row.before.get("*categories", [])}
        catalogue.remove_categories(paths={cells.category_path(name) for name in made_paths})
        return []

    def named(self, row: ChangeRow) -> dict[str, Any]:
        """What says which variant or product a row is about: a variant that was made is gone by then."""
        if row.verdict == NEW:
            return {"product": row.values["product"]}
        return {"sku": row.values["sku"]}

    def parsed(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of a row as the service takes them: paths, lists and objects instead of text."""
        readers: dict[str, Callable[[str], Any]] = {
            "category": cells.category_path, "gtins": str.split, "options": cells.options_of,
            "size_chart": cells.chart_of,
        }  # fmt: skip
        return {name: readers[name](value) if name in readers else value for name, value in values.items()}
