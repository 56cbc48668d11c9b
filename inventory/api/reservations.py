"""Reservations: units promised to a holder, handed over or let go."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from inventory.api.lookups import named
from inventory.models import Reservation
from inventory.services import reservations
from inventory.services.reservations import Demand
from omni.api.fields import Moment, QueryText, StrictSerializer, Text, WholeNumber, query_of
from omni.api.pagination import PageQuery, page
from omni.api.schema import reading, writing
from omni.api.views import ApiView

MOST_LINES = 200
MOST_UNITS = 1_000_000
LONGEST = timedelta(days=400)


class ReservationLine(StrictSerializer):
    sku = Text(max_length=60)
    location = Text(max_length=40, required=False, help_text=_("code; left out: wherever the channel takes it from"))
    quantity = WholeNumber(min_value=1, max_value=MOST_UNITS)


class ReservationBody(StrictSerializer):
    holder = Text(max_length=80, help_text=_("who it is kept for, in your words: cart:8F3K2, order:1001"))
    lines = ReservationLine(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]
    channel = Text(max_length=40, required=False, help_text=_("code; left out: the channel of the key"))
    until = Moment(may_lie_ahead=True, required=False, help_text=_("when it lapses; neither until nor ttl: never"))
    ttl = WholeNumber(min_value=1, max_value=int(LONGEST.total_seconds()), required=False, help_text=_("seconds"))

    def validate(self, attrs):
        if "until" in attrs and "ttl" in attrs:
            raise serializers.ValidationError({"ttl": _("Give until or ttl, not both.")}, code="both")
        if "until" in attrs and not timezone.now() < attrs["until"] < timezone.now() + LONGEST:
            raise serializers.ValidationError({"until": _("Give a time to come, within 400 days.")}, code="range")
        return attrs


class PartBody(StrictSerializer):
    quantity = WholeNumber(min_value=1, max_value=MOST_UNITS, required=False, help_text=_("left out: all that is open"))


class ReservationAnswer(serializers.Serializer):
    """Units promised from one level. open = quantity - committed - released - short."""

    id = serializers.CharField()
    holder = serializers.CharField()
    sku = serializers.CharField(help_text=_("of a kit: the SKU of the component"))
    location = serializers.CharField(allow_null=True, help_text=_("null: not routed yet"))
    channel = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    committed = serializers.IntegerField(help_text=_("handed over"))
    released = serializers.IntegerField(help_text=_("given back"))
    short = serializers.IntegerField(help_text=_("turned out to be gone"))
    open = serializers.IntegerField()
    state = serializers.ChoiceField(Reservation.State.values)
    until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class Promise(serializers.Serializer):
    holder = serializers.CharField()
    reservations = ReservationAnswer(many=True)


class ReservationPage(serializers.Serializer):
    results = ReservationAnswer(many=True)
    next = serializers.CharField(allow_null=True, help_text=_("address of the next page; null on the last"))


class ReservationQuery(PageQuery):
    holder = QueryText(max_length=80)
    state = serializers.ChoiceField(Reservation.State.values, required=False)


EXAMPLE = {
    "holder": "cart:8F3K2",
    "channel": "web",
    "lines": [{"sku": "TEA-250", "location": "store-367", "quantity": 2}],
    "ttl": 900,
}


class ReservationList(ApiView):
    """GET and POST /api/v1/reservations/"""

    scopes = {"GET": "reservations:read", "POST": "reservations:write"}
    tag = "reservations"

    @reading("List reservations, by holder", ReservationPage, ReservationQuery)
    def get(self, request):
        query = query_of(request, ReservationQuery)
        rows = promises_of(request.user)
        if "holder" in query:
            rows = rows.filter(holder=query["holder"])
        if "state" in query:
            rows = rows.filter(state=query["state"])
        found, following = page(request, rows, query)
        return self.answer_page([reservation_of(row) for row in found], following)

    @writing(
        "Promise units to a holder: all lines or none", ReservationBody, Promise, examples={"a cart's 15 min": EXAMPLE}
    )
    def post(self, request):
        body = self.body_as(ReservationBody)

        def act():
            now = timezone.now()
            known = named(self.programme, [body, *body["lines"]])
            known.check(body)
            known.check(*body["lines"], where="lines.{}.")
            demands = [
                Demand(known.variants[line["sku"]], known.locations.get(line.get("location", "")), line["quantity"])
                for line in body["lines"]
            ]
            until = now + timedelta(seconds=body["ttl"]) if "ttl" in body else body.get("until")
            made = reservations.reserve(
                holder=body["holder"],
                demands=demands,
                channel=known.channel(body.get("channel")),
                until=until,
                by=None,
                at=now,
            )
            kept = promises_of(self.programme).filter(pk__in=[row.pk for row in made]).order_by("pk")
            return 201, {"holder": body["holder"], "reservations": [reservation_of(row) for row in kept]}

        return self.once(act)


class ReservationDetail(ApiView):
    """GET /api/v1/reservations/{id}/"""

    scopes = {"GET": "reservations:read"}
    tag = "reservations"

    @reading("Read one reservation", ReservationAnswer, missing=True)
    def get(self, request, public_id):
        query_of(request, StrictSerializer)
        return self.answer(reservation_of(promise_of(request.user, public_id)))


class ReservationCommit(ApiView):
    """POST /api/v1/reservations/{id}/commit/"""

    scopes = {"POST": "reservations:write"}
    tag = "reservations"

    @writing("Hand promised units over, all or a part: they leave the shelf", PartBody, ReservationAnswer, 200, True)
    def post(self, request, public_id):
        body = self.body_as(PartBody, may_be_empty=True)

        def act():
            promise = promise_of(self.programme, public_id)
            reservations.commit(reservation=promise, quantity=body.get("quantity"), by=None, at=timezone.now())
            return 200, reservation_of(promise_of(self.programme, public_id))

        return self.once(act)


class ReservationRelease(ApiView):
    """POST /api/v1/reservations/{id}/release/"""

    scopes = {"POST": "reservations:write"}
    tag = "reservations"

    @writing("Give promised units back to everybody, all or a part", PartBody, ReservationAnswer, 200, True)
    def post(self, request, public_id):
        body = self.body_as(PartBody, may_be_empty=True)

        def act():
            promise = promise_of(self.programme, public_id)
            reservations.release(reservation=promise, quantity=body.get("quantity"), by=None, at=timezone.now())
            return 200, reservation_of(promise_of(self.programme, public_id))

        return self.once(act)


def promises_of(caller):
    """The reservations that a caller may see; a key of one channel sees that channel's only."""
    rows = Reservation.objects.visible_to(caller).select_related("variant", "level__location", "channel")
    channel = getattr(caller, "channel", None)
    return rows.filter(channel=channel) if channel else rows


def promise_of(caller, public_id: str) -> Reservation:
    found = promises_of(caller).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(_("There is no such reservation."))
    return found


def reservation_of(row: Reservation) -> dict:
    return {
        "id": row.public_id,
        "holder": row.holder,
        "sku": row.variant.sku,
        "location": row.level.location.code if row.level else None,
        "channel": row.channel.code if row.channel else None,
        "quantity": row.quantity,
        "committed": row.committed,
        "released": row.released,
        "short": row.short,
        "open": row.open_units,
        "state": row.state,
        "until": row.until.isoformat() if row.until else None,
        "created_at": row.created_at.isoformat(),
    }
