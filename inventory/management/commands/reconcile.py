"""Compares channels with the ledger and says what came of it."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inventory.models import ReconciliationRun
from inventory.services import reconciliation
from omni.models import ConnectorAccount, JobRun
from omni.queue import known_task

FIGURES = ("compared", "agreed", "discrepancies", "pushed")
LOOK_AGAIN = 0.2


class Command(BaseCommand):
    help = "Compare what channels show with the ledger: what changed, or everything (--full)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", metavar="CODE", help="only the accounts of this channel")
        parser.add_argument("--full", action="store_true", help="everything, not only what changed")
        parser.add_argument("--json", action="store_true", help="one JSON object a line and channel")
        parser.add_argument("--timeout", type=float, default=600, help="seconds to wait for one channel (600)")

    def handle(self, *, channel: str | None, full: bool, timeout: float, **options: Any) -> None:
        accounts = ConnectorAccount.objects.working().select_related("channel").order_by("channel__position", "pk")
        if channel:
            accounts = accounts.filter(channel__code=channel)
        if not accounts:
            raise CommandError("No account is in use there." if channel else "No account is in use.")
        lines: dict[str, dict[str, Any]] = {}
        failed = False
        for account in accounts:
            started = time.monotonic()
            run = self.finish(reconciliation.start(account=account, full=full, by=None, at=timezone.now()), timeout)
            line = lines.setdefault(account.channel.code, {"channel": account.channel.code} | dict.fromkeys(FIGURES, 0))
            for name in FIGURES:
                line[name] += getattr(run, name)
            line["seconds"] = round(line.get("seconds", 0) + time.monotonic() - started, 3)
            if run.state != ReconciliationRun.State.DONE:
                failed, line["error"] = True, run.error or str(run.get_state_display())
        for line in lines.values():
            self.stdout.write(json.dumps(line) if options["json"] else in_words(line))
        if failed:
            raise CommandError("Not every channel could be compared.")

    def finish(self, run: ReconciliationRun, timeout: float) -> ReconciliationRun:
        """Do the run's jobs here, unless a worker is faster, until it has ended."""
        until = time.monotonic() + timeout
        while run.finished_at is None and time.monotonic() < until:
            work_off(run)
            run.refresh_from_db()
            if run.finished_at is None:
                time.sleep(LOOK_AGAIN)
                reconciliation.wake(run, at=timezone.now())
        return run


def work_off(run: ReconciliationRun) -> None:
    keys = JobRun.objects.filter(key=f"exchange:{run.account_id}")
    keys |= JobRun.objects.filter(key__startswith=f"reconcile:{run.account_id}:{run.pk}:")
    for job in keys.filter(state=JobRun.State.PENDING, run_at__lte=timezone.now()).order_by("pk"):
        known_task(job.task)(job.pk)


def in_words(line: dict[str, Any]) -> str:
    words = (
        "{channel}: {compared} compared, {agreed} agreed, {discrepancies} discrepancies, {pushed} pushed, {seconds} s"
    )
    return words.format(**line) + (f"; {line['error']}" if "error" in line else "")
