"""What channels tell us: the stock that they show, and signed hints that something changed there."""

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from inventory.api.lookups import UnknownThing, named
from inventory.services import reports
from omni.api.authentication import Programme
from omni.api.fields import Moment, StrictSerializer, Text, TrueOrFalse, WholeNumber
from omni.api.parsers import AnyParser
from omni.api.schema import problem_responses, writing
from omni.api.throttling import StrangerThrottle
from omni.api.views import MIB, ApiView
from omni.connectors.base import RawRequest
from omni.models import ConnectorAccount

MOST_LINES = 10_000
MOST_UNITS = 1_000_000_000


class ReportLine(StrictSerializer):
    sku = Text(max_length=60, help_text=_("as the channel calls it"))
    location = Text(max_length=80, required=False, help_text=_("as the channel calls it; left out: its one pool"))
    quantity = WholeNumber(min_value=-MOST_UNITS, max_value=MOST_UNITS, help_text=_("what it would sell now"))


class ReportBody(StrictSerializer):
    report_id = Text(max_length=80, help_text=_("your name for it; said again, it is compared once"))
    taken_at = Moment(help_text=_("when the channel took this picture of itself"))
    full = TrueOrFalse(help_text=_("true: what is not in it is not shown there"))
    location = Text(max_length=80, required=False, help_text=_("the report speaks of this location only"))
    account = Text(max_length=40, required=False, help_text=_("code; needed where the channel has several"))
    lines = ReportLine(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]

    def validate(self, attrs):
        seen: set[tuple] = set()
        for number, line in enumerate(attrs["lines"]):
            place = (line["sku"], line.get("location"))
            if place in seen:
                sentence = _("This SKU comes twice for the same location.")
                raise serializers.ValidationError({f"lines.{number}.sku": sentence}, code="duplicate_line")
            seen.add(place)
        return attrs


class ReportAnswer(serializers.Serializer):
    report_id = serializers.CharField()
    state = serializers.ChoiceField(["accepted", "repeated"])
    lines = serializers.IntegerField()


EXAMPLES = {
    "what changed": {
        "report_id": "2026-03-02T08:00",
        "taken_at": "2026-03-02T08:00:00+08:00",
        "full": False,
        "lines": [{"sku": "TEA-250", "quantity": 7}],
    }
}


class StockReports(ApiView):
    """POST /api/v1/channels/{code}/stock-reports/"""

    scopes = {"POST": "channels:report"}
    tag = "channels"
    body_limit = 2 * MIB

    @writing("Report what a channel shows, as of a time", ReportBody, ReportAnswer, 202, True, EXAMPLES)
    def post(self, request, code):
        body = self.body_as(ReportBody)

        def act():
            account = account_of(self.programme, code, body.get("account"))
            lines = [{"location": None, **line} for line in body["lines"]]
            report = {
                "taken_at": body["taken_at"].isoformat(),
                "full": body["full"],
                "location": body.get("location"),
                "lines": lines,
            }
            fresh = reports.take_report(account=account, report_id=body["report_id"], report=report, at=timezone.now())
            state = "accepted" if fresh else "repeated"
            return 202, {"report_id": body["report_id"], "state": state, "lines": len(lines)}

        return self.once(act)


def account_of(caller: Programme, channel: str, code: str | None) -> ConnectorAccount:
    """The account of a channel that reports: the one named, the one of the key, or the only one there is."""
    known = named(caller, [{"channel": channel}])
    known.check({"channel": channel})
    accounts = ConnectorAccount.objects.visible_to(caller).filter(channel=known.channel(channel))
    if caller.key.account:
        accounts = accounts.filter(pk=caller.key.account.pk)
    found = list(accounts.filter(code=code) if code else accounts[:2])
    if len(found) != 1:
        sentence = gettext("Name the account of the channel that this report is of.")
        raise UnknownThing([{"field": "account", "code": "unknown_account", "detail": sentence}])
    return found[0]


class Inbound(ApiView):
    """POST /api/v1/inbound/{account}/: open, because the signature is the proof of the sender."""

    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [StrangerThrottle]
    parser_classes = [AnyParser]
    tag = "channels"

    @extend_schema(
        summary="Take a signed webhook of a shop: kept once per event, then the shop is read again",
        request={"*/*": OpenApiTypes.BINARY},
        responses={200: serializers.Serializer, **problem_responses((400, 401, 404, 406, 413, 429))},
        auth=[],
        exclude=True,
    )
    def post(self, request, account):
        raw = RawRequest(request.build_absolute_uri(), dict(request.headers), request._request.body)
        fresh = reports.take_webhook(account_id=account, request=raw, at=timezone.now())
        return self.answer({"state": "accepted" if fresh else "repeated"})
