"""Make the environment that Omni runs in: .venv, the locked packages, the screens' assets, the translations.

Plain standard library, because it runs before anything is installed:

    python3.11 scripts/setup.py run     what runs Omni
    python3.11 scripts/setup.py test    that, and what tests it

Each step leaves a stamp (a digest of what it was made from) and is skipped while the digest holds.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import assets

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "omni-locks.txt"
LOCKS = {"run": ["requirements.txt"], "test": ["requirements.txt", "requirements-dev.txt"]}


class SetupFailed(Exception):
    """A step that cannot go on, with a sentence that says what to do."""


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def run(*command: str | Path) -> bool:
    """Run one command in the project's root; its output is shown only when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        print((done.stdout + done.stderr)[-4000:], file=sys.stderr)
    return done.returncode == 0


def check_python() -> None:
    if not (3, 11) <= sys.version_info < (3, 14):
        raise SetupFailed(f"Omni needs Python 3.11 to 3.13, not {sys.version.split()[0]}: make PYTHON=python3.11")


def make_venv() -> None:
    """Create .venv with its installer; one that is broken or was interrupted is made anew."""
    if PYTHON.exists() and (VENV / "bin" / "pip").exists():
        return
    say("making .venv")
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        raise SetupFailed("python -m venv failed. On Debian and Ubuntu: apt-get install python3-venv")


def digest(locks: list[str]) -> str:
    return "".join(f"{hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()}  {lock}\n" for lock in locks)


def wanted_locks(mode: str, installed: str) -> list[str]:
    """What tests Omni stays installed once it is: `make run` never takes it away."""
    return LOCKS["test"] if mode == "test" or LOCKS["test"][1] in installed else LOCKS["run"]


def sync(locks: list[str]) -> None:
    """Install exactly what the locks say. pip steps in where uv cannot reach the index that pip is configured for."""
    fetched_uv = (VENV / "bin" / "uv").exists() or run(*pip_install("requirements-setup.txt"))
    if fetched_uv and run(VENV / "bin" / "uv", "pip", "sync", "--python", PYTHON, "--require-hashes", *locks):
        return
    say("uv could not install the packages, trying pip")
    if not all(run(*pip_install(lock)) for lock in locks):
        raise SetupFailed("the packages could not be installed (see above). Is the network there?")


def pip_install(lock: str) -> list[str | Path]:
    return [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]


def install_packages(mode: str) -> None:
    if VENV.is_symlink():
        say(".venv is a link to another environment, its packages are left alone")
        return
    make_venv()
    installed = STAMP.read_text() if STAMP.exists() else ""
    locks = wanted_locks(mode, installed)
    if installed == digest(locks):
        return
    say(f"installing the packages of {' and '.join(locks)}")
    sync(locks)
    STAMP.write_text(digest(locks))


def compile_messages() -> None:
    if not run(PYTHON, "scripts/messages.py", "compile"):
        raise SetupFailed("the translations in locale/ could not be compiled (see above)")


def main(mode: str) -> int:
    try:
        check_python()
        install_packages(mode)
        assets.install(python=PYTHON, pip_install=[str(part) for part in pip_install("requirements-node.txt")], say=say)
        compile_messages()
    except (SetupFailed, assets.AssetsMissing) as failure:
        print(f"set-up stopped: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.exit("usage: setup.py run|test")
    sys.exit(main(sys.argv[1]))
