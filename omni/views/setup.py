"""The set-up of an empty installation, for whoever sits at the machine itself."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from omni.access import open_view
from omni.errors import RuleBroken
from omni.forms.setup import SetUpForm
from omni.queries import retailer as retailer_queries
from omni.services import retailer

LOOPBACK = {"127.0.0.1", "::1"}


@open_view(methods=["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Once, on an empty installation, from the machine itself: make what is needed to begin, then sign in."""
    if request.META.get("REMOTE_ADDR") not in LOOPBACK or not retailer_queries.is_empty():
        raise Http404
    form = SetUpForm(request.POST or None)
    if form.is_valid():
        try:
            retailer.set_up(at=timezone.now(), **form.cleaned_data)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            messages.success(request, _("Omni is yours. Sign in, then bring in your catalogue and stock as files."))
            return redirect("/account/login/?next=/imports/")
    return render(request, "omni/setup/form.html", {"form": form}, status=422 if form.errors else 200)
