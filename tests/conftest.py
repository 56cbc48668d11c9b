"""What every test may rely on. The database is the one that DATABASE_URL names; without it, SQLite."""

import os

import pytest

IN_CI = os.environ.get("CI", "").lower() == "true"
# What may be absent even in CI: systems that lie beside the project, and the half that the other database runs.
MAY_BE_MISSING = ("needs ../shared", "needs PostgreSQL", "needs SQLite")
skipped = pytest.StashKey[list[tuple[str, str]]]()


def pytest_configure(config):
    config.stash[skipped] = []
    config.pluginmanager.register(SkipKeeper(config), "omni-skips")


def pytest_collection_modifyitems(items):
    from django.db import connection

    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: what it tests only exists there"))


@pytest.fixture(scope="session", autouse=True)
def tables_can_be_emptied():
    """A test that commits has its tables emptied after it; on SQLite that is a DELETE, which the ledger refuses."""
    from django.db import connection

    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def without_guards(self, sql_list):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_delete'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        flush(self, sql_list)  # post_migrate, which follows, puts them back on

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setattr(operations, "execute_sql_flush", without_guards)
        yield


def fails_ci(reason: str) -> bool:
    """A missing service is a note on a developer's machine and a failure in CI, or it would never be missed."""
    return not reason.startswith(MAY_BE_MISSING)


class SkipKeeper:
    """Collects why tests were skipped, in the process that reports (xdist's workers send theirs)."""

    def __init__(self, config):
        self.config = config

    def keep(self, report):
        if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
            reason = report.longrepr[2].removeprefix("Skipped: ")
            self.config.stash[skipped].append((report.nodeid, reason))

    pytest_runtest_logreport = keep
    pytest_collectreport = keep

    def unwelcome(self) -> list[tuple[str, str]]:
        return [(test, reason) for test, reason in self.config.stash[skipped] if IN_CI and fails_ci(reason)]

    def pytest_sessionfinish(self, session, exitstatus):
        if self.unwelcome() and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        for test, reason in self.unwelcome():
            terminalreporter.write_line(f"CI does not accept this skip: {test}: {reason}", red=True)
