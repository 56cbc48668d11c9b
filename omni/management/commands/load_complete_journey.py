"""Loads the real retailer that the demo runs on."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from omni.errors import RuleBroken
from omni.loading import complete_journey as source
from omni.loading.terminal import Bar
from omni.models import LoadedData
from omni.services import loading


def weeks(text: str) -> int | None:
    try:
        return None if text == "auto" else int(text)
    except ValueError as error:
        raise ArgumentTypeError("a whole number of weeks, or auto") from error


def day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("a day such as 2017-09-24") from error
    if not source.FIRST_DAY <= found <= source.LAST_DAY:
        raise ArgumentTypeError("a day in 2017: the data covers that year")
    return found


class Command(BaseCommand):
    requires_system_checks = []
    help = "Load the Complete Journey. Killed, it goes on where it was; complete, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stores", type=int, default=source.DEMO_STORES, help="the N busiest stores (12)")
        parser.add_argument("--from", dest="first", type=day, default=source.DEMO_FIRST_DAY, help="first day")
        parser.add_argument("--to", dest="last", type=day, default=source.DEMO_LAST_DAY, help="last day")
        parser.add_argument("--all", action="store_true", dest="everything", help="all stores, the whole year")
        parser.add_argument("--shift-weeks", type=weeks, default=None, help="move all times by N weeks, or auto (auto)")

    def handle(self, *, stores: int, first: date, last: date, everything: bool, **options: Any) -> None:
        if stores < 1 or first > last:
            raise CommandError("Ask for at least one store, and for a first day that is not after the last.")
        cut = loading.Cut(stores, first, last)
        if everything:
            cut = loading.Cut(None, source.FIRST_DAY, source.LAST_DAY)
        try:
            data = loading.load(
                cut=cut, weeks=options["shift_weeks"], at=timezone.now(), progress=Bar(sys.stderr)
            )  # fmt: skip
        except (RuleBroken, source.DataMissing) as refused:
            raise CommandError(str(refused)) from refused
        self.tell(data)

    def tell(self, data: LoadedData) -> None:
        """What is there, and what was left out, by reason."""
        self.stdout.write(f"{data.title}: {data.first_day} to {data.last_day}, moved by {data.shift_weeks} weeks.")
        for key, words in loading.WORDS.items():
            if data.summary.get(key):
                self.stdout.write(f"  {data.summary[key]:>9,}  {words}")
