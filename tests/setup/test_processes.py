"""No child outlives its parent, however the parent goes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import Child, stop

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(300)"
)
WITH_CHILD = (
    "import subprocess, sys, time; "
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)']).pid, flush=True); time.sleep(300)"
)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has collected yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(condition, *, within: float = 20) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def python(code: str, log: Path) -> Child:
    child = Child("child", [sys.executable, "-c", code], log)
    child.start()
    assert eventually(lambda: log.read_text()), "the child said nothing"
    return child


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path):
    child = python(STUBBORN, tmp_path / "log")

    stop([child], grace=0.3)

    assert child.exit_code == -signal.SIGKILL


def test_stopping_takes_the_grandchildren_along(tmp_path):
    log = tmp_path / "log"
    child = python(WITH_CHILD, log)
    grandchild = int(log.read_text())
    assert is_alive(grandchild)

    stop([child], grace=5)

    assert eventually(lambda: not is_alive(grandchild))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux kills orphans for us")
def test_a_child_dies_when_its_parent_is_killed_without_a_word(tmp_path):
    log = tmp_path / "log"
    parent_code = (
        f"import sys, time; sys.path.insert(0, {str(SCRIPTS)!r}); from processes import Child; "
        "child = Child('c', [sys.executable, '-c', 'import time; time.sleep(300)']); child.start(); "
        "print(child.process.pid, flush=True); time.sleep(300)"
    )
    with log.open("wb") as output:
        parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=output)
    assert eventually(lambda: log.read_text().strip())
    child = int(log.read_text())
    assert is_alive(child)

    parent.kill()
    parent.wait()

    assert eventually(lambda: not is_alive(child))


def test_last_words_are_the_end_of_the_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("\n".join(str(number) for number in range(100)))

    assert Child("child", [], log).last_words(lines=2) == "98\n99"
    assert Child("child", [], tmp_path / "none").last_words() == ""
