"""
Rate limits: per key (or signed-in person), and per address for those who show neither.

Counted in the cache "limits": Redis where there is one; else in the memory of each web process, so that a limit holds
per process and costs no query.
"""

import time

from django.core.cache import caches
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_rate(rate: str) -> tuple[int, int]:
    """``"600/min"`` is (600, 60): so many in so many seconds."""
    number, _slash, period = rate.partition("/")
    return int(number), SECONDS[period[0]]


def spend(name: str, rate: str) -> float | None:
    """
    Count one request under ``name``. Returns None when it may pass, else the seconds to wait.

    A sliding window out of two fixed ones: the last one counts by the share of it that is still in sight.
    """
    most, period = parse_rate(rate)
    window, into = divmod(time.time(), period)
    cache, now, before = caches["limits"], f"limit:{name}:{int(window)}", f"limit:{name}:{int(window) - 1}"
    cache.add(now, 0, timeout=2 * period)
    try:
        used = cache.incr(now) + cache.get(before, 0) * (1 - into / period)
    except ValueError:  # thrown out of a full cache between the two calls: nobody is refused for that
        return None
    return max(1.0, period - into) if used > most else None


class RateThrottle(BaseThrottle):
    scope = ""

    def name_of(self, request) -> str:
        raise TypeError("say who is counted")

    def allow_request(self, request, view):
        self.pause = spend(f"{self.scope}:{self.name_of(request)}", api_settings.DEFAULT_THROTTLE_RATES[self.scope])
        return self.pause is None

    def wait(self):
        return self.pause


class KeyThrottle(RateThrottle):
    """Counts what one key, or one person who is signed in, asks for."""

    scope = "key"

    def name_of(self, request):
        return getattr(request.auth, "prefix", None) or f"staff-{request.user.pk}"


class StrangerThrottle(RateThrottle):
    """Counts what comes from one address with no key or a wrong one. A neighbour with a good key is not held up."""

    scope = "stranger"

    def name_of(self, request):
        return self.get_ident(request)
