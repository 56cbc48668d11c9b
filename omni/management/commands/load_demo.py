"""What ``make run`` loads: a real retailer, and around it a made-up web shop, rules and one sign-in per role."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from omni.errors import RuleBroken
from omni.loading import complete_journey as source
from omni.loading.terminal import Bar
from omni.services import demo


class Command(BaseCommand):
    requires_system_checks = []
    help = "Load the demo. Killed, it goes on where it was; complete, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="say nothing more than a word if there is other data"
        )
        parser.add_argument("--again", action="store_true", help="load it although it was removed on purpose")
        parser.add_argument("--sign-ins", action="store_true", help="only print the sign-ins, one per role")

    def handle(self, *, if_empty: bool, again: bool, sign_ins: bool, **options: Any) -> None:
        if sign_ins:
            self.stdout.write(demo.write_sign_ins())
            return
        try:
            data = demo.load_demo(at=timezone.now(), progress=Bar(sys.stderr), again=again)
        except (demo.NotEmpty, demo.DemoRemoved) as there:
            self.stdout.write(f"{there} Nothing was loaded.")
        except (RuleBroken, source.DataMissing) as refused:
            raise CommandError(str(refused)) from refused
        else:
            demo.write_sign_ins()
            self.stdout.write(f"{data.title} is loaded, moved by {data.shift_weeks} weeks.")
