"""The same pages in each language of the catalogue."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, fits

STOCK = {"zh-hans": "库存", "zh-hant": "庫存", "ms": "Stok"}


@pytest.mark.parametrize("language", STOCK)
def test_a_reader_chooses_a_language_and_the_next_page_speaks_it(page: Page, product: Product, language: str):
    product.sign_in(page, "service", "/stock/?view=all")
    page.locator("header summary").filter(has_text="choose a language").click()
    page.locator(f"button[name=language][value={language}]").click()

    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("heading", level=1)).to_have_text(STOCK[language])
    assert fits(page)

    page.locator("header form button[name=language][value=en]").evaluate("button => button.click()")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stock")
