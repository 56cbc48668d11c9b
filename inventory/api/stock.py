"""Stock as it is: every figure of a row out of one statement."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.api.lookups import named
from inventory.models import StockLevel
from omni.api.fields import QueryText, query_of
from omni.api.pagination import PageQuery, page
from omni.api.schema import reading
from omni.api.views import ApiView


class StockQuery(PageQuery):
    sku = QueryText(max_length=60)
    location = QueryText(max_length=40, help_text=_("code of the location"))


class StockAnswer(serializers.Serializer):
    """Units of one variant at one location."""

    sku = serializers.CharField()
    location = serializers.CharField()
    on_hand = serializers.IntegerField(help_text=_("what lies there; below 0 never"))
    reserved = serializers.IntegerField(help_text=_("of these, promised"))
    unavailable = serializers.IntegerField(help_text=_("of these, set apart"))
    available = serializers.IntegerField(help_text=_("on hand - reserved - unavailable"))
    in_transit = serializers.IntegerField(help_text=_("on the way to it from another location"))
    incoming = serializers.IntegerField(help_text=_("announced by suppliers"))
    sequence = serializers.IntegerField(help_text=_("number of its last movement: the version of this row"))
    assumed = serializers.BooleanField(help_text=_("rests on an opening balance that nobody has counted yet"))
    counted_at = serializers.DateTimeField(allow_null=True)


class StockPage(serializers.Serializer):
    results = StockAnswer(many=True)
    next = serializers.CharField(allow_null=True, help_text=_("address of the next page; null on the last"))


class StockList(ApiView):
    """GET /api/v1/stock/"""

    scopes = {"GET": "stock:read"}
    tag = "stock"

    @reading("Read stock per variant and location", StockPage, StockQuery, unknown=True)
    def get(self, request):
        query = query_of(request, StockQuery)
        levels = StockLevel.objects.visible_to(request.user).select_related("variant", "location")
        if "sku" in query:
            levels = levels.filter(variant__sku=query["sku"])
        if "location" in query:
            levels = levels.filter(location__code=query["location"])
        rows, following = page(request, levels, query)
        if not rows:
            refuse_unknown(request.user, query)
        return self.answer_page([stock_of(level) for level in rows], following)


def refuse_unknown(caller, query: dict) -> None:
    """No rows, because there is no such SKU or location? Then say so: a typing error must not read as "none left"."""
    named(caller, [query]).check(query)


def stock_of(level: StockLevel) -> dict:
    return {
        "sku": level.variant.sku,
        "location": level.location.code,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "unavailable": level.unavailable,
        "available": level.available,
        "in_transit": level.in_transit,
        "incoming": level.incoming,
        "sequence": level.sequence,
        "assumed": level.assumed,
        "counted_at": level.counted_at.isoformat() if level.counted_at else None,
    }
