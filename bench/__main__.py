"""``python -m bench NAME [--json] [--rounds N] [--scale S]``; NAME is a module of this package, or ``all``."""

import argparse
import importlib
import os
import sys

import psycopg

from bench import harness

NAMES = {"reserve": "bench.reserve", "reconcile": "bench.reconcile", "import": "bench.imports"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Omni beside its limits.")
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size (0.1 is a quick look)")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    try:
        os.environ["DATABASE_URL"] = harness.fresh_database()
    except psycopg.OperationalError as error:
        print(f"The bench needs PostgreSQL at {harness.SERVER}: {error}", file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omni.settings")
    os.environ["BROKER_URL"] = "memory://localhost/"  # what is poked is nobody's business here
    import django
    from django.core.management import call_command

    django.setup()
    try:
        call_command("migrate", verbosity=0)
        for name in NAMES if asked.name == "all" else [asked.name]:
            bench = importlib.import_module(NAMES[name])
            harness.show(bench.claims(rounds=asked.rounds, scale=asked.scale), as_json=asked.json)
    finally:
        from django.db import connections

        connections.close_all()
        harness.drop_database()
    return 0


if __name__ == "__main__":
    sys.exit(main())
