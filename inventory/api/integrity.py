"""Whether the ledger is whole, for those who watch over it."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.queries.integrity import Finding, findings
from omni.api.fields import StrictSerializer, query_of
from omni.api.schema import reading
from omni.api.views import ApiView

MOST = 100


class FindingAnswer(serializers.Serializer):
    code = serializers.CharField(help_text=_("the invariant that is broken, such as I1"))
    place = serializers.CharField()
    expected = serializers.CharField()
    actual = serializers.CharField()
    cause = serializers.CharField()
    repairable = serializers.BooleanField()


class IntegrityAnswer(serializers.Serializer):
    whole = serializers.BooleanField(help_text=_("true: every invariant holds"))
    checked_at = serializers.DateTimeField()
    findings = FindingAnswer(many=True, help_text=_("at most 100 of each kind"))


class Integrity(ApiView):
    """GET /api/v1/system/integrity/"""

    scopes = {"GET": "system:read"}

    @reading("Check every invariant of the ledger", IntegrityAnswer)
    def get(self, request):
        query_of(request, StrictSerializer)
        now = timezone.now()
        found = [finding_of(finding) for finding in findings(most=MOST)]
        return self.answer({"whole": not found, "checked_at": now.isoformat(), "findings": found})


def finding_of(finding: Finding) -> dict:
    return {
        "code": finding.code,
        "place": finding.place,
        "expected": finding.expected,
        "actual": finding.actual,
        "cause": finding.cause,
        "repairable": finding.repairable,
    }
