"""What the lists of discrepancies and listings can be narrowed by."""

import django_filters as filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Discrepancy, Listing
from inventory.queries.discrepancies import NEEDS_A_PERSON
from omni.models import ConnectorAccount, Location

Cause = Discrepancy.Cause


def places(request) -> QuerySet[Location]:
    return Location.objects.visible_to(request.user).open()


def accounts(request) -> QuerySet[ConnectorAccount]:
    return ConnectorAccount.objects.visible_to(request.user)


class DiscrepancyFilters(filters.FilterSet):
    """Narrow discrepancies. Without a state the open ones are shown."""

    state = filters.ChoiceFilter(
        label=_("State"),
        method="in_state",
        choices=[("flight", _("in flight")), ("person", _("needs a person")), ("settled", _("settled"))],
    )
    cause = filters.ChoiceFilter(label=_("Likely cause"), choices=Cause.choices)
    account = filters.ModelChoiceFilter(label=_("Account"), queryset=accounts, to_field_name="code")
    location = filters.ModelChoiceFilter(label=_("Store"), queryset=places, to_field_name="code")

    class Meta:
        model = Discrepancy
        fields = ("state", "cause", "account", "location")

    @property
    def qs(self):
        found = super().qs
        wanted = self.data.get("state") if self.data else ""
        return found if wanted == "settled" else found.filter(settled_at=None)

    def in_state(self, rows, _name, state):
        wanted = {
            "flight": Q(cause=Cause.IN_FLIGHT),
            "person": NEEDS_A_PERSON,
            "settled": Q(settled_at__isnull=False),
        }
        return rows.filter(wanted[state])


class ListingFilters(filters.FilterSet):
    """Narrow the listings of an account."""

    step = filters.ChoiceFilter(
        label=_("Step"),
        method="in_step",
        choices=[
            ("out", _("not in step")),
            ("owed", _("to be sent")),
            ("awaited", _("sent, no answer yet")),
            ("held", _("waits for a person")),
            ("dead", _("given up")),
        ],
    )
    location = filters.ModelChoiceFilter(label=_("Store"), queryset=places, to_field_name="code")

    class Meta:
        model = Listing
        fields = ("step", "location")

    def in_step(self, rows, _name, step):
        wanted = {
            "out": Q(state__in_step=False) | Q(state__dirty=True),
            "owed": Q(state__dirty=True),
            "awaited": Q(state__sent_version__gt=F("state__pushed_version")),
            "held": Q(state__held=True),
            "dead": Q(state__given_up=True),
        }
        return rows.filter(wanted[step])
