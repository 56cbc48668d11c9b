"""Accounts at vendors: made, changed, switched, tried out, and which of our places theirs are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.connectors import KINDS
from omni.connectors.base import Health
from omni.connectors.errors import ConnectorError
from omni.errors import RuleBroken
from omni.models import Channel, ConnectorAccount, Location, RemoteLocationLink, User
from omni.services.health import connector_of, sentence


class CodeTaken(RuleBroken):
    code = "code_taken"


class NoAnswer(RuleBroken):
    code = "no_answer"
    status = 409


@transaction.atomic
def add(
    *,
    code: str,
    name: str,
    kind: str,
    channel: Channel,
    policy: str,
    values: Mapping[str, str],
    by: User | None,
    at: datetime,
) -> ConnectorAccount:
    """Make an account, switched off until its connection was tried. values: by the field names of its kind."""
    config, secrets = split(kind, values)
    try:
        with transaction.atomic():
            account = ConnectorAccount.objects.create(
                code=code, name=name, kind=kind, channel=channel, policy=policy, config=config, secrets=secrets,
                enabled=False,
            )  # fmt: skip
    except IntegrityError:
        raise CodeTaken(_("Another account has this code already.")) from None
    record("account.added", subject=account, at=at, by=by, channel=channel, kind=kind)
    return account


@transaction.atomic
def change(
    *, account: ConnectorAccount, name: str, policy: str, values: Mapping[str, str], by: User | None, at: datetime
) -> ConnectorAccount:
    """Change an account. A secret that was left empty stays as it is; nothing secret is ever recorded."""
    config, secrets = split(account.kind, values)
    account.name, account.policy = name, policy
    account.config = {**account.config, **config}
    account.secrets = {**account.secrets, **secrets}
    account.save(update_fields=["name", "policy", "config", "secrets"])
    record(
        "account.changed", subject=account, at=at, by=by, channel=account.channel,
        fields=sorted(config), secrets=sorted(secrets),
    )  # fmt: skip
    return account


def split(kind: str, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Part what was filled in into settings and secrets; empty secrets are left out."""
    fields = KINDS[kind].fields
    config = {field.name: str(values.get(field.name, "")) for field in fields if not field.secret}
    secrets = {field.name: str(values[field.name]) for field in fields if field.secret and values.get(field.name)}
    return config, secrets


@transaction.atomic
def set_enabled(*, account: ConnectorAccount, enabled: bool, by: User | None, at: datetime) -> ConnectorAccount:
    """Switch the exchange with an account on or off; what is unsent waits."""
    ConnectorAccount.objects.filter(pk=account.pk).update(enabled=enabled)
    record("account.enabled" if enabled else "account.disabled", subject=account, at=at, by=by, channel=account.channel)
    return account


def try_out(*, account: ConnectorAccount, by: User | None, at: datetime) -> Health:
    """Ask the vendor whether we may come in. Never inside a transaction."""
    try:
        health = connector_of(account).check()
    except ConnectorError as error:
        health = Health(ok=False, sentence=sentence(error))
    record(
        "account.tried", subject=account, at=at, by=by, channel=account.channel, outcome="ok" if health.ok else "failed"
    )
    return health


def fetch_places(*, account: ConnectorAccount, by: User | None, at: datetime) -> int:
    """
    Ask the vendor for its places; new ones wait to be linked by a person. Returns how many are new.

    Never inside a transaction. Raises NoAnswer.
    """
    try:
        found = list(connector_of(account).locations())
    except ConnectorError as error:
        raise NoAnswer(sentence(error)) from error
    with transaction.atomic():
        known = set(account.location_links.values_list("remote_id", flat=True))
        fresh = [place for place in found if place.remote_id not in known]
        RemoteLocationLink.objects.bulk_create(
            RemoteLocationLink(account=account, remote_id=place.remote_id, remote_name=place.name) for place in fresh
        )
        record("account.places_fetched", subject=account, at=at, by=by, channel=account.channel, fresh=len(fresh))
    return len(fresh)


@transaction.atomic
def link_places(
    *, account: ConnectorAccount, links: Mapping[str, Location | None], by: User | None, at: datetime
) -> None:
    """Say which of our locations each place at the vendor is. links: by the vendor's id."""
    for link in account.location_links.select_for_update().filter(remote_id__in=list(links)):
        link.location = links[link.remote_id]
        link.save(update_fields=["location"])
    told: dict[str, Any] = {remote: place.pk if place else None for remote, place in links.items()}
    record("account.places_linked", subject=account, at=at, by=by, channel=account.channel, links=told)
