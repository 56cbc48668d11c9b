"""Make an API key where no browser is at hand."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from omni.access import SCOPES
from omni.errors import RuleBroken
from omni.models import ConnectorAccount
from omni.services import api_keys


class Command(BaseCommand):
    help = "Make an API key and print its token, once."

    def add_arguments(self, parser):
        parser.add_argument("name", help="which programme gets it")
        parser.add_argument("--scope", action="append", required=True, dest="scopes", help=", ".join(SCOPES))
        parser.add_argument("--account", help="code of the connector account in whose channel alone it may act")

    def handle(self, *, name, scopes, account, **options):
        found = ConnectorAccount.objects.filter(code=account).first() if account else None
        if account and found is None:
            raise CommandError(f"There is no account {account}.")
        try:
            _key, token = api_keys.create(name=name, scopes=scopes, account=found, at=timezone.now())
        except RuleBroken as broken:
            raise CommandError(str(broken)) from broken
        self.stdout.write(token)
