"""Whose key is this?"""

import hashlib
import hmac

from omni.models import ApiKey

MARK = "omni"


def digest(secret: str) -> str:
    """SHA-256 is right for a random secret of 200 bits: nobody can guess it, so it need not be slow."""
    return hashlib.sha256(secret.encode()).hexdigest()


def of_token(token: str) -> ApiKey | None:
    """Return the usable key that ``omni_<prefix>_<secret>`` is, or None. Compares in constant time."""
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not prefix or not secret or len(token) > 100 or not token.isascii() or "\0" in token:
        return None
    key = ApiKey.objects.usable().select_related("account__channel").filter(prefix=prefix).first()
    fits = hmac.compare_digest(digest(secret), key.hash if key else digest(""))
    return key if fits else None
