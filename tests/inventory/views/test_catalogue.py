"""Editing the catalogue in the browser's words."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from inventory.models import Category, Gtin, KitComponent, Product, ProductImage, ProductText, Variant
from tests.factories.inventory import make_category, make_product, make_stock, make_variant
from tests.factories.omni import make_staff

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def online(client):
    staff = make_staff("online_staff")
    client.force_login(staff)
    return staff


def png() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(written, "PNG")
    return written.getvalue()


def upload(client, product, data, words="a red box", name="box.png"):
    sent = {"file": SimpleUploadedFile(name, data, "image/png"), "alternative_text": words}
    return client.post(reverse("product_images", args=[product.public_id]), sent)


def test_a_product_is_added_and_then_edited_on_every_tab(client, online):
    category = make_category("dairy")
    facts = {"name": "Oat milk", "brand": "B", "maker": "", "category": "dairy", "sku": "OAT-1", "size": "1 l"}

    answer = client.post(reverse("product_add"), facts)

    product = Product.objects.get()
    assert answer.url == reverse("product_edit", args=[product.public_id])
    assert (product.category, product.variants.get().sku) == (category, "OAT-1")
    for name, args in (
        ("product_edit", []), ("product_words", ["ms"]), ("product_variants", []), ("product_images", []),
        ("product_chart", []), ("product_care", ["zh-hans"]),
    ):  # fmt: skip
        assert client.get(reverse(name, args=[product.public_id, *args])).status_code == 200
    assert client.get(reverse("product_kit", args=[product.public_id]), follow=True).status_code == 200


def test_a_product_whose_sku_is_taken_is_not_added_at_all(client, online):
    make_variant("OAT-1")

    answer = client.post(reverse("product_add"), {"name": "Oat milk", "sku": "OAT-1"})

    assert answer.status_code == 422
    assert "OAT-1 is taken already" in answer.content.decode()
    assert Product.objects.count() == 1


def test_words_of_one_language_leave_the_others_and_care_leaves_words(client, online):
    product = make_product()
    for language, name in (("en", "Oats"), ("zh-hant", "燕麥")):
        words = {"name": name, "description": "d"}
        assert client.post(reverse("product_words", args=[product.public_id, language]), words).status_code == 302
    client.post(reverse("product_care", args=[product.public_id, "zh-hant"]), {"care": "冷藏", "return_note": ""})

    page = client.get(reverse("product_words", args=[product.public_id, "zh-hant"])).content.decode()
    assert '<form class="card-body o-form" method="post" lang="zh-hant">' in page

    rows = ProductText.objects.order_by("language").values_list("language", "name", "description", "care")
    assert list(rows) == [("en", "Oats", "d", ""), ("zh-hant", "燕麥", "d", "冷藏")]
    refused = client.post(reverse("product_words", args=[product.public_id, "xx"]), {"name": "?"})
    assert refused.status_code == 422


def test_a_variant_is_changed_and_gets_a_barcode_that_holds(client, online):
    variant = make_variant("A1")
    values = {"sku": "A2", "size": "M", "options": "colour: red\nsize: M", "plausible_units": "9", "is_stocked": "on"}

    client.post(reverse("variant_edit", args=[variant.public_id]), values)
    refused = client.post(reverse("gtin_add", args=[variant.public_id]), {"code": "4006381333932"})
    client.post(reverse("gtin_add", args=[variant.public_id]), {"code": "4006381333931"})

    variant.refresh_from_db()
    assert (variant.sku, variant.options, variant.plausible_units) == ("A2", {"colour": "red", "size": "M"}, 9)
    assert refused.status_code == 422
    assert Gtin.objects.get().code == "4006381333931"
    client.post(reverse("gtin_remove", args=[variant.public_id]), {"code": "4006381333931"})
    assert not Gtin.objects.exists()


@pytest.mark.parametrize("options", ["red", "colour:", ": red", "colour: red\ncolour: blue"])
def test_options_that_are_no_options_are_explained(client, online, options):
    variant = make_variant()
    values = {"sku": variant.sku, "options": options, "plausible_units": "9"}
    assert client.post(reverse("variant_edit", args=[variant.public_id]), values).status_code == 422


def test_what_still_has_stock_is_not_retired_and_says_why(client, online):
    level = make_stock(on_hand=2)

    answer = client.post(reverse("product_retire", args=[level.variant.product.public_id]), follow=True)

    assert "still has stock" in answer.content.decode()
    assert Variant.objects.open().exists()


def test_a_kit_is_composed_part_by_part_and_taken_apart(client, online):
    kit, milk, oats = make_variant("KIT"), make_variant("MILK"), make_variant("OATS")
    there = reverse("variant_kit", args=[kit.public_id])

    client.post(there, {"part": "MILK", "quantity": "2"})
    client.post(there, {"part": "OATS", "quantity": "1", f"units_{milk.pk}": "3"})
    assert dict(KitComponent.objects.values_list("component__sku", "quantity")) == {"MILK": 3, "OATS": 1}

    refused = client.post(there, {"part": "KIT", "quantity": "1", f"units_{milk.pk}": "3", f"units_{oats.pk}": "1"})
    assert refused.status_code == 422
    client.post(there, {"quantity": "1", f"units_{milk.pk}": "0", f"units_{oats.pk}": "0"})
    assert not KitComponent.objects.exists()


def test_a_size_chart_is_pasted_from_a_spreadsheet(client, online):
    product = make_product()
    there = reverse("product_chart", args=[product.public_id])

    client.post(there, {"table": "Size\tChest\r\nM\t96\r\n\r\nL | 104 |"})
    product.refresh_from_db()
    assert product.size_chart == {"columns": ["Size", "Chest"], "rows": [["M", "96"], ["L", "104"]]}

    assert client.post(there, {"table": "Size\tChest\nM"}).status_code == 422
    client.post(there, {"table": "  "})
    product.refresh_from_db()
    assert product.size_chart == {}


def test_a_picture_is_shown_to_staff_alone_as_what_it_is(client, online):
    product = make_product()
    upload(client, product, png() + HOSTILE.encode(), name="x.svg")
    image = ProductImage.objects.get()
    there = reverse("product_image", args=[image.name])

    answer = client.get(there)
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert HOSTILE.encode() not in b"".join(answer.streaming_content)

    client.logout()
    assert client.get(there).status_code == 302


@pytest.mark.parametrize("data", [b"<svg onload='alert(1)'/>", png()[:50], b"GIF89a;"])
def test_a_hostile_file_is_refused_with_a_sentence(client, online, data):
    answer = upload(client, make_product(), data)

    assert answer.status_code == 422
    assert "no JPEG, PNG or WebP" in answer.content.decode()
    assert not ProductImage.objects.exists()


def test_a_picture_is_described_put_first_and_removed(client, online):
    product = make_product()
    upload(client, product, png(), "one")
    upload(client, product, png(), "two")
    first, second = product.images.all()

    client.post(reverse("image_describe", args=[second.name]), {"alternative_text": HOSTILE})
    client.post(reverse("image_first", args=[second.name]))
    page = client.get(reverse("product_images", args=[product.public_id])).content.decode()
    assert [image.pk for image in product.images.all()] == [second.pk, first.pk]
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page

    client.post(reverse("image_remove", args=[first.name]))
    assert list(product.images.all()) == [second]


def test_a_name_that_is_a_script_shows_as_text_everywhere(client, online):
    category = make_category("bad", name=HOSTILE)
    product = make_product(name=HOSTILE, brand=HOSTILE, maker=HOSTILE, category=category, size_chart={
        "columns": [HOSTILE], "rows": [[HOSTILE]]
    })  # fmt: skip
    variant = make_variant("A1", product=product, size=HOSTILE, options={HOSTILE: HOSTILE})
    ProductText.objects.create(product=product, language="en", name=HOSTILE, care=HOSTILE)
    addresses = [
        reverse("catalogue"), reverse("categories"), reverse("categories") + "?in=bad",
        reverse("product_edit", args=[product.public_id]), reverse("product_words", args=[product.public_id, "en"]),
        reverse("product_care", args=[product.public_id, "en"]), reverse("product_variants", args=[product.public_id]),
        reverse("product_chart", args=[product.public_id]), reverse("variant_kit", args=[variant.public_id]),
        reverse("price_why", args=[variant.public_id]), reverse("variant_options") + "?q=script",
        reverse("category_options") + "?q=script", reverse("stock_item", args=[variant.public_id]),
    ]  # fmt: skip
    for address in addresses:
        page = client.get(address).content.decode()
        assert HOSTILE not in page, address
        assert "&lt;script&gt;" in page, address


def test_the_catalogue_finds_what_lacks_something(client, online):
    told, bare = make_product(name="Told"), make_product(name="Bare")
    ProductText.objects.create(product=told, language="en", name="Told")

    page = client.get(reverse("catalogue"), {"lacks": "words"}).content.decode()
    assert bare.code in page
    assert told.code not in page
    assert "Told" in client.get(reverse("catalogue"), {"export": "csv"}).getvalue().decode()


def test_the_catalogue_asks_few_questions_however_long_it_is(client, online, django_assert_max_num_queries):
    for _number in range(30):
        make_variant()
    with django_assert_max_num_queries(25):
        client.get(reverse("catalogue"))


def test_the_tree_is_grown_renamed_moved_and_pruned(client, online):
    client.post(reverse("category_add"), {"add-name": "Dairy"})
    client.post(reverse("category_add"), {"add-name": "Milk", "in": "dairy"})
    client.post(reverse("category_rename"), {"rename-name": "Fresh milk", "in": "dairy/milk"})
    client.post(reverse("category_move"), {"move-parent": "", "in": "dairy/milk"})
    assert [(one.name, one.depth) for one in Category.objects.get_tree()] == [("Dairy", 1), ("Fresh milk", 1)]

    refused = client.post(reverse("category_move"), {"move-parent": "dairy/milk", "in": "dairy/milk"})
    assert refused.status_code == 422
    assert "own branch" in refused.content.decode()
    client.post(reverse("category_remove"), {"in": "dairy/milk"})
    assert Category.objects.get().name == "Dairy"


def test_suggestions_name_what_is_meant(client, online):
    make_variant("1029743", product=make_product(name="Fluid milk"))
    make_category("dairy", name="Dairy")

    assert 'value="1029743"' in client.get(reverse("variant_options"), {"part": "fluid"}).content.decode()
    assert 'value="dairy"' in client.get(reverse("category_options"), {"category": "dai"}).content.decode()
    assert "option" not in client.get(reverse("variant_options"), {"part": " "}).content.decode()


def test_who_may_not_change_the_catalogue_sees_it_without_ways_to(client):
    client.force_login(make_staff("marketing"))
    product = make_product()

    page = client.get(reverse("catalogue")).content.decode()
    assert product.name in page
    assert reverse("product_add") not in page
    assert client.get(reverse("product_edit", args=[product.public_id])).status_code == 403
    assert client.post(reverse("category_add"), {"add-name": "X"}).status_code == 403
