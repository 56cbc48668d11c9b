"""A real Chromium, and the real product beside it: what `make run` starts, with the demo, on ports of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Page

# Playwright's synchronous API keeps an event loop in the test's thread; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 400
WIDTHS = (1280, 800)


def pytest_itemcollected(item):
    """Mark every test of this folder."""
    if "/browser/" in item.nodeid:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.timeout(READY_SECONDS + 200))
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="needs Chromium (apt-get install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@dataclass(frozen=True)
class Product:
    """Omni as a user has it: where it answers, and how each role signs in."""

    url: str
    sign_ins: dict[str, str]

    def sign_in(self, page: Page, user: str, path: str = "/") -> Page:
        """Sign in as a person would and go to a page. The page complains of any script error or broken policy."""
        page.context.clear_cookies()
        page.goto(f"{self.url}/account/login/?next={quote(path)}")
        page.locator("input[name=login]").fill(user)
        page.locator("input[name=password]").fill(self.sign_ins[user])
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(re.compile(r"^(?!.*/account/login)"))
        return page


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def database(tmp_path_factory) -> Iterator[dict[str, str]]:
    """Where the product keeps its data: SQLite, or a database of its own on the PostgreSQL that the suite runs on."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield {}
        return
    name = f"omni_browser_{os.getpid()}"
    with psycopg.connect(server, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield {"DATABASE_URL": server.rsplit("/", 1)[0] + f"/{name}"}
    with psycopg.connect(server, dbname="postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def product(tmp_path_factory, database) -> Iterator[Product]:
    """Start what `make run` starts, wait until it answers, stop it with all its children."""
    folder, port = tmp_path_factory.mktemp("product"), free_port()
    keep = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "BROKER_URL", "CACHE_URL"}}
    environment = {**keep, **database, "OMNI_VAR": str(folder), "PORT": str(port), "DEMO": "1"}
    said = (folder / "said.txt").open("w")
    supervisor = subprocess.Popen(
        [sys.executable, "scripts/serve.py"], cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until_ready(supervisor, port, folder)
        lines = (folder / "demo-sign-ins.txt").read_text().splitlines()[1:]
        pairs = (line.split()[-2:] for line in lines)
        yield Product(f"http://127.0.0.1:{port}", {words[0]: words[1] for words in pairs})
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(60)
        said.close()


def wait_until_ready(supervisor: subprocess.Popen, port: int, folder: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while "Omni is ready" not in (folder / "said.txt").read_text():
        if supervisor.poll() is not None or time.monotonic() > until:
            pytest.fail("the product did not start:\n" + (folder / "said.txt").read_text()[-3000:])
        time.sleep(0.5)
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30).status == 200


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def width(request) -> int:
    return request.param


@pytest.fixture
def browser_context_args(browser_context_args, width):
    return {**browser_context_args, "viewport": {"width": width, "height": 900}}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page that collects what went wrong in it; a test that leaves complaints behind fails."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(60_000)
    yield page
    ours = [said for said in complaints if "status of 422" not in said]
    assert ours == []


def fits(page: Page) -> bool:
    """Whether the page needs no sideways scrolling."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
