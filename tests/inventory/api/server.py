"""A real gunicorn over the test database, with two workers, and what drives it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url() -> str:
    said = connection.settings_dict
    return f"postgres://{said['USER']}:{said['PASSWORD']}@{said['HOST']}:{said['PORT']}/{said['NAME']}"


@contextmanager
def serving(threads: int = 8) -> Iterator[str]:
    """Serve the database of this test until the block ends; yields the address."""
    port = free_port()
    command = [
        *[sys.executable, "-m", "gunicorn", "omni.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"],
        *["--threads", str(threads), "--worker-class", "gthread", "--log-level", "error", "--keep-alive", "30"],
    ]
    environment = os.environ | {"DATABASE_URL": database_url(), "API_RATE": "1000000/s", "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def client_of(address: str, token: str, *, connections: int) -> httpx.Client:
    """One client for many threads, with a connection for each."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=address, headers=headers, timeout=60, limits=limits)


def wait_for(address: str, process: subprocess.Popen) -> None:
    for _try in range(300):
        if process.poll() is not None:
            raise OSError(f"gunicorn ended with {process.returncode}")
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise OSError("gunicorn did not answer in time")
