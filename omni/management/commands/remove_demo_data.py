"""Takes the demo away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from omni.errors import RuleBroken
from omni.services import demo_removal

WORD = "REMOVE"


class Command(BaseCommand):
    help = "Delete the demo data and all that was done in it; people and roles that somebody made stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *, yes: bool, **options: Any) -> None:
        for one in demo_removal.preview():
            self.stdout.write(f"  {one.rows:>9,}  {one.name}")
        if not yes and input(f"Type {WORD} to delete these rows: ") != WORD:
            raise CommandError("Nothing was deleted.")
        try:
            gone = demo_removal.remove(by=None, at=timezone.now())
        except RuleBroken as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{gone:,} rows deleted. The installation is empty; staff and roles are as they were.")
