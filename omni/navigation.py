"""What every screen shows around the page: navigation, badges, data band, registries that other apps fill by name."""

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict:
    """Context of the shell."""
    return {}
