"""Keeps the stand-in shops of a demo alive."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from omni.demo_shop import serve_forever


class Command(BaseCommand):
    requires_system_checks = []
    help = "Serve stand-in shops, which talk to Omni only through the files in their folders. Ends on SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", action="append", required=True, type=Path, help="exchange folder; repeatable")
        parser.add_argument("--poll", type=float, default=0.3, help="seconds between two looks (0.3)")
        parser.add_argument("--snapshot-every", type=float, default=30, help="seconds between stock reports (30)")

    def handle(self, *, folder: list[Path], poll: float, snapshot_every: float, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_caught: stop.set())
        self.stdout.write(f"Serving {len(folder)} stand-in shops.")
        serve_forever(folder, stop, poll=poll, snapshot_every=snapshot_every)
