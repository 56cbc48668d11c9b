"""Rate limits."""

from rest_framework.throttling import UserRateThrottle


class KeyThrottle(UserRateThrottle):
    scope = "key"
