"""What each channel may promise, with the sum behind the figure."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.api.lookups import named
from inventory.queries.availability import Term, channel_figure, explained
from inventory.queries.picture import Picture, picture_of
from omni.api.fields import QueryText, StrictSerializer, query_of
from omni.api.schema import reading
from omni.api.views import ApiView
from omni.models import Channel


class AvailabilityQuery(StrictSerializer):
    sku = serializers.CharField(max_length=60)
    channel = QueryText(max_length=40, help_text=_("code; left out: every channel"))


class PartAnswer(serializers.Serializer):
    location = serializers.CharField()
    units = serializers.IntegerField()
    rule = serializers.CharField(help_text=_("name of the rule that took it; empty: none"))
    assumed = serializers.BooleanField(help_text=_("rests on an opening balance that nobody has counted yet"))


class TermAnswer(serializers.Serializer):
    """
    One signed term: on_hand, reserved, unavailable, safety_stock, made_of_components (kits), unrouted, buffer, floor.
    """

    name = serializers.CharField()
    units = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.CharField())
    parts = PartAnswer(many=True)


class ShelfAnswer(serializers.Serializer):
    location = serializers.CharField()
    available = serializers.IntegerField()


class ChannelAnswer(serializers.Serializer):
    """The terms of a pooled channel add up to `available`; a channel that is not pooled adds up its shelves."""

    channel = serializers.CharField()
    available = serializers.IntegerField(help_text=_("units that the channel may promise now"))
    pooled = serializers.BooleanField(help_text=_("one figure over all locations; else one per shelf"))
    incoming = serializers.IntegerField(help_text=_("announced by suppliers; not part of the sum"))
    in_transit = serializers.IntegerField(help_text=_("on the way between locations; not part of the sum"))
    assumed_share = serializers.FloatField(
        min_value=0, max_value=1, help_text=_("how much of what is on hand nobody has counted yet")
    )
    terms = TermAnswer(many=True)
    shelves = ShelfAnswer(many=True)


class AvailabilityAnswer(serializers.Serializer):
    sku = serializers.CharField()
    at = serializers.DateTimeField()
    channels = ChannelAnswer(many=True)


class Availability(ApiView):
    """GET /api/v1/availability/"""

    scopes = {"GET": "stock:read"}
    tag = "stock"

    @reading("Read what channels may promise of a variant", AvailabilityAnswer, AvailabilityQuery, unknown=True)
    def get(self, request):
        query = query_of(request, AvailabilityQuery)
        known = named(request.user, [query])
        known.check(query)
        only = known.channel(query.get("channel"))
        now = timezone.now()
        picture = picture_of(known.variants[query["sku"]], at=now)
        wanted = [channel for channel in picture.channels if only is None or channel.pk == only.pk]
        found = [figure_of(picture, channel) for channel in wanted if picture.locations_of(channel)]
        return self.answer({"sku": query["sku"], "at": now.isoformat(), "channels": found})


def figure_of(picture: Picture, channel: Channel) -> dict:
    figure, whole = channel_figure(picture, channel), explained(picture, channel, None)
    return {
        "channel": channel.code,
        "available": figure.units,
        "pooled": channel.pooled,
        "incoming": whole.incoming,
        "in_transit": whole.in_transit,
        "assumed_share": round(whole.assumed_share, 4),
        "terms": [term_of(term) for term in whole.terms],
        "shelves": [{"location": place.code, "available": units} for place, units in figure.shelves],
    }


def term_of(term: Term) -> dict:
    parts = [
        {"location": part.location.code, "units": part.units, "rule": part.rule, "assumed": part.assumed}
        for part in term.parts
    ]
    return {"name": term.name, "units": term.units, "rules": term.rules, "parts": parts}
