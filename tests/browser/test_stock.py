"""A store's own work in a browser: find a product, ask why, sell it, count it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Product, fits


def test_head_office_asks_a_figure_why_it_is_what_it_is_now_and_on_a_past_day(page: Page, product: Product):
    product.sign_in(page, "office", "/stock/?view=all")
    page.get_by_role("link", name=re.compile("Fluid milk")).first.click()
    expect(page.get_by_role("heading", name="Available per channel")).to_be_visible()
    assert fits(page)

    page.locator(".o-chtile").first.click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_text("Why this number?")).to_be_visible()
    expect(drawer.get_by_text("On hand", exact=False).first).to_be_visible()
    now = drawer.locator(".o-hero").inner_text()

    first_day = drawer.locator("input[type=date]").get_attribute("min")
    drawer.locator("input[type=date]").fill(first_day)
    expect(drawer.get_by_text("end of", exact=False)).to_be_visible()
    assert drawer.locator(".o-hero").inner_text() != now
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_clerk_sells_with_the_keyboard_alone(page: Page, product: Product):
    product.sign_in(page, "store", "/till/")
    page.locator("#scan").fill("1029743")
    page.keyboard.press("Enter")
    expect(page.locator("#till table")).to_contain_text("1029743")
    assert fits(page)

    page.get_by_role("button", name=re.compile("^Sell")).click()

    expect(page.locator("#till")).to_contain_text("Sold.")
    expect(page.locator("#till")).to_contain_text("The receipt is empty.")


def test_a_manager_asks_for_a_round_and_counts_a_shelf_without_seeing_our_figure(page: Page, product: Product):
    product.sign_in(page, "manager", "/today/")
    assert fits(page)
    if not page.get_by_role("link", name="Count", exact=True).count():
        page.get_by_role("button", name=re.compile("Count the 12")).click()
    page.get_by_role("link", name="Count", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Count")

    page.get_by_label("Units on the shelf").fill("7")
    page.get_by_role("button", name="Book the count").click()

    expect(page).to_have_url(re.compile("/today/"))
    expect(page.locator("main")).to_contain_text("7 counted")
