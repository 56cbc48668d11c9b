"""API keys: who calls, and what the caller may do."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from omni.access import SCOPES, needs_second_factor
from omni.models import ApiKey, Channel
from omni.queries.api_keys import of_token
from omni.services import api_keys


@dataclass(frozen=True)
class Programme:
    """
    An integration that came in with a key.

    It answers what querysets ask of staff (``visible_to``): its rights are those of its scopes, at all locations.
    """

    key: ApiKey
    pk = None
    is_authenticated = is_active = sees_all_locations = True
    is_anonymous = is_superuser = is_staff = False

    @property
    def source(self) -> str:
        """Who says so, in the ledger: the account, so that a new key of the same account repeats nothing."""
        return f"api:{self.key.account.code if self.key.account else self.key.prefix}"

    @property
    def channel(self) -> Channel | None:
        """The one channel this key may act in; None: any."""
        return self.key.account.channel if self.key.account else None

    def has_perm(self, right: str, _thing: object = None) -> bool:
        return any(right in SCOPES[scope].rights for scope in self.key.scopes if scope in SCOPES)

    def has_scope(self, scope: str) -> bool:
        return scope in SCOPES and scope in self.key.scopes


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """``Authorization: Bearer omni_<prefix>_<secret>``."""

    def authenticate(self, request):
        scheme, _space, token = authentication.get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        key = of_token(token.strip().decode("latin-1"))
        if key is None:
            raise AuthenticationFailed(_("This key is not known here, or was revoked."))
        api_keys.notice(key=key, at=timezone.now())
        return Programme(key), key

    def authenticate_header(self, request):
        return 'Bearer realm="omni"'


class HasScope(BasePermission):
    """
    Lets a key do what the view's ``scopes`` name for the method, and nothing where a view names none.

    Staff who are signed in may read with the rights that the scope stands for; they never write here.
    """

    def has_permission(self, request, view):
        if request.method not in view.allowed_methods:
            return True  # there is no such method to let anybody to: the answer is 405
        scope = getattr(view, "scopes", {}).get("GET" if request.method == "HEAD" else request.method)
        caller = request.user
        if scope not in SCOPES or not caller.is_authenticated:
            return False
        if isinstance(caller, Programme):
            return caller.has_scope(scope)
        rights = SCOPES[scope].rights
        return request.method in SAFE_METHODS and caller.has_perms(rights) and not needs_second_factor(caller)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "omni.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "omni_<prefix>_<secret>",
            "description": "A key from Settings › API keys, with the scope that the operation names.",
        }
