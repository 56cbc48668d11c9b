"""Versions that channels give to the states of their stock: text, which can often be counted."""


def number(version: str) -> int | None:
    """A version that can be counted, or None."""
    return int(version) if version.isascii() and version.isdigit() and len(version) < 19 else None


def is_newer(version: str, than: str) -> bool:
    """Whether a channel's version comes after another one; versions that cannot be counted never do."""
    mine, other = number(version), number(than)
    return mine is not None and other is not None and mine > other
