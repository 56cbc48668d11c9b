"""Every check that needs no test: style, types, templates, translations, migrations, Django's own.

All of them run, even when the first one fails, so that one call shows everything. Run it with .venv/bin/python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
CHECKS: dict[str, list[str | Path]] = {
    "ruff check": [BIN / "ruff", "check", "."],
    "ruff format": [BIN / "ruff", "format", "--check", "."],
    "mypy": [BIN / "mypy"],
    "djlint": [BIN / "djlint", "--lint", "--quiet", "."],
    "messages": [sys.executable, "scripts/messages.py", "check"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "manage.py check": [*MANAGE, "check", "--fail-level", "WARNING"],
}


def passes(name: str, command: list[str | Path]) -> bool:
    begun = time.monotonic()
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=environment,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"lint: {name:<16} {verdict} ({time.monotonic() - begun:.1f} s)", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def main() -> int:
    wanted = sys.argv[1:] or list(CHECKS)
    results = [passes(name, command) for name, command in CHECKS.items() if name in wanted]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
