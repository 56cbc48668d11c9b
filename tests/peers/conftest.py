"""
Real shops, started for the tests that ask for them and stopped afterwards.

They are installed under PEERS_HOME (by default in the temporary folder) and kept there: the first start takes minutes,
the next one seconds. A shop that already answers is used as it is and left running.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from django.conf import settings

PEERS = Path(settings.BASE_DIR).parent / "shared" / "peers"
START_SECONDS = 600


def pytest_itemcollected(item):
    """The first test of this folder may have to install the shop."""
    if "/peers/" in item.nodeid:
        item.add_marker(pytest.mark.timeout(START_SECONDS + 300))


@dataclass
class Peer:
    """A running shop and its own scripts."""

    folder: Path
    url: str
    environment: dict[str, str] = field(repr=False)

    def script(self, name: str, *arguments: str, **environment: str) -> str:
        """Run one of the peer's scripts and return what it prints."""
        command = [sys.executable, str(self.folder / name), *arguments]
        done = subprocess.run(
            command,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shoppers(self, count: int, workers: int = 4, **environment: str) -> subprocess.Popen[str]:
        """Let shoppers buy beside the test; each order is one line of JSON on its output."""
        command = [sys.executable, str(self.folder / "vendure.py"), "shop", str(count), str(workers)]
        return subprocess.Popen(
            command,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="session")
def vendure() -> Iterator[Peer]:
    """A real Vendure with 60 SKUs at three stock locations."""
    if not PEERS.is_dir():
        pytest.skip("needs ../shared/peers")
    home = os.environ.get("PEERS_HOME") or str(Path(tempfile.gettempdir()) / "omni-peers")
    port = os.environ.get("VENDURE_PORT", "19100")
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "PEERS_HOME": home, "PORT": port, "PEER_URL": url}
    peer = Peer(PEERS / "vendure", url, environment)
    if _answers(url):
        yield peer
        return
    try:
        _run(peer.folder / "run.sh", "start", "60", environment=environment)
        yield peer
    finally:
        _run(peer.folder / "run.sh", "stop", environment=environment)
        _run(PEERS / "_lib" / "pg.sh", "stop", environment=environment)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _run(*command: object, environment: dict[str, str]) -> None:
    """Its output goes to a file: the server that it starts would keep a pipe open for ever."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(word) for word in command],
            env=environment,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            timeout=START_SECONDS,
            check=False,
        )
        output.seek(0)
        assert done.returncode == 0, output.read()[-2000:]
