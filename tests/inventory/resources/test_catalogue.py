"""The catalogue from files: products, variants, barcodes, texts and categories; round trips and taking back."""

import pytest
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.models import Category, Gtin, Product, ProductText, Variant
from tests.factories.files import apply_file, check_file, csv_file, export_file, undo_file, wrong_cells
from tests.factories.inventory import make_product, make_stock, make_variant
from tests.factories.omni import make_staff

HEADER = ["sku", "product", "name", "category", "gtins", "options", "care:ms", "name:ms", "care", "size_chart"]
CHART = '{"columns": ["Size"], "rows": [["S"], ["M"]]}'
SHIRT = ["S1", "SHIRT", "Shirt", "Clothes > Shirts", "4006381333931", "size=S", "Cuci", "Baju", "Wash", CHART]


@pytest.fixture
def office(db):
    return make_staff("head_office")


def everything():
    """What the catalogue says, without keys, and without the places of siblings in the tree."""
    return {
        Category: sorted(Category.objects.values_list("code", "name", "depth", "numchild")),
        Product: sorted(Product.objects.values_list("code", "name", "brand", "category__code")),
        Variant: sorted(Variant.objects.values_list("sku", "product__code", "size", "is_stocked")),
        Gtin: sorted(Gtin.objects.values_list("code", "variant__sku")),
        ProductText: sorted(ProductText.objects.values_list("product__code", "language", "name", "care")),
    }, [(row.options, row.product.size_chart) for row in Variant.objects.order_by("sku")]


def test_a_row_makes_its_product_its_variant_its_texts_and_the_categories_above(office):
    done = apply_file(check_file("catalogue", csv_file(HEADER, [SHIRT]), by=office))

    assert done.counts["done"] == 1
    variant = Variant.objects.select_related("product__category").get(sku="S1")
    assert (variant.product.code, variant.product.name, variant.options) == ("SHIRT", "Shirt", {"size": "S"})
    assert variant.product.size_chart == {"columns": ["Size"], "rows": [["S"], ["M"]]}
    assert [node.name for node in variant.product.category.get_ancestors()] == ["Clothes"]
    assert [gtin.code for gtin in variant.gtins.all()] == ["4006381333931"]
    texts = variant.product.texts.order_by("language").values_list("language", "name", "care")
    assert list(texts) == [("en", "Shirt", "Wash"), ("ms", "Baju", "Cuci")]


def test_undoing_new_and_changed_rows_leaves_every_row_as_it_was(office):
    apply_file(check_file("catalogue", csv_file(HEADER, [SHIRT]), by=office))
    before = everything()
    changed = [*SHIRT]
    changed[2:5], changed[8] = ["Blouse", "Clothes > Blouses > Silk", ""], ""
    sister = ["S2", "SHIRT", "Blouse", "Clothes > Blouses > Silk", "96385074", "size=M", "Cuci", "Baju", "", CHART]
    other = ["X1", "OTHER", "Other", "New > Tree", "", "", "", "", "", ""]
    done = apply_file(check_file("catalogue", csv_file(HEADER, [changed, sister, other]), by=office))
    assert done.counts["done"] == 3
    assert Product.objects.get(code="SHIRT").name == "Blouse"

    undone = undo_file(done)

    assert (undone.state, undone.problem) == ("undone", {})
    assert everything() == before


def test_undo_is_refused_when_stock_stands_on_a_new_variant(office):
    done = apply_file(check_file("catalogue", csv_file(HEADER, [SHIRT]), by=office))
    make_stock(variant=Variant.objects.get(), on_hand=1)

    assert undo_file(done).problem == {"code": "later_moves", "rows": "2"}
    assert Variant.objects.count() == 1


def test_undo_is_refused_when_somebody_changed_the_row_since(office):
    done = apply_file(check_file("catalogue", csv_file(HEADER, [SHIRT]), by=office))
    apply_file(check_file("catalogue", csv_file(["sku", "name"], [["S1", "Renamed"]]), by=office))

    assert undo_file(done).state == "applied"
    assert Product.objects.get().name == "Renamed"


def test_what_is_wrong_is_named_and_what_a_file_does_not_say_stays(office):
    make_variant("OLD", product=make_product("P", brand="Kept"))
    taken = make_variant("TAKEN")
    Gtin.objects.create(variant=taken, code="96385074")
    rows = [
        (["A", "P1", "One", "", "4006381333932", "", "", "", "", ""], {"gtins": "not_a_gtin"}),
        (["B", "P2", "Two", "", "96385074", "", "", "", "", ""], {"gtins": "taken"}),
        (["C", "P3", "", "", "", "", "", "", "", ""], {"name": "blank"}),
        (["D", "P4", "Four", "A > > B", "", "", "", "", "", ""], {"category": "not_a_path"}),
        (["E", "P5", "Five", "", "", "red", "", "", "", ""], {"options": "not_options"}),
        (["F", "P6", "Six", "", "", "", "Cuci", "", "", ""], {"name:ms": "text_without_name"}),
        (["G", "P7", "Seven", "", "", "", "", "", "", '{"rows": 1}'], {"size_chart": "not_a_size_chart"}),
        (["OLD", "Q", "Product P", "", "", "", "", "", "", ""], {"product": "other_product"}),
        (["H", "P8", "Eight", "", "", "", "", "", "", ""], None),
        (["I", "P8", "Acht", "", "", "", "", "", "", ""], {"name": "differs_from"}),
        (["J", "P9", "x" * 161, "", "", "", "", "", "", ""], {"name": "too_long"}),
    ]

    found = wrong_cells(check_file("catalogue", csv_file(HEADER, [row for row, _why in rows]), by=office))

    assert found == {number: why for number, (_row, why) in enumerate(rows, start=2) if why}
    apply_file(check_file("catalogue", csv_file(["sku", "name"], [["OLD", "Renamed"]]), by=office))
    assert model_to_dict(Product.objects.get(code="P"), ["name", "brand"]) == {"name": "Renamed", "brand": "Kept"}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=20)
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"], include_characters="\n"), max_size=30
)


class RoundTrip(TestCase):
    @given(
        names=st.lists(WORDS, min_size=1, max_size=4, unique_by=lambda name: name.strip()),
        care=LINES,
        options=st.dictionaries(WORDS, WORDS, max_size=3),
        category=st.lists(WORDS.filter(str.strip), max_size=3),
        form=st.sampled_from(["csv", "xlsx"]),
    )
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def test_whatever_the_catalogue_holds_an_export_imports_unchanged(self, names, care, options, category, form):
        office = make_staff("head_office")
        node = None
        for depth, name in enumerate(category):
            values = {"code": f"{Category.objects.count()}-{depth}", "name": name.strip()}
            node = node.add_child(**values) if node else Category.add_root(**values)
        kept = [name for name in names if name.strip()]
        for number, name in enumerate(kept):
            product = make_product(f"P{number}", name=name, brand=name[:5], category=node)
            ProductText.objects.create(product=product, language="zh-hans", name=name, care=care)
            make_variant(name.strip(), product=product, options=options, size=name[:3])

        sent = check_file("catalogue", export_file("catalogue", by=office, form=form), by=office)

        if kept:
            problems = list(sent.rows.exclude(verdict="same").values_list("errors", "before", "values"))
            assert (sent.problem, problems) == ({}, [])
            assert sent.counts["same"] == len(kept)
