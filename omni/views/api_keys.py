"""API keys: made and shown once, taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.errors import RuleBroken
from omni.forms.api_keys import ApiKeyForm
from omni.listing import Empty, ListPage
from omni.models import ApiKey, ConnectorAccount
from omni.services import api_keys
from omni.tables.settings import ApiKeyTable

KEYS = ListPage(
    url_name="settings_keys",
    title=_("API keys"),
    table=ApiKeyTable,
    search=("name__icontains", "prefix__iexact"),
    order="name",
    empty=Empty(_("No programme has a key yet."), _("Make a key"), "settings_key_add"),
    template="omni/settings/list.html",
    extra={"add": "settings_key_add", "add_words": _("Make a key")},
)


@staff_view("omni.change_apikey")
def key_list(request: StaffRequest) -> HttpResponseBase:
    return KEYS.answer(request, ApiKey.objects.visible_to(request.user).select_related("account"))


@staff_view("omni.change_apikey", methods=["GET", "POST"])
def key_add(request: StaffRequest) -> HttpResponse:
    """Make a key; its token is on the answer and nowhere else."""
    accounts = ConnectorAccount.objects.visible_to(request.user)
    form = ApiKeyForm(request.POST or None, accounts=accounts)
    if form.is_valid():
        try:
            key, token = api_keys.create(by=request.user, at=timezone.now(), **form.cleaned_data)
            return render(request, "omni/settings/key_once.html", {"key": key, "token": token})
        except RuleBroken as broken:
            form.add_error("scopes", str(broken))
    context = {"form": form, "title": _("Make a key"), "back": "settings_keys", "back_words": KEYS.title}
    return render(request, "omni/settings/form.html", context, status=422 if form.errors else 200)


@staff_view("omni.change_apikey", methods=["GET", "POST"])
def key_revoke(request: StaffRequest, public_id: str) -> HttpResponse:
    """Ask once, then take the key back for good."""
    key = get_object_or_404(ApiKey.objects.visible_to(request.user).usable(), public_id=public_id)
    if request.method != "POST":
        return render(request, "omni/settings/key_revoke.html", {"key": key})
    api_keys.revoke(key=key, by=request.user, at=timezone.now())
    messages.success(request, gettext("The key is taken back. Programmes that use it are refused from now on."))
    return redirect("settings_keys")
