"""What people set for themselves: language, look, keys, password, second factor."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from omni.access import StaffRequest, has_second_factor, open_view, staff_view
from omni.forms.preferences import PreferencesForm
from omni.services import staff as staff_service


@staff_view(None, methods=["GET", "POST"])
def preferences(request: StaffRequest) -> HttpResponse:
    """Show and save one's own preferences."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        changes = form.cleaned_data
        staff_service.set_preferences(staff=request.user, by=request.user, at=timezone.now(), **changes)
        translation.activate(changes["language"] or settings.LANGUAGE_CODE)
        messages.success(request, _("Saved."))
        return remembered(redirect("preferences"), changes["language"])
    context = {"form": form, "second_factor": has_second_factor(request.user)}
    return render(request, "omni/preferences/form.html", context, status=422 if form.errors else 200)


@open_view(methods=["POST"])
def language(request: HttpRequest) -> HttpResponse:
    """Change the language, also before signing in, and go back to where one was."""
    wanted = request.POST.get("language", "")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "home")
    if wanted not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        staff_service.set_preferences(staff=request.user, by=request.user, at=timezone.now(), language=wanted)
    return remembered(response, wanted)


def remembered(response: HttpResponse, code: str) -> HttpResponse:
    """Keep the language in this browser, for the pages before the sign-in."""
    if code:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=31_536_000, samesite="Lax", httponly=True)
    return response
