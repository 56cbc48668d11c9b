"""Pages with one form: shown, checked, handed to one service, and shown again with what was refused."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest
from omni.errors import RuleBroken
from omni.listing import ListPage
from omni.navigation import Text


def edit(
    request: StaffRequest,
    *,
    form: forms.BaseForm,
    save: Callable[..., Any],
    back: ListPage,
    title: Text,
    template: str = "omni/settings/form.html",
    **context: Any,
) -> HttpResponse:
    """
    Answer a page with one form.

    save: called with the cleaned fields once they are right; a RuleBroken that it raises is shown in the form (422).
    back: the list that follows, and that the crumb leads back to.
    """
    if request.method == "POST" and form.is_valid():
        try:
            save(**form.cleaned_data)
        except RuleBroken as broken:
            form.add_error(None, str(broken))
        else:
            messages.success(request, _("Saved."))
            return redirect(back.url_name)
    shown = {"form": form, "title": title, "back": back.url_name, "back_words": back.title, **context}
    return render(request, template, shown, status=422 if form.errors else 200)
