"""Opaque public identifiers for URLs and the API."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that reads like something else


def public_id(length: int = 10) -> str:
    """Return a random identifier that people can read aloud (50 bits at the default length)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
