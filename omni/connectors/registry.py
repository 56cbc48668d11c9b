"""Which kinds of connector there are, what each must be told, and how to open one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from omni.connectors.base import ChannelConnector
from omni.connectors.errors import Misconfigured

Text = str | Promise


@dataclass(frozen=True, slots=True)
class SettingField:
    """One thing a person fills in. Secret ones are kept encrypted and never shown again."""

    name: str
    label: Text
    help: Text = ""
    required: bool = False
    secret: bool = False
    kind: Literal["text", "url", "number", "choice"] = "text"
    choices: tuple[tuple[str, Text], ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of connector. ``opener`` is a dotted name: a vendor's module is imported when first used."""

    code: str
    name: Text
    summary: Text
    opener: str
    fields: tuple[SettingField, ...]

    @property
    def config_fields(self) -> tuple[SettingField, ...]:
        return tuple(field for field in self.fields if not field.secret)

    @property
    def secret_fields(self) -> tuple[SettingField, ...]:
        return tuple(field for field in self.fields if field.secret)


FEED = Kind(
    code="feed",
    name=_("Files in a folder"),
    summary=_("Tills and marketplaces that exchange CSV files, usually over SFTP."),
    opener="omni.connectors.feed.open_feed",
    fields=(
        SettingField("folder", _("Folder"), _("Name of the account's folder for exchanged files."), required=True),
        SettingField(
            "checksum",
            _("Checksums"),
            _("Without checksums a file is taken once it has not changed for the settling time."),
            kind="choice",
            choices=(("required", _("Required")), ("optional", _("Optional"))),
            default="required",
        ),
        SettingField(
            "settle_seconds",
            _("Settling time (seconds)"),
            _("How long an unfinished file is waited for before it is set aside."),
            kind="number",
            default="60",
        ),
        SettingField("archive_days", _("Keep archived files (days)"), kind="number", default="30"),
    ),
)

VENDURE = Kind(
    code="vendure",
    name=_("Vendure web shop"),
    summary=_("A Vendure server, over its admin API."),
    opener="omni.connectors.vendure.open_vendure",
    fields=(
        SettingField(
            "url", _("Address of the admin API"), _("For example https://shop.example/admin-api"), True, kind="url"
        ),
        SettingField("username", _("User name"), required=True),
        SettingField("password", _("Password"), required=True, secret=True),
        SettingField(
            "channel_token", _("Channel token"), _("Only for a shop with several Vendure channels."), secret=True
        ),
        SettingField(
            "stock_location",
            _("Stock location"),
            _("Id of the one location that Omni fills. Empty: each of the shop's locations by itself."),
        ),
        SettingField("webhook_secret", _("Webhook secret"), _("Empty: webhooks are refused."), secret=True),
        SettingField(
            "webhook_header",
            _("Webhook signature header"),
            _("The header in which the shop's webhook plugin sends its signature."),
            default="X-Signature",
        ),
    ),
)

KINDS: dict[str, Kind] = {kind.code: kind for kind in (FEED, VENDURE)}


def connect(kind: str, config: Mapping[str, Any], secrets: Mapping[str, str]) -> ChannelConnector:
    """
    Open the connector of one account. Nothing is sent or read before its first use.

    config and secrets: values by the field names of ``KINDS[kind]``. The installation adds two of its own to the
    config: ``root``, the folder under which the folders of feeds lie, and ``public_only``, which keeps HTTP
    connectors away from loopback and its own network.

    Raises Misconfigured for an unknown kind or a missing field.
    """
    if kind not in KINDS:
        raise Misconfigured(f"unknown kind of connector: {kind}")
    for field in KINDS[kind].fields:
        given = (secrets if field.secret else config).get(field.name)
        if field.required and not str(given or "").strip():
            raise Misconfigured(f"{field.name} is missing", field=field.name)
    connector: ChannelConnector = import_string(KINDS[kind].opener)(config, secrets)
    return connector
