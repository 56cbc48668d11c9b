"""
What every screen shows around the page, and the registries that apps fill by name.

Sections, search, scan box, badges and work are dotted strings or plain words here, so that the kernel imports nobody.
A section appears for whoever has its right, as soon as its page exists.
"""

from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Section:
    """
    An entry of the navigation.

    url_name: the page it opens. right: who sees it (None: everybody). group: entries of one number stand together.
    pages: beginnings of the URL names that belong to it, besides its own.
    badge: dotted name of a function ``(staff, *, location, at) -> omni.work_words.Badge``, asked by the bell.
    """

    label: Text
    icon: str
    url_name: str
    right: str | None
    group: int
    pages: tuple[str, ...] = ()
    badge: str = ""

    def holds(self, url_name: str) -> bool:
        return bool(url_name) and url_name.startswith((self.url_name, *self.pages))


SECTIONS = (
    Section(
        _("Today"), "calendar-clock", "today", "inventory.do_count", 1, ("count",),
        "omni.queries.work.today_badge",
    ),
    Section(
        _("Stock"), "boxes", "stock", "inventory.view_stocklevel", 1,
        ("transfer", "catalogue", "product", "variant", "gtin", "categor", "price", "rule", "buffer"),
    ),
    Section(_("Till"), "scan-barcode", "till", "inventory.sell_at_till", 1),
    Section(
        _("Channels"), "waypoints", "channels", "inventory.view_discrepancy", 1,
        ("discrepancy", "integration", "demo_shop", "set_aside"),
        "inventory.queries.discrepancies.channels_badge",
    ),
    Section(_("Campaigns"), "megaphone", "campaigns", "journeys.view_campaign", 2, ("campaign",)),
    Section(_("Overview"), "gauge", "overview", "omni.view_overview", 3),
    Section(_("Files"), "file-spreadsheet", "imports", "inventory.import_files", 3, ("import", "export", "change_set")),
    Section(_("Ledger check"), "scale", "integrity", "omni.view_integrity", 3),
    Section(_("Settings"), "settings", "settings", "omni.change_settings", 3, ("staff", "audit")),
)  # fmt: skip


@dataclass(frozen=True)
class Action:
    """Something the command palette can start: a page where it begins."""

    label: Text
    icon: str
    url_name: str
    right: str | None


ACTIONS = (
    Action(_("Change my language, look or password"), "user-round", "preferences", None),
    Action(_("Import a file"), "file-up", "imports", "inventory.import_files"),
    Action(_("Add a member of staff"), "user-plus", "settings_staff_add", "omni.change_user"),
    Action(_("Add a channel"), "waypoints", "settings_channel_add", "omni.change_settings"),
    Action(_("Add a store or warehouse"), "store", "settings_location_add", "omni.change_settings"),
    Action(_("Make an API key"), "key-round", "settings_key_add", "omni.change_settings"),
    Action(_("See running jobs"), "list-checks", "settings_jobs", "omni.view_jobrun"),
    Action(_("Check the ledger"), "scale", "integrity", "omni.view_integrity"),
    Action(_("About this data"), "info", "about_data", None),
    Action(_("Help and keys"), "circle-question-mark", "help", None),
)

# What the search box and the palette look through: dotted names of functions (staff, text, *, limit) -> list[Hit].
SEARCH_PROVIDERS: tuple[str, ...] = (
    "inventory.queries.search.search",
    "omni.queries.locations.search",
    "omni.queries.channels.search",
)
# What the scan box understands, in order: dotted names of functions (staff, code, *, location) -> Hit | None.
SCAN_READERS: tuple[str, ...] = ("inventory.queries.search.read_code",)


@dataclass(frozen=True)
class WorkKind:
    """
    The words of a kind of work item. ``title`` is filled from the item's data, as in "Count %(name)s".

    right: what its page asks for; nobody else is shown it.
    """

    title: Text
    icon: str
    action: Text
    right: str | None = None


WORK_KINDS: dict[str, WorkKind] = {
    "count": WorkKind(_("Count %(name)s"), "clipboard-list", _("Count"), "inventory.do_count"),
    "transfer.receive": WorkKind(
        _("Receive a transfer from %(sender)s"), "arrow-left-right", _("Receive"), "inventory.view_transfer"
    ),
    "ledger.broken": WorkKind(_("The ledger does not add up"), "scale", _("Look"), "omni.view_integrity"),
    "audit.broken": WorkKind(_("The audit log was changed afterwards"), "scale", _("Look"), "omni.view_integrity"),
}

# What jobs are called, by task, and what the figures that they report mean.
JOB_NAMES: dict[str, Text] = {
    "omni.check_change_set": _("Check a file"),
    "omni.apply_change_set": _("Write the rows of a file"),
    "omni.undo_change_set": _("Undo an import"),
    "omni.export_file": _("Write an export"),
    "omni.remove_demo": _("Remove the demo data"),
    "omni.bring_demo_forward": _("Bring the demo data forward"),
    "inventory.exchange": _("Read what a channel has for us"),
    "inventory.push": _("Tell a channel our stock"),
    "inventory.reconcile": _("Compare with a channel"),
    "inventory.read_report": _("Read what a channel reported"),
    "inventory.refresh_rule": _("Begin or end a stock rule"),
    "inventory.verify_ledger": _("Check the ledger"),
}
JOB_FIGURES: dict[str, Text] = {
    "compared": _("compared"), "agreed": _("agree"), "in_flight": _("in flight"), "discrepancies": _("discrepancies"),
    "pushed": _("pushed"), "rows": _("rows"), "new": _("new"), "changed": _("changed"), "same": _("as they were"),
    "wrong": _("wrong"), "sales": _("sales"), "skipped": _("left out"), "failed": _("failed"),
    "findings": _("findings"), "shards": _("shards"), "lines": _("lines"), "listings": _("listings"),
}  # fmt: skip


@cache
def page_exists(url_name: str) -> bool:
    """Whether a page of this name is served by this installation and opens without arguments."""
    try:
        reverse(url_name)
    except NoReverseMatch:
        return False
    return True


def may(staff, right: str | None) -> bool:
    return right is None or staff.has_perm(right)


def sections_for(staff) -> list[Section]:
    """The sections this person sees, in order."""
    return [one for one in SECTIONS if page_exists(one.url_name) and may(staff, one.right)]


def actions_for(staff) -> list[Action]:
    return [one for one in ACTIONS if page_exists(one.url_name) and may(staff, one.right)]


def shell(request) -> dict:
    """Context of every template: ``shell``, whose parts are read from the database only when a template shows them."""
    from omni.shell import Shell

    if not hasattr(request, "omni_shell"):
        request.omni_shell = Shell(request)
    return {"shell": request.omni_shell}
