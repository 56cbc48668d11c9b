"""Connects a Vendure shop that is running somewhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inventory.services import shop_catalogue
from omni.errors import RuleBroken


class Command(BaseCommand):
    help = "Make a channel and an account for a Vendure shop, link its places, and list the SKUs that both know."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", required=True, help="admin API, as in http://127.0.0.1:3000/admin-api")
        parser.add_argument("--username", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--code", default="vendure-shop", help="code of channel and account (vendure-shop)")
        parser.add_argument("--name", default="Vendure shop", help="name of channel and account (Vendure shop)")
        parser.add_argument(
            "--place", action="append", default=[], metavar="ID=CODE",
            help="the shop's stock location ID is our location CODE; unnamed ones become warehouses",
        )  # fmt: skip
        parser.add_argument(
            "--import-catalogue", action="store_true", dest="take_over",
            help="take SKUs that only the shop knows into our catalogue, with their stock as a counted receipt",
        )  # fmt: skip

    def handle(self, *, url: str, username: str, password: str, **options: Any) -> None:
        places = dict(pair.split("=", 1) for pair in options["place"] if "=" in pair)
        wanted = shop_catalogue.Wanted(
            kind="vendure", code=options["code"], name=options["name"], places=places, take_over=options["take_over"],
            values={"url": url, "username": username, "password": password},
        )  # fmt: skip
        try:
            done = shop_catalogue.connect_shop(wanted=wanted, by=None, at=timezone.now())
        except RuleBroken as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{done.account.name}: {done.listed} new listings, {done.taken_over} products taken over, "
            f"{done.unknown} SKUs that only the shop knows."
        )
