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


def peak_mb() -> float:
    """
    The most memory this process held. On Linux by its own counter: getrusage also knows what its parent held when it
    was forked, which is another program's memory.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "found": found}))


if __name__ == "__main__":
    main()
