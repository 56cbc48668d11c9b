"""
One process that does a job of ours and says how long it took and how much memory it held at most.

``python -m bench.worker reconcile full|changed``: reads every account's picture and compares it, as a worker does.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str, database: str) -> dict[str, float]:
    """Do a job in a process of its own. Returns its seconds, its peak in MB, and what it counted."""
    environment = os.environ | {"DATABASE_URL": database, "BROKER_URL": "memory://localhost/"}
    command = [sys.executable, "-m", "bench.worker", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omni.settings")
    import django

    django.setup()
    from celery import current_app

    from bench.reconcile import reconcile_all

    current_app.loader.import_default_modules()  # a worker that waits for jobs has done this
    begun = time.perf_counter()
    found = reconcile_all(full=sys.argv[2] == "full")
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "found": found}))


if __name__ == "__main__":
    main()
