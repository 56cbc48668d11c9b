"""One truth across channels, seen in two windows: the till and the web shop, and what happens behind Omni's back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Product, fits

HOME = "store-367"


@pytest.fixture
def window(browser: Browser, browser_context_args) -> Iterator[Page]:
    """A second window, of somebody else."""
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def stock_in_shop(shop: Page, sku: str) -> int:
    return int(shop.locator(f"[data-sku='{sku}'] [data-stock]").get_attribute("data-stock") or 0)


USED: set[str] = set()  # one product serves all tests of this folder: no test meets what another left


def something_on_sale(shop: Page, till: Page, product: Product) -> tuple[str, int]:
    """Open the web shop and a till of one of its stores; take a product that lies on that store's shelf, too."""
    shop.goto(f"{product.url}/demo-shop/")
    shop.locator("[data-sku]").first.wait_for()
    offered = [item.get_attribute("data-sku") or "" for item in shop.locator("[data-sku]").all()]
    fresh = [sku for sku in offered if sku not in USED]
    product.sign_in(till, "store", "/till/?" + "&".join(f"line={sku}*1" for sku in fresh))
    for row in till.locator("#till tbody tr").all():
        sku, shelf = row.locator(".code").inner_text(), row.locator("td").nth(1).inner_text()
        if int(shelf.replace("≈", "") or 0) >= 2 and stock_in_shop(shop, sku) >= 4:
            USED.add(sku)
            return sku, stock_in_shop(shop, sku)
    raise AssertionError("the demo offers nothing that its home store has")


def test_a_sale_at_the_till_changes_the_web_shop_and_a_visitor_buys_there(page: Page, window: Page, product: Product):
    sku, before = something_on_sale(window, page, product)
    page.goto(f"{product.url}/till/?line={sku}*1")

    page.get_by_role("button", name=re.compile("^Sell")).click()
    expect(page.locator("#till")).to_contain_text("Sold.")

    shelf = window.locator(f"[data-sku='{sku}'] [data-stock]")
    expect(shelf).to_have_attribute("data-stock", str(before - 1), timeout=60_000)
    window.locator(f"#buy-{sku}").click()
    expect(window.locator("#shelf")).to_contain_text("bought:")
    assert fits(window)


def test_a_change_behind_our_back_is_found_explained_counted_and_closed(page: Page, window: Page, product: Product):
    sku, before = something_on_sale(window, page, product)
    window.locator("#s-sku").select_option(sku)
    window.locator("#s-units").fill(str(before + 5))
    window.get_by_role("button", name=re.compile("behind Omni's back")).click()
    expect(window.locator("#shelf")).to_contain_text("changed by hand:")

    product.sign_in(page, "online", "/channels/")
    page.get_by_role("button", name="Reconcile now").click()
    row = page.locator("#list tbody tr").filter(has_text=sku)
    expect(row).to_be_visible(timeout=120_000)
    assert fits(page)
    row.locator("a").first.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("Theirs, shown")
    expect(drawer).to_contain_text(str(before + 5))
    drawer.locator("select[name=location]").select_option(HOME)
    drawer.get_by_role("button", name=re.compile("^Count it")).click()
    expect(drawer).to_contain_text("is asked to count it")

    product.sign_in(window, "manager", "/today/")
    window.locator(".o-work li").filter(has_text="Count").first.get_by_role("link", name="Count").click()
    window.get_by_label("Units on the shelf").fill("9")
    window.get_by_role("button", name="Book the count").click()
    expect(window).to_have_url(re.compile("/today/"))

    page.reload()
    expect(page.locator("#list tbody tr").filter(has_text=sku)).to_have_count(0)


def test_keeping_ours_puts_the_web_shop_right(page: Page, window: Page, product: Product):
    sku, before = something_on_sale(window, page, product)
    window.locator("#s-sku").select_option(sku)
    window.locator("#s-units").fill(str(before + 3))
    window.get_by_role("button", name=re.compile("behind Omni's back")).click()

    product.sign_in(page, "online", "/channels/")
    page.get_by_role("button", name="Reconcile now").click()
    row = page.locator("#list tbody tr").filter(has_text=sku)
    expect(row).to_be_visible(timeout=120_000)
    row.locator("a").first.click()
    page.locator("#drawer").get_by_role("button", name=re.compile("^Keep ours")).click()

    shelf = window.locator(f"[data-sku='{sku}'] [data-stock]")
    expect(shelf).to_have_attribute("data-stock", str(before), timeout=60_000)
