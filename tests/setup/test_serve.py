"""`make run` from outside: it answers, it refuses a taken port, and it leaves nobody behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 120
GONE_WITHIN = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children_of(folder: Path) -> list[int]:
    """Every running process that was started with this folder as Omni's own, found by its environment."""
    mark, found = f"OMNI_VAR={folder}".encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # it ended while we looked, or is not ours to read
            continue
    return found


def web_server(parent: int, folder: Path) -> int:
    """The gunicorn that the supervisor itself started, and not one of gunicorn's own workers."""
    for pid in children_of(folder):
        father = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        if father == parent and b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("the web server does not run")


def eventually(condition, *, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def start(folder: Path, port: int) -> subprocess.Popen:
    settings = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "BROKER_URL"}}
    settings |= {"OMNI_VAR": str(folder), "PORT": str(port), "DEMO": "0", "PYTHONUNBUFFERED": "1"}
    with (folder / "output").open("wb") as output:
        command = [sys.executable, "scripts/serve.py"]
        return subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT)


@pytest.fixture
def omni(tmp_path):
    """A running Omni on a database of its own: (process, port, folder)."""
    port = free_port()
    process = start(tmp_path, port)
    said = tmp_path / "output"
    try:
        ready = eventually(
            lambda: "Omni is ready" in said.read_text() or process.poll() is not None, within=READY_WITHIN
        )
        assert ready, said.read_text()
        assert process.poll() is None, said.read_text()
        yield process, port, tmp_path
    finally:
        process.kill()
        process.wait()
        for pid in children_of(tmp_path):
            os.kill(pid, signal.SIGKILL)


pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.mark.timeout(300)
def test_it_answers_refuses_a_second_start_and_stops_with_every_child(omni):
    process, port, folder = omni
    assert answers(port)
    assert len(children_of(folder)) >= 4  # the supervisor, web, worker, scheduler

    second = start(folder, port)
    assert second.wait(timeout=30) == 1
    assert f"port {port} is taken" in (folder / "output").read_text()
    assert answers(port)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=GONE_WITHIN) == 0
    assert eventually(lambda: not children_of(folder), within=GONE_WITHIN)
    assert not answers(port)


@pytest.mark.timeout(300)
def test_a_child_that_dies_comes_back_and_none_survives_a_killed_supervisor(omni):
    process, port, folder = omni
    web = web_server(process.pid, folder)

    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: "The web ended" in (folder / "output").read_text(), within=30)
    assert eventually(lambda: answers(port), within=READY_WITHIN)

    process.kill()
    process.wait()

    assert eventually(lambda: not children_of(folder), within=GONE_WITHIN), children_of(folder)
