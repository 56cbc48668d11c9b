"""The pages of catalogue, prices and stock rules."""

from django.urls import path

from inventory.views import catalogue, categories, images, prices, rules, variants

PRODUCT, VARIANT = "catalogue/products/<slug:public_id>/", "catalogue/variants/<slug:public_id>/"
PICTURE = "catalogue/pictures/<slug:name>/"

urlpatterns = [
    path("catalogue/", catalogue.product_list, name="catalogue"),
    path("catalogue/add/", catalogue.product_add, name="product_add"),
    path("catalogue/find/", catalogue.variant_options, name="variant_options"),
    path(PRODUCT, catalogue.product_edit, name="product_edit"),
    path(PRODUCT + "retire/", catalogue.product_retire, name="product_retire"),
    path(PRODUCT + "restore/", catalogue.product_restore, name="product_restore"),
    path(PRODUCT + "words/<slug:language>/", catalogue.product_words, name="product_words"),
    path(PRODUCT + "care/<slug:language>/", catalogue.product_care, name="product_care"),
    path(PRODUCT + "sizes/", catalogue.product_chart, name="product_chart"),
    path(PRODUCT + "pictures/", images.product_images, name="product_images"),
    path(PRODUCT + "variants/", variants.product_variants, name="product_variants"),
    path(PRODUCT + "kit/", variants.product_kit, name="product_kit"),
    path(VARIANT, variants.variant_edit, name="variant_edit"),
    path(VARIANT + "retire/", variants.variant_retire, name="variant_retire"),
    path(VARIANT + "restore/", variants.variant_restore, name="variant_restore"),
    path(VARIANT + "barcodes/add/", variants.gtin_add, name="gtin_add"),
    path(VARIANT + "barcodes/remove/", variants.gtin_remove, name="gtin_remove"),
    path(VARIANT + "kit/", variants.variant_kit, name="variant_kit"),
    path(PICTURE, images.product_image, name="product_image"),
    path(PICTURE + "describe/", images.image_describe, name="image_describe"),
    path(PICTURE + "first/", images.image_first, name="image_first"),
    path(PICTURE + "remove/", images.image_remove, name="image_remove"),
    path("catalogue/categories/", categories.categories, name="categories"),
    path("catalogue/categories/find/", categories.category_options, name="category_options"),
    path("catalogue/categories/add/", categories.category_add, name="category_add"),
    path("catalogue/categories/rename/", categories.category_rename, name="category_rename"),
    path("catalogue/categories/move/", categories.category_move, name="category_move"),
    path("catalogue/categories/remove/", categories.category_remove, name="category_remove"),
    path("prices/", prices.price_lists, name="price_lists"),
    path("prices/add/", prices.price_list_add, name="price_list_add"),
    path("prices/why/<slug:public_id>/", prices.price_why, name="price_why"),
    path("prices/lists/<slug:code>/", prices.price_list, name="price_list"),
    path("prices/lists/<slug:code>/set/", prices.price_set, name="price_set"),
    path("prices/lists/<slug:code>/end/", prices.price_list_end, name="price_list_end"),
    path("rules/", rules.rules, name="rules"),
    path("rules/buffers/", rules.buffers, name="buffers"),
    path("rules/<slug:kind>/add/", rules.rule_add, name="rule_add"),
    path("rules/<slug:kind>/<int:pk>/end/", rules.rule_end, name="rule_end"),
]
