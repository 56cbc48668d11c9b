"""What `make run` does once the environment is there: migrate, load the demo, start Omni, keep it running.

    PORT          8000       where the browser finds Omni
    DATABASE_URL  SQLite     anything django-environ reads
    BROKER_URL    files      anything Celery reads
    DEMO          1          0 starts empty, with the set-up wizard
    VENDURE       none       a running Vendure to connect with the demo, as in http://127.0.0.1:19100

Ctrl-C or SIGTERM stops every child; a child that dies is started again a few times. Plain standard library.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from processes import Child, stop

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("OMNI_VAR") or ROOT / "var").resolve()
LOGS = VAR / "log"
FEEDS = Path(os.environ.get("FEED_ROOT") or VAR / "feeds")
SIGN_INS = VAR / "demo-sign-ins.txt"
MOST_STARTS = 4
GRACE_SECONDS = 10
READY_SECONDS = 90
stopping = threading.Event()


class CannotServe(Exception):
    """A sentence for the person at the terminal."""


def say(text: str) -> None:
    print(text, flush=True)


def manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def wanted_port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise CannotServe(f"PORT={given} is no port: a whole number up to 65535 is")
    return int(given)


def check_port(port: int) -> None:
    """Refuse before anything is done. SO_REUSEADDR as gunicorn sets it: a port in TIME_WAIT is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotServe(
                f"port {port} is taken ({error.strerror}). Is Omni running already? Try: make run PORT={port + 1}"
            ) from error


def step(title: str, command: list[str]) -> None:
    """Run one command to its end in sight of the user, who may interrupt it."""
    say(title)
    child = Child(title, command)
    child.start()
    try:
        while child.is_running and not stopping.wait(0.05):
            pass
    finally:
        stop([child], grace=GRACE_SECONDS)
    if stopping.is_set():
        raise CannotServe("stopped. Run the same command again: it goes on where it was.")
    if child.exit_code:
        raise CannotServe(f"'{' '.join(command[1:])}' failed (exit code {child.exit_code}, see above)")


def prepare(*, demo: bool) -> None:
    step("Bringing the database up to date", manage("migrate", "--no-input", "--verbosity", "0"))
    if demo:
        step("Loading the demo (nothing is loaded twice)", manage("load_demo"))
        connect_vendure(os.environ.get("VENDURE", "").rstrip("/"))


def connect_vendure(url: str) -> None:
    """Connect a real shop, when one was named and answers; the demo goes on without it."""
    if not url:
        return
    if not answers(f"{url}/health"):
        say(f"No Vendure answers at {url}: going on without it")
        return
    name, password = (os.environ.get(key, "superadmin") for key in ("VENDURE_USERNAME", "VENDURE_PASSWORD"))
    options = ["--url", f"{url}/admin-api", "--username", name, "--password", password, "--import-catalogue"]
    try:
        step("Connecting the Vendure web shop", manage("connect_vendure", *options))
    except CannotServe:
        if stopping.is_set():
            raise
        say("The Vendure web shop was not connected (see above): going on without it")


def children(*, port: int, demo: bool) -> list[Child]:
    on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    commands = {
        "web": [
            *[sys.executable, "-m", "gunicorn", "omni.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"],
            *["--worker-class", "gthread", "--workers", "2" if on_postgres else "1", "--threads", "8"],
        ],
        "worker": [sys.executable, "-m", "celery", "-A", "omni", "worker", "--pool", "threads", "--concurrency", "2"],
        "scheduler": [
            *[sys.executable, "-m", "celery", "-A", "omni", "beat"],
            *["--schedule", str(VAR / "beat-schedule"), "--pidfile="],
        ],
    }
    if demo and (shops := stand_in_shops()):
        commands["demo shop"] = manage("run_demo_shop", *(f"--folder={folder}" for folder in shops))
    return [Child(name, command, LOGS / f"{name.replace(' ', '-')}.log") for name, command in commands.items()]


def stand_in_shops() -> list[Path]:
    """The exchange folders in which the demo has opened a stand-in shop."""
    return sorted(books.parent.parent for books in FEEDS.glob("*/demo-shop/shop.sqlite3"))


def is_healthy(port: int) -> bool:
    return answers(f"http://127.0.0.1:{port}/healthz")


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        return False


def revive(family: list[Child]) -> None:
    """Start again what died; give up on a child that dies again and again."""
    for child in family:
        if child.is_running:
            continue
        say(f"\nThe {child.name} ended (exit code {child.exit_code}). Its last words, from {child.log}:")
        say(child.last_words())
        if child.starts >= MOST_STARTS:
            raise CannotServe(f"the {child.name} died {child.starts} times")
        child.start()


def wait_until_ready(family: list[Child], port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while not is_healthy(port):
        if stopping.wait(0.2):
            return
        if time.monotonic() > until:
            raise CannotServe(f"the web server did not answer within {READY_SECONDS} s, see {LOGS / 'web.log'}")
        revive(family)


def greet(*, port: int, demo: bool) -> None:
    say(f"\nOmni is ready: http://127.0.0.1:{port}/   (Ctrl-C stops it)")
    if demo and SIGN_INS.exists():
        say(SIGN_INS.read_text().rstrip())
    elif not demo:
        say("It is empty: open the address, a short wizard sets it up.")
    say(f"What the processes say is in {LOGS}")


def serve(*, port: int, demo: bool) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    for old in LOGS.glob("*.log"):
        old.unlink()
    family = children(port=port, demo=demo)
    try:
        for child in family:
            child.start()
        wait_until_ready(family, port)
        if not stopping.is_set():
            greet(port=port, demo=demo)
        while not stopping.wait(0.5):
            revive(family)
    finally:
        say("\nStopping")
        stop(family, grace=GRACE_SECONDS)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    os.chdir(ROOT)
    demo = os.environ.setdefault("DEMO", "1") != "0"
    prepare_only = "--prepare-only" in sys.argv[1:]
    try:
        port = wanted_port()
        if not prepare_only:
            check_port(port)
        prepare(demo=demo)
        if not prepare_only:
            serve(port=port, demo=demo)
    except CannotServe as reason:
        print(f"Omni stopped: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
