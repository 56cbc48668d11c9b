"""API keys: who calls, and what the key may do."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return None


class HasScope(BasePermission):
    def has_permission(self, request, view):
        return False
