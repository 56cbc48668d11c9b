"""Saved views of lists: keep and delete."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.forms.saved_views import SavedViewForm
from omni.models import SavedView
from omni.services import access


@staff_view(None, methods=["POST"])
def saved_view_save(request: StaffRequest) -> HttpResponse:
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This view was not kept: it needs a name."))
        return redirect("home")
    page = reverse(form.cleaned_data["page"])
    try:
        view = access.save_view(**form.cleaned_data, by=request.user, at=timezone.now())
    except RuleBroken as broken:
        messages.error(request, str(broken))
        return redirect(page)
    messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
    return redirect(f"{page}?{view.query}")


@staff_view(None, methods=["POST"])
def saved_view_delete(request: StaffRequest, public_id: str) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.visible_to(request.user).filter(owner=request.user), public_id=public_id)
    page = reverse(view.page)
    access.delete_view(view=view, by=request.user, at=timezone.now())
    messages.success(request, _("“%(name)s” is gone.") % {"name": view.name})
    return redirect(f"{page}?view=all")
