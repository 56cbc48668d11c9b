"""In CI a test that did not run because something is missing turns the session red."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_one_test(folder: Path, body: str, **settings: str) -> subprocess.CompletedProcess:
    (folder / "test_one.py").write_text(f"import pytest\n\ndef test_one():\n    {body}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", str(folder)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "CI"))} | settings
    return subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml")], cwd=ROOT, env=environment, text=True, capture_output=True
    )


@pytest.mark.parametrize(
    ("body", "in_ci", "exit_code"),
    [
        ("pytest.skip('needs Chromium')", "true", 1),
        ("pytest.skip('needs Chromium')", "", 0),
        ("pytest.skip('needs ../shared/peers')", "true", 0),
    ],
)
def test_a_missing_service_is_a_failure_in_ci_only(tmp_path, body, in_ci, exit_code):
    done = run_one_test(tmp_path, body, CI=in_ci)

    assert done.returncode == exit_code, done.stdout + done.stderr
    assert ("CI does not accept this skip" in done.stdout) == bool(exit_code)
