"""The columns of discrepancies and listings."""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.models import Discrepancy, Listing
from inventory.queries.discrepancies import TONES, WORDS
from omni import words
from omni.navigation import shell
from omni.templatetags import omni as shown

NUMBER = {"td": {"class": "num"}, "th": {"class": "num"}}
STRONG = {"td": {"class": "num strong"}, "th": {"class": "num"}}


def tag(text, tone: str, icon: str = ""):
    return format_html('<span class="o-tag o-{}">{}{}</span>', tone, shown.icon(icon) if icon else "", text)


def signed(units: int | None) -> str:
    return "" if units is None else ("+" if units > 0 else "") + words.number(units)


class DiscrepancyTable(tables.Table):
    """Both values, the gap, the likely cause and the age."""

    product = tables.Column(_("Product and store"), accessor="remote_sku", order_by=("remote_sku",))
    channel = tables.Column(_("Channel"), empty_values=(), order_by=("account__channel__name",))
    ours = tables.Column(_("Ours"), order_by=("ours",), attrs=NUMBER, empty_values=())
    theirs = tables.Column(_("Theirs"), order_by=("theirs",), attrs=NUMBER, empty_values=())
    gap = tables.Column(_("Gap"), empty_values=(), orderable=False, attrs=STRONG)
    cause = tables.Column(_("Likely cause"), order_by=("cause",))
    age = tables.Column(_("Age"), accessor="found_at", order_by=("found_at",), attrs=NUMBER)
    outcome = tables.Column(_("Outcome"), order_by=("outcome",), empty_values=())

    class Meta:
        model = Discrepancy
        fields = ()
        template_name = "components/table.html"

    def render_product(self, record):
        address = reverse("discrepancy", args=[record.public_id])
        name = record.variant.product.name if record.variant else _("Not in the catalogue")
        place = record.location.name if record.location else _("all stores together")
        return format_html(
            '<a class="strong" href="{0}" hx-get="{0}" hx-target="#drawer" hx-swap="outerHTML" hx-push-url="false">{1}'
            '</a><br><span class="micro dim"><span class="code">{2}</span> · {3}</span>',
            address, name, record.remote_sku, place,
        )  # fmt: skip

    def value_product(self, record):
        return record.remote_sku

    def render_channel(self, record):
        return shown.channel_badge(record.account.channel) if record.account else _("the ledger")

    def value_channel(self, record):
        return record.account.code if record.account else ""

    def render_ours(self, value):
        return shown.figures(value)

    def render_theirs(self, value):
        return shown.figures(value)

    def value_ours(self, value):
        return value

    def value_theirs(self, value):
        return value

    def gap_of(self, record) -> int | None:
        return None if record.ours is None or record.theirs is None else record.theirs - record.ours

    def render_gap(self, record):
        return signed(self.gap_of(record))

    def value_gap(self, record):
        return self.gap_of(record)

    def render_cause(self, record):
        text = WORDS[record.cause]
        if record.outcome == Discrepancy.Outcome.KEPT_OURS and record.settled_at is None:
            return tag(_("Ours is on its way"), "info", "send")
        return tag(text, TONES[record.cause][0])

    def value_cause(self, record):
        return record.cause

    def render_age(self, record):
        return words.duration(shell(self.request)["shell"].now - record.found_at)

    def value_age(self, record):
        return record.found_at

    def render_outcome(self, record):
        return record.get_outcome_display() if record.settled_at else ""


class ListingTable(tables.Table):
    """What each listing was told, what the channel has, and what is owed."""

    product = tables.Column(_("Product"), accessor="variant__product__name", order_by=("variant__product__name", "pk"))
    sku = tables.Column(_("SKU"), accessor="remote_sku", attrs={"td": {"class": "code"}})
    location = tables.Column(_("Store"), accessor="location__name", default=_("all stores together"))
    told = tables.Column(_("Told"), accessor="state__pushed_quantity", attrs=NUMBER)
    seen = tables.Column(_("Shown there"), accessor="state__seen_quantity", attrs=NUMBER)
    step = tables.Column(_("Step"), empty_values=(), orderable=False)
    when = tables.Column(_("Confirmed"), accessor="state__pushed_at")

    class Meta:
        model = Listing
        fields = ()
        template_name = "components/table.html"

    def render_product(self, record):
        return format_html(
            '<a class="strong" href="{}">{}</a>',
            reverse("stock_item", args=[record.variant.public_id]),
            record.variant.product.name,
        )

    def render_step(self, record):
        return tag(*step_of(record.state))

    def value_step(self, record):
        return str(step_of(record.state)[0])

    def render_when(self, value):
        return shown.when(value)


def step_of(state) -> tuple:
    """Words and tone of a listing's state."""
    if state.given_up:
        return _("Given up"), "bad", "circle-x"
    if state.held:
        return _("Waits for a person"), "warn", "user-round"
    if state.sent_version > state.pushed_version:
        return _("Sent, no answer yet"), "idle", "send"
    if state.dirty:
        return _("To be sent"), "idle", "hourglass"
    return (_("In step"), "ok", "check") if state.in_step else (_("Not in step"), "warn", "triangle-alert")
