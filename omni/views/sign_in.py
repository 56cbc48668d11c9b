"""Signing in: what answers when the door stays shut."""

from math import ceil

from allauth.account.views import LoginView
from axes.decorators import axes_dispatch, axes_form_invalid
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator

from omni.access import open_view
from omni.queries.retailer import is_empty


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(open_view(methods=["GET", "POST"]), name="dispatch")
class SignIn(LoginView):
    """allauth's sign-in, behind the lock-out by user name and address."""

    form_invalid = axes_form_invalid(LoginView.form_invalid)

    def get(self, request, *args, **kwargs) -> HttpResponse:
        """An empty installation is set up first."""
        return redirect("set_up") if is_empty() else super().get(request, *args, **kwargs)


def name_of(request: HttpRequest, credentials: dict | None = None) -> str:
    """The user name that somebody tries: allauth hands it over as username, its form sends it as login."""
    return (credentials or {}).get("username") or request.POST.get("login", "")


def locked_out(request: HttpRequest, response: HttpResponse | None = None, credentials=None) -> HttpResponse:
    """Say the same to everybody, known or not: wait, and how long."""
    wait = settings.AXES_COOLOFF_TIME.total_seconds()
    answer = render(request, "account/locked.html", {"minutes": ceil(wait / 60)}, status=429)
    answer.headers["Retry-After"] = str(int(wait))
    return answer


@open_view()
def forgotten(request: HttpRequest) -> HttpResponse:
    """Passwords are given by administrators; no mail is sent."""
    return render(request, "account/password_reset.html")


@open_view(methods=["GET", "POST"])
def closed(request: HttpRequest, **_kwargs: object) -> HttpResponse:
    """What allauth names and Omni does not offer: signing up, mail addresses, a first password."""
    raise Http404
