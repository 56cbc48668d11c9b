"""Model fields of the kernel."""

import json
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@cache
def cipher() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.FIELD_KEYS])


class EncryptedJSONField(models.TextField):
    """A small JSON object that is encrypted at rest (Fernet, newest key first). Never searchable, never exported."""

    _pyi_private_set_type: dict[str, str]  # type: ignore[assignment]  # what django-stubs reads
    _pyi_private_get_type: dict[str, str]  # type: ignore[assignment]

    def from_db_value(self, value, expression, connection):
        return json.loads(cipher().decrypt(value.encode())) if value else {}

    def to_python(self, value):
        return value if isinstance(value, dict) or value is None else json.loads(value or "{}")

    def get_prep_value(self, value):
        return cipher().encrypt(json.dumps(value).encode()).decode() if value else ""
