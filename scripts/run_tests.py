"""Lint, then the whole suite twice: on SQLite, and on PostgreSQL where one answers.

    OMNI_TEST_POSTGRES    postgres://postgres@127.0.0.1:5432/omni    the server whose test databases are made
    CI=true               a half that cannot run is a failure, not a note

What follows on the command line goes to pytest. Run it with .venv/bin/python.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get("OMNI_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/omni")
WITHOUT_A_DATABASE = ["tests/architecture", "tests/setup"]  # once is enough
ALONE = ["tests/browser", "tests/peers"]  # each shares one running product or shop: one process, one after the other
IN_CI = os.environ.get("CI", "").lower() == "true"


def postgres_answers() -> bool:
    try:
        psycopg.connect(POSTGRES, dbname="postgres", connect_timeout=5).close()
    except psycopg.OperationalError as error:
        print(f"PostgreSQL does not answer at {POSTGRES}: {error}", flush=True)
        return False
    return True


def pytest(title: str, arguments: list[str], **settings: str) -> bool:
    print(f"\n--- {title}", flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | settings
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment).returncode == 0


def soak(arguments: list[str]) -> bool:
    """One after the other and without a time limit: each of them wants the machine for itself."""
    if not postgres_answers():
        return False
    return pytest("soak, PostgreSQL", ["-m", "soak", "--timeout", "0", *arguments], DATABASE_URL=POSTGRES)


def suite(database: str, arguments: list[str], *, without: list[str], alone: list[str], **settings: str) -> bool:
    """The suite on one database: most of it on two cores, then what starts a whole product or shop of its own."""
    ignored = [f"--ignore={folder}" for folder in (*without, *ALONE)]
    most = pytest(f"tests, {database}", ["-n", "2", *ignored, *arguments], **settings)
    rest = pytest(f"{' and '.join(alone)}, {database}", [*alone, *arguments], **settings)
    return most and rest


def both_databases(arguments: list[str]) -> bool:
    on_sqlite = suite("SQLite", arguments, without=[], alone=ALONE)
    if postgres_answers():
        again = suite(
            "PostgreSQL", arguments, without=WITHOUT_A_DATABASE, alone=["tests/browser"], DATABASE_URL=POSTGRES
        )
        return again and on_sqlite
    print("The PostgreSQL half was skipped" + (", which CI does not accept." if IN_CI else "."), flush=True)
    return on_sqlite and not IN_CI


def main() -> int:
    arguments = sys.argv[1:]
    if "--soak" in arguments:
        return 0 if soak([argument for argument in arguments if argument != "--soak"]) else 1
    lint = subprocess.run([sys.executable, "scripts/lint.py"], cwd=ROOT).returncode == 0
    tests = both_databases(arguments)
    if not lint:
        print("The lint failed, see the top of this output.", flush=True)
    return 0 if lint and tests else 1


if __name__ == "__main__":
    sys.exit(main())
