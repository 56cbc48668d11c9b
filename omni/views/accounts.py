"""Connections: accounts at shops and tills, tested, switched, and their places linked to ours."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from omni.access import StaffRequest, staff_view
from omni.connectors import KINDS
from omni.editing import edit
from omni.errors import RuleBroken
from omni.forms.accounts import AccountForm, NewAccountForm, PlacesForm
from omni.listing import Empty, ListPage
from omni.models import Channel, ConnectorAccount, Location
from omni.services import accounts
from omni.tables.settings import AccountTable

ACCOUNTS = ListPage(
    url_name="settings_accounts",
    title=_("Connections"),
    table=AccountTable,
    search=("name__icontains", "code__icontains"),
    order="name",
    empty=Empty(_("No connection yet."), _("Connect a shop or tills"), "settings_account_kinds"),
    template="omni/settings/list.html",
    extra={"add": "settings_account_kinds", "add_words": _("Connect a shop or tills")},
)


def account_of(request: StaffRequest, public_id: str) -> ConnectorAccount:
    rows = ConnectorAccount.objects.visible_to(request.user).select_related("channel")
    return get_object_or_404(rows, public_id=public_id)


@staff_view("omni.change_connectoraccount")
def account_list(request: StaffRequest) -> HttpResponseBase:
    return ACCOUNTS.answer(request, ConnectorAccount.objects.visible_to(request.user).select_related("channel"))


@staff_view("omni.change_connectoraccount")
def account_kinds(request: StaffRequest) -> HttpResponse:
    """Choose what kind of shop or till it is."""
    return render(request, "omni/settings/kinds.html", {"kinds": KINDS.values()})


@staff_view("omni.change_connectoraccount", methods=["GET", "POST"])
def account_add(request: StaffRequest, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    form = NewAccountForm(request.POST or None, kind=kind, channels=Channel.objects.visible_to(request.user).open())

    def save(**fields):
        accounts.add(kind=kind, by=request.user, at=timezone.now(), **fields)

    return edit(request, form=form, save=save, title=KINDS[kind].name, back=ACCOUNTS)


@staff_view("omni.change_connectoraccount", methods=["GET", "POST"])
def account(request: StaffRequest, public_id: str) -> HttpResponse:
    """One connection: its settings, its buttons, its places."""
    row = account_of(request, public_id)
    form = AccountForm(request.POST or None, kind=row.kind, account=row)

    def save(**fields):
        accounts.change(account=row, by=request.user, at=timezone.now(), **fields)

    links = row.location_links.select_related("location").order_by("remote_name", "remote_id")
    places = PlacesForm(links=links, places=Location.objects.visible_to(request.user).open())
    shown = {"account": row, "kind": KINDS[row.kind], "places": places, "actions": actions_on(row)}
    return edit(
        request, form=form, save=save, title=row.name, template="omni/settings/account.html", back=ACCOUNTS, **shown
    )


def actions_on(row: ConnectorAccount) -> list[dict]:
    turn, icon = (_("Switch off"), "pause") if row.enabled else (_("Switch on"), "play")
    return [
        {"url": reverse("settings_account_test", args=[row.public_id]), "words": _("Test connection"), "icon": "plug"},
        {"url": reverse("settings_account_enable", args=[row.public_id]), "words": turn, "icon": icon},
    ]


@staff_view("omni.change_connectoraccount", methods=["POST"])
def account_test(request: StaffRequest, public_id: str) -> HttpResponse:
    """Try the connection, and say in one sentence how it went."""
    health = accounts.try_out(account=account_of(request, public_id), by=request.user, at=timezone.now())
    (messages.success if health.ok else messages.error)(request, health.sentence)
    return redirect("settings_account", public_id)


@staff_view("omni.change_connectoraccount", methods=["POST"])
def account_enable(request: StaffRequest, public_id: str) -> HttpResponse:
    row = account_of(request, public_id)
    accounts.set_enabled(account=row, enabled=not row.enabled, by=request.user, at=timezone.now())
    return redirect("settings_account", public_id)


@staff_view("omni.change_connectoraccount", methods=["POST"])
def account_fetch(request: StaffRequest, public_id: str) -> HttpResponse:
    """Ask the vendor for its places."""
    try:
        fresh = accounts.fetch_places(account=account_of(request, public_id), by=request.user, at=timezone.now())
    except RuleBroken as broken:
        messages.error(request, str(broken))
    else:
        said = ngettext("%(n)s new place. Say which of yours it is.", "%(n)s new places. Say which of yours.", fresh)
        messages.success(request, said % {"n": fresh})
    return redirect("settings_account", public_id)


@staff_view("omni.change_connectoraccount", methods=["POST"])
def account_places(request: StaffRequest, public_id: str) -> HttpResponse:
    """Link the vendor's places to ours."""
    row = account_of(request, public_id)
    places = Location.objects.visible_to(request.user).open()
    form = PlacesForm(request.POST, links=row.location_links.order_by("remote_name", "remote_id"), places=places)
    if form.is_valid():
        accounts.link_places(account=row, links=form.chosen, by=request.user, at=timezone.now())
        messages.success(request, gettext("Saved."))
    else:
        messages.error(request, gettext("Nothing was saved: a place is not known here."))
    return redirect("settings_account", public_id)
