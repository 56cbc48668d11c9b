"""Prove the ledger whole, print what is not, and repair it if asked."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from inventory.queries.integrity import findings
from inventory.services import integrity


class Command(BaseCommand):
    help = "Prove that the ledger is whole. Ends with 1 when it is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object a finding")
        parser.add_argument("--repair", action="store_true", help="book what can be put right by movements")

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings()
        if options["repair"]:
            for finding in found:
                self.repair(finding)
            found = findings()
        for finding in found:
            self.stdout.write(json.dumps(asdict(finding), default=str) if options["json"] else str(finding))
        if found:
            raise CommandError(f"The ledger is not whole: {len(found)} findings.", returncode=1)
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS("The ledger is whole."))

    def repair(self, finding) -> None:
        try:
            plan = integrity.repair(finding=finding, by=None, at=timezone.now())
        except integrity.CannotRepair as refused:
            self.stderr.write(str(refused))
        else:
            self.stderr.write(f"{plan.sentence} {plan.before} → {plan.after}")
