"""Take the pictures of the README from a running demo (`make run` in another terminal).

    make screenshots SIGN_IN=user:password [PORT=8000]

One picture for each page that the person may see, into docs/screenshots. Run it with .venv/bin/python.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
PAGES = ["overview", "today", "stock", "till", "channels", "campaigns", "imports"]
DESKTOP = ViewportSize(width=1280, height=800)


def page_addresses() -> dict[str, str]:
    """The paths of the pages, from the names that the product gives them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omni.settings")
    sys.path.insert(0, str(ROOT))
    import django
    from django.urls import reverse

    django.setup()
    return {name: reverse(name) for name in PAGES}


def sign_in(page: Page, user: str, password: str) -> None:
    page.goto(f"{ADDRESS}/account/login/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def take(page: Page, name: str, path: str) -> None:
    answer = page.goto(ADDRESS + path, wait_until="load")
    page.wait_for_timeout(1_500)  # the page asks for its own parts; they never end
    if answer is None or answer.status != 200:
        print(f"{name}: not for this person ({answer.status if answer else 'no answer'})")
        return
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"{name}: docs/screenshots/{name}.png")


def main() -> int:
    user, _, password = os.environ.get("SIGN_IN", "").partition(":")
    if not password:
        print("Say who looks: make screenshots SIGN_IN=user:password", file=sys.stderr)
        return 1
    addresses = page_addresses()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=DESKTOP)
        sign_in(page, user, password)
        for name, path in addresses.items():
            take(page, name, path)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
