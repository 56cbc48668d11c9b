"""Movements: what programmes book in the ledger, and what the ledger holds."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.api.lookups import Named, UnknownThing, named
from inventory.models import Bucket, StockMovement, Transfer
from inventory.services import legs, movements
from inventory.services.movements import Line, Outcome, Teller
from omni.api.authentication import Programme
from omni.api.fields import Moment, QueryText, StrictSerializer, Text, WholeNumber, query_of
from omni.api.pagination import PageQuery, page
from omni.api.schema import reading, writing
from omni.api.views import ApiView
from omni.idempotency import Answer
from omni.masking import mask_cards
from omni.models import Location, Origin

MOST_UNITS = 1_000_000_000
BELONGS = {
    "sale": {"quantity", "amount_minor", "currency", "leg", "document", "channel"},
    "return": {"quantity", "amount_minor", "currency", "leg", "document", "channel", "set_apart"},
    "receipt": {"quantity", "document"},
    "adjustment": {"change", "target", "expected", "reason", "document", "channel"},
    "transfer_out": {"quantity", "to"},
    "transfer_in": {"quantity", "lost", "transfer"},
}
NEEDED = {
    "sale": {"quantity"},
    "return": {"quantity"},
    "receipt": {"quantity"},
    "adjustment": {"reason"},
    "transfer_out": {"quantity", "to"},
    "transfer_in": {"transfer"},
}
MAKES_TRANSFERS = {"transfer_out", "transfer_in"}
SPECIAL: set[str] = set().union(*BELONGS.values())


class MovementBody(StrictSerializer):
    """
    One movement. `quantity` for all kinds but `adjustment`, which names a `change` or a `target`, and a `reason`.

    `transfer_out` makes a transfer `to` another location and answers its id; `transfer_in` names that `transfer`, at
    the location that it was sent to.
    """

    kind = serializers.ChoiceField(list(BELONGS))
    sku = Text(max_length=60)
    location = Text(max_length=40, help_text=_("code of the location"))
    external_id = Text(max_length=160, help_text=_("your name for it; said again, it is booked once"))
    leg = Text(max_length=16, required=False, help_text=_("which line of the receipt; sales and returns only"))
    quantity = WholeNumber(min_value=1, max_value=MOST_UNITS, required=False, help_text=_("whole units"))
    change = WholeNumber(min_value=-MOST_UNITS, max_value=MOST_UNITS, required=False)
    target = WholeNumber(min_value=0, max_value=MOST_UNITS, required=False, help_text=_("what shall be on hand"))
    expected = WholeNumber(
        min_value=0, max_value=MOST_UNITS, required=False, help_text=_("on hand as you saw it; else 409 stale_stock")
    )
    reason = Text(max_length=40, required=False)
    set_apart = Text(max_length=40, required=False, help_text=_("of a return: why it must not be sold again at once"))
    document = Text(max_length=80, required=False, help_text=_("typed reference: basket:1001"))
    channel = Text(max_length=40, required=False, help_text=_("code; left out: the channel of the key"))
    amount_minor = WholeNumber(min_value=-(10**12), max_value=10**12, required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}\Z", required=False, help_text=_("ISO 4217"))
    to = Text(max_length=40, required=False, help_text=_("of a transfer that leaves: code of the receiving location"))
    transfer = Text(max_length=16, required=False, help_text=_("of a transfer that arrives: its id"))
    lost = WholeNumber(min_value=1, max_value=MOST_UNITS, required=False, help_text=_("given up on the way"))
    occurred_at = Moment(required=False, help_text=_("left out: now"))

    def validate(self, attrs):
        kind = attrs["kind"]
        missing = {name: [_("This field is required.")] for name in NEEDED[kind] if name not in attrs}
        strange = (SPECIAL - BELONGS[kind]) & set(attrs)
        if kind == "adjustment" and ("change" in attrs) == ("target" in attrs):
            missing["change"] = [_("Give a change or a target.")]
        if kind == "transfer_in" and not {"quantity", "lost"} & set(attrs):
            missing["quantity"] = [_("Say how many arrived, or were lost.")]
        if attrs.get("change") == 0:
            missing["change"] = [_("A change of 0 changes nothing.")]
        if kind in MAKES_TRANSFERS and len(attrs["external_id"]) > legs.LONGEST_ID:
            missing["external_id"] = [_("Of a transfer: 80 characters at most.")]
        if ("amount_minor" in attrs) != ("currency" in attrs):
            missing["currency"] = [_("An amount needs a currency, and a currency an amount.")]
        refused = {name: [_("This does not belong to this kind of movement.")] for name in sorted(strange)}
        if missing or refused:
            raise serializers.ValidationError({**missing, **refused}, code="does_not_fit")
        return attrs


class MovementAnswer(serializers.Serializer):
    """One row of the ledger: one bucket of one level, changed."""

    sku = serializers.CharField()
    location = serializers.CharField()
    sequence = serializers.IntegerField(help_text=_("its place in the running balance of the level"))
    bucket = serializers.ChoiceField(Bucket.values)
    quantity = serializers.IntegerField(help_text=_("signed"))
    balance = serializers.IntegerField(help_text=_("of the bucket, after it"))
    kind = serializers.ChoiceField(StockMovement.Kind.values)
    reason = serializers.CharField()
    source = serializers.CharField(help_text=_("who said so: api:<account or prefix>"))  # type: ignore[assignment]
    external_id = serializers.CharField()
    leg = serializers.CharField()
    document = serializers.CharField()
    channel = serializers.CharField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    origin = serializers.ChoiceField(Origin.values)


class MovementPage(serializers.Serializer):
    results = MovementAnswer(many=True)
    next = serializers.CharField(allow_null=True, help_text=_("address of the next page; null on the last"))


class Taken(serializers.Serializer):
    """What became of a movement. Set aside (202): implausible, kept whole until a person has looked at it."""

    state = serializers.ChoiceField(["booked", "repeated", "set_aside"])
    movements = MovementAnswer(many=True)
    transfer = serializers.CharField(required=False, help_text=_("id of the transfer that a leg belongs to"))
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class MovementQuery(PageQuery):
    document = QueryText(max_length=80, help_text=_("such as transfer:<id>"))
    external_id = QueryText(max_length=160)
    source = QueryText(max_length=60)  # type: ignore[assignment]
    sku = QueryText(max_length=60)
    location = QueryText(max_length=40)
    since = Moment(required=False, help_text=_("what occurred at or after this time"))


FILTERS = {
    "external_id": "external_id",
    "source": "source",
    "document": "document",
    "sku": "level__variant__sku",
    "location": "level__location__code",
    "since": "occurred_at__gte",
}
PLACE = {"sku": "TEA-250", "location": "store-367"}
SALE = {
    "kind": "sale",
    **PLACE,
    "quantity": 1,
    "external_id": "1001",
    "leg": "1",
    "amount_minor": 499,
    "currency": "USD",
}
EXAMPLES = {
    "a transfer leaves": {"kind": "transfer_out", **PLACE, "quantity": 6, "to": "store-375", "external_id": "t-1"},
    "a sale": SALE,
    "a receipt": {"kind": "receipt", **PLACE, "quantity": 24, "external_id": "delivery-77-1"},
    "a count by compare-and-set": {
        "kind": "adjustment", **PLACE, "target": 7, "expected": 9, "reason": "count", "external_id": "count-12",
    },
}  # fmt: skip


class MovementList(ApiView):
    """GET and POST /api/v1/stock-movements/"""

    scopes = {"GET": "stock:read", "POST": "stock:write"}
    tag = "stock movements"

    @reading("Read the ledger", MovementPage, MovementQuery)
    def get(self, request):
        query = query_of(request, MovementQuery)
        filters = {FILTERS[name]: value for name, value in query.items() if name in FILTERS}
        rows, following = page(request, ledger(request.user).filter(**filters), query)
        return self.answer_page([movement_of(row) for row in rows], following)

    @writing("Book one movement", MovementBody, {201: Taken, 202: Taken, 200: Taken}, examples=EXAMPLES)
    def post(self, request):
        body = self.body_as(MovementBody)

        def act():
            now = timezone.now()
            known = named(self.programme, [body])
            known.check(body)
            if body["kind"] in MAKES_TRANSFERS:
                return leg_taken(self.programme, body, known, at=body.get("occurred_at", now))
            line = line_of(body, known, at=now)
            outcome = movements.book(line=line, teller=teller(self.programme), at=now)
            return STATUS[outcome.state], taken(self.programme, outcome)

        return self.once(act)


STATUS = {"booked": 201, "repeated": 200, "set_aside": 202}


def leg_taken(caller: Programme, body: dict, known: Named, *, at: datetime) -> Answer:
    """Book one leg of a transfer."""
    variant, here = known.variants[body["sku"]], known.locations[body["location"]]
    said = {"variant": variant, "source": caller.source, "external_id": body["external_id"], "at": at}
    if body["kind"] == "transfer_out":
        leg = legs.sent(sender=here, receiver=known.locations[body["to"]], quantity=body["quantity"], **said)
    else:
        leg = legs.arrived(
            transfer=transfer_of(caller, body["transfer"], here),
            received=body.get("quantity", 0),
            lost=body.get("lost", 0),
            **said,
        )
    rows = ledger(caller).filter(document=f"transfer:{leg.transfer.public_id}").order_by("pk")
    state = "repeated" if leg.repeated else "booked"
    answer = {"state": state, "movements": [movement_of(row) for row in rows], "transfer": leg.transfer.public_id}
    return STATUS[state], answer


def transfer_of(caller: Programme, public_id: str, receiver: Location) -> Transfer:
    """The transfer of this id that was sent to this location; raises UnknownThing."""
    arriving = Transfer.objects.visible_to(caller).filter(public_id=public_id, receiver=receiver)
    found = arriving.select_related("sender", "receiver").first()
    if found is None:
        sentence = gettext("No transfer %(name)s was sent to this location.") % {"name": public_id}
        raise UnknownThing([{"field": "transfer", "code": "unknown_transfer", "detail": sentence}])
    return found


def line_of(body: dict, known: Named, *, at: datetime) -> Line:
    """Make a line of what was said. Raises OtherChannel. Card numbers in free text are masked here."""
    plain = (
        "kind",
        "external_id",
        "leg",
        "quantity",
        "change",
        "target",
        "expected",
        "document",
        "amount_minor",
        "currency",
    )
    return Line(
        variant=known.variants[body["sku"]],
        location=known.locations[body["location"]],
        at=body.get("occurred_at", at),
        channel=known.channel(body.get("channel")),
        reason=mask_cards(body.get("reason", "")),
        set_apart=mask_cards(body.get("set_apart", "")),
        **{name: body[name] for name in plain if name in body},
    )


def teller(caller: Programme) -> Teller:
    return Teller(caller.source, caller.key.account)


def ledger(caller):
    return StockMovement.objects.visible_to(caller).select_related("level__variant", "level__location", "channel")


def taken(caller: Programme, outcome: Outcome) -> dict:
    rows = ledger(caller).filter(pk__in=[row.pk for row in outcome.movements]).order_by("pk")
    said = {"code": outcome.code, "detail": outcome.sentence} if outcome.code else {}
    return {"state": outcome.state, "movements": [movement_of(row) for row in rows], **said}


def movement_of(row: StockMovement) -> dict:
    return {
        "sku": row.level.variant.sku,
        "location": row.level.location.code,
        "sequence": row.sequence,
        "bucket": row.bucket,
        "quantity": row.quantity,
        "balance": row.balance,
        "kind": row.kind,
        "reason": row.reason,
        "source": row.source,
        "external_id": row.external_id,
        "leg": row.leg,
        "document": row.document,
        "channel": row.channel.code if row.channel else None,
        "occurred_at": row.occurred_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "origin": row.origin,
    }
