"""The description of the API in a browser, offline and under the same policy as every page."""

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.django_db(transaction=True)
def test_the_api_describes_itself_offline_and_breaks_no_policy(page: Page, live_server):
    complaints, strangers = [], []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda asked: strangers.append(asked.url) if live_server.url not in asked.url else None)

    page.goto(f"{live_server.url}/api/docs/")
    expect(page.locator(".opblock").first).to_be_visible(timeout=60_000)
    page.locator(".opblock-summary").first.click()
    expect(page.get_by_text("Needs the scope").first).to_be_visible()

    assert complaints == []
    assert [url for url in strangers if not url.startswith(("data:", "blob:"))] == []
