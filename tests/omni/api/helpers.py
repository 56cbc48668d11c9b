"""Callers of the API."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.test import Client

from omni.models import ApiKey
from omni.services import api_keys

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Caller:
    """A programme with a key. ``get`` and ``post`` return Django's response."""

    key: ApiKey
    token: str

    def __post_init__(self):
        self.client = Client(headers={"authorization": f"Bearer {self.token}"})

    def get(self, url: str, query: dict | None = None, **headers):
        return self.client.get(url, query, headers=headers or None)

    def post(self, url: str, body, *, key: str | None = None, **headers):
        raw = body if isinstance(body, bytes | str) else json.dumps(body)
        if key is not None:
            headers["idempotency-key"] = key
        return self.client.post(url, raw, content_type="application/json", headers=headers or None)


def caller_of(*scopes: str, account=None, name: str = "a till system") -> Caller:
    return Caller(*api_keys.create(name=name, scopes=scopes, account=account, at=NOON))
