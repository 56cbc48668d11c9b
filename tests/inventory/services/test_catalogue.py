"""Products, variants, numbers, words and kits."""

import pytest

from inventory.models import Gtin, KitComponent, Product, ProductText, Variant
from inventory.services import catalogue, kits, stock
from inventory.services.catalogue import CodeTaken, InvalidValue, StillInUse
from inventory.services.kits import KitRefused, Part
from omni.models import Activity
from tests.factories.inventory import (
    make_kit,
    make_listing,
    make_location,
    make_product,
    make_reservation,
    make_stock,
    make_variant,
)
from tests.factories.omni import NOON

pytestmark = pytest.mark.django_db
SAID = {"by": None, "at": NOON}
MILK = "4006381333931"


def changed(variant, **values):
    return {
        "variant": variant, "sku": variant.sku, "options": variant.options, "size": variant.size,
        "is_stocked": variant.is_stocked, "plausible_units": variant.plausible_units, **SAID, **values,
    }  # fmt: skip


def test_a_product_is_added_with_a_variant_and_the_news_names_nobody():
    product = catalogue.create_product(name=" Oat milk ", **SAID)
    variant = catalogue.create_variant(product=product, sku=" OAT-1 ", options={"flavour": "plain"}, **SAID)

    assert (product.name, variant.sku) == ("Oat milk", "OAT-1")
    assert [news.verb for news in Activity.objects.order_by("pk")] == ["product.created", "variant.created"]
    assert "Oat" not in str([news.data for news in Activity.objects.all()])


def test_a_code_that_is_taken_is_refused_and_changes_nothing():
    make_variant("A1")

    with pytest.raises(CodeTaken, match="A1"):
        catalogue.create_variant(product=make_product(), sku="A1", **SAID)
    assert Variant.objects.count() == 1
    assert not Activity.objects.exists()


def test_a_name_that_is_empty_or_too_long_is_refused():
    for name in ("", "   ", "x" * 161):
        with pytest.raises(InvalidValue):
            catalogue.create_product(name=name, **SAID)
    assert not Product.objects.exists()


def test_what_did_not_change_is_no_news():
    product = make_product(name="Oats", brand="B")

    catalogue.update_product(product=product, name="Oats", brand="B", maker="", category=None, **SAID)

    assert not Activity.objects.exists()


def test_a_sku_stays_once_its_stock_has_moved():
    level = make_stock(on_hand=3)

    with pytest.raises(StillInUse):
        catalogue.update_variant(**changed(level.variant, sku="OTHER"))
    catalogue.update_variant(**changed(level.variant, size="1 l"))
    level.variant.refresh_from_db()
    assert level.variant.size == "1 l"
    assert level.variant.sku != "OTHER"


def test_a_variant_with_stock_can_neither_be_retired_nor_stop_being_counted():
    level = make_stock(on_hand=3)

    with pytest.raises(StillInUse, match="1 places"):
        catalogue.retire_variant(variant=level.variant, **SAID)
    with pytest.raises(StillInUse):
        catalogue.update_variant(**changed(level.variant, is_stocked=False))
    level.variant.refresh_from_db()
    assert (level.variant.retired_at, level.variant.is_stocked) == (None, True)


def test_a_promised_variant_is_not_retired():
    level = make_stock(on_hand=1)
    make_reservation(variant=level.variant, location=None)
    gone = {"variant": level.variant, "location": level.location, "change": -1, "reason": "lost"}
    stock.adjust(**gone, source="test", external_id="1", **SAID)

    with pytest.raises(StillInUse, match="promised"):
        catalogue.retire_variant(variant=level.variant, **SAID)


def test_retiring_a_product_retires_its_variants_and_each_comes_back_with_it():
    variant = make_variant()

    catalogue.retire_product(product=variant.product, **SAID)
    variant.refresh_from_db()
    assert variant.retired_at == NOON

    catalogue.restore_variant(variant=variant, **SAID)
    assert Product.objects.open().exists()
    assert Variant.objects.open().exists()


@pytest.mark.parametrize("code", ["4006381333932", "12345", "", "abc", "400638133393A", "²⁰⁰⁰⁰⁰⁰⁰"])
def test_a_number_whose_check_digit_does_not_hold_is_refused(code):
    with pytest.raises(InvalidValue):
        catalogue.add_gtin(variant=make_variant(), code=code, **SAID)
    assert not Gtin.objects.exists()


def test_one_number_means_one_variant_however_many_zeros_stand_before_it():
    first, second = make_variant("FIRST"), make_variant()
    catalogue.add_gtin(variant=first, code="012345678905", **SAID)

    for same in ("012345678905", "0012345678905", "00012345678905"):
        with pytest.raises(CodeTaken, match="FIRST"):
            catalogue.add_gtin(variant=second, code=same, **SAID)
    assert Gtin.objects.count() == 1


def test_a_variant_may_have_several_numbers_and_lose_one():
    variant = make_variant()
    first = catalogue.add_gtin(variant=variant, code=MILK, **SAID)
    catalogue.add_gtin(variant=variant, code="40170725", **SAID)

    catalogue.remove_gtin(gtin=first, **SAID)

    assert [gtin.code for gtin in variant.gtins.all()] == ["40170725"]


def test_words_are_kept_per_language_and_taken_away_when_empty():
    product = make_product()
    catalogue.write_text(product=product, language="zh-hant", name="燕麥奶", care="冷藏", **SAID)
    catalogue.write_text(product=product, language="ms", name="Susu oat", **SAID)

    catalogue.write_text(product=product, language="ms", name="", **SAID)

    assert [(text.language, text.care) for text in ProductText.objects.all()] == [("zh-hant", "冷藏")]
    with pytest.raises(InvalidValue):
        catalogue.write_text(product=product, language="xx", name="?", **SAID)


def test_words_without_a_name_are_refused():
    with pytest.raises(InvalidValue):
        catalogue.write_text(product=make_product(), language="en", name="", care="cold", **SAID)


def test_a_size_chart_has_a_cell_for_each_column():
    product = make_product()
    catalogue.set_size_chart(product=product, columns=["Size", "Chest"], rows=[["M", "96"]], **SAID)

    for columns, rows in ((["Size"], [["M", "96"]]), ([], [["M"]]), (["Size"], []), (["x" * 41], [["M"]])):
        with pytest.raises(InvalidValue):
            catalogue.set_size_chart(product=product, columns=columns, rows=rows, **SAID)
    product.refresh_from_db()
    assert product.size_chart == {"columns": ["Size", "Chest"], "rows": [["M", "96"]]}


def test_a_kit_is_made_of_counted_variants_and_its_listings_are_asked_again():
    kit, milk, oats = make_variant(), make_variant(), make_variant()
    listing = make_listing(kit)

    kits.set_kit(kit=kit, parts=[Part(milk, 2), Part(oats, 1)], **SAID)

    assert dict(KitComponent.objects.values_list("component__sku", "quantity")) == {milk.sku: 2, oats.sku: 1}
    listing.state.refresh_from_db()
    assert listing.state.dirty


def test_no_kit_within_a_kit():
    milk = make_variant()
    inner = make_kit({milk: 1})

    with pytest.raises(KitRefused, match=inner.sku):
        kits.set_kit(kit=make_variant(), parts=[Part(inner, 1)], **SAID)
    with pytest.raises(KitRefused, match="part of a kit"):
        kits.set_kit(kit=milk, parts=[Part(make_variant(), 1)], **SAID)
    assert KitComponent.objects.count() == 1


def test_a_variant_that_holds_stock_becomes_no_kit():
    level = make_stock(on_hand=1)

    with pytest.raises(StillInUse):
        kits.set_kit(kit=level.variant, parts=[Part(make_variant(), 1)], **SAID)
    assert not KitComponent.objects.exists()


def test_a_level_without_units_is_in_nobodys_way():
    level = make_stock(location=make_location())

    kits.set_kit(kit=level.variant, parts=[Part(make_variant(), 1)], **SAID)

    assert KitComponent.objects.exists()


@pytest.mark.parametrize("quantity", [0, -1, 1001])
def test_a_kit_takes_a_sensible_number_of_units(quantity):
    with pytest.raises(KitRefused):
        kits.set_kit(kit=make_variant(), parts=[Part(make_variant(), quantity)], **SAID)


def test_a_kit_has_each_part_once_and_never_itself():
    kit, milk = make_variant(), make_variant()
    for parts in ([Part(milk, 1), Part(milk, 2)], [Part(kit, 1)]):
        with pytest.raises(KitRefused):
            kits.set_kit(kit=kit, parts=parts, **SAID)


def test_a_part_of_a_kit_is_not_retired_before_the_kit():
    milk = make_variant()
    make_kit({milk: 1})

    with pytest.raises(StillInUse, match="part of a kit"):
        catalogue.retire_variant(variant=milk, **SAID)
