"""How the pages of this app translate a refusal: onto the form, or over the page one came from."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise

from omni.errors import RuleBroken


def carried_out(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether the form was in order and what it asks for is done; a refusal stands on the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return False
    return True


def back(request: HttpRequest, act: Callable[[], object], said: str | Promise, to: str, *args: str) -> HttpResponse:
    """Do what a button asks for and go to a page, which says that it is done, or why it is not."""
    try:
        act()
        messages.success(request, str(said))
    except RuleBroken as broken:
        messages.error(request, str(broken))
    return redirect(to, *args)
