"""Locations in files: stores and warehouses."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from omni.importing.columns import Column, choice, code, country, decimal, plain, text, time_zone, yes_or_no
from omni.importing.resource import CHANGED, NEW, Mapping, Row, StagedResource
from omni.models import ChangeRow, ChangeSet, Channel, Location
from omni.queries.locations import channels_serving, group_names
from omni.services.imports import locations


class LocationResource(StagedResource):
    """Where stock lies. A group that is not there yet is made; channels must be there."""

    kind = "locations"
    title = _("Locations")
    about = _("Stores and warehouses: where they are, and which channels may promise their stock.")
    right = "omni.change_location"
    icon = "store"
    key = ("code",)
    columns = [
        Column("code", code(40), _("A short code that never changes."), example="berlin-mitte", needed=True),
        Column("name", text(80), _("What people call it."), example="Berlin Mitte", filled=True),
        Column(
            "kind",
            choice(dict(Location.Kind.choices)),
            _("store or warehouse."),
            example="store",
            blank="store",
        ),
        Column("group", text(80), _("A region or a format; made if it is new."), example="North"),
        Column("street", text(120), _("Street and number."), example="Friedrichstr. 1"),
        Column("city", text(80), _("City."), example="Berlin"),
        Column("postcode", text(20), _("Postcode."), example="10117"),
        Column("country", country, _("Country, two letters (ISO 3166-1)."), example="DE"),
        Column(
            "latitude",
            decimal(places=6, least=Decimal(-90), most=Decimal(90)),
            _("Degrees, north is positive. With longitude or not at all."),
            example="52.520008",
            number=True,
        ),
        Column(
            "longitude",
            decimal(places=6, least=Decimal(-180), most=Decimal(180)),
            _("Degrees, east is positive."),
            example="13.404954",
            number=True,
        ),
        Column("time_zone", time_zone, _("What “today” means there."), example="Europe/Berlin", blank="UTC"),
        Column("franchised", yes_or_no, _("yes or no."), example="no", blank=False),
        Column("channels", text(400), _("Codes of the channels that may promise its stock, with spaces."), example=""),
        Column("origin", text(8), _("real, assumed or made_up."), readonly=True),
    ]
    sentences = {
        "half_coordinates": _("Latitude and longitude belong together: give both or neither."),
        "unknown_channel": _("There is no channel with the code “%(value)s”."),
        "new_without_name": _("A new location needs a name."),
    }

    def begin(self, mapping: Mapping) -> None:
        self.channels = set(Channel.objects.visible_to(self.by).values_list("code", flat=True))
        self.groups = group_names()

    def resolve(self, rows: list[Row]) -> None:
        for row in rows:
            values = row.values
            if "channels" in values:
                values["channels"] = " ".join(sorted(set(values["channels"].replace(",", " ").split())))
                for name in values["channels"].split():
                    if name not in self.channels:
                        row.wrong("channels", "unknown_channel", value=name)
            latitude, longitude = values.get("latitude"), values.get("longitude")  # None: the file has no such column
            if (latitude is None) != (longitude is None) or bool(latitude) != bool(longitude):
                row.wrong("latitude", "half_coordinates")

    def current(self, rows: Sequence[Row | ChangeRow]) -> dict[tuple, dict[str, Any]]:
        codes = [row.values["code"] for row in rows]
        return {(values["code"],): values for values in self.read(Location.objects.visible_to(self.by), code__in=codes)}

    def review(self, rows: list[Row], there: dict[tuple, dict[str, Any]]) -> None:
        for row in rows:
            if row.verdict == NEW and "name" not in row.values:
                row.wrong("code", "new_without_name")
            group = row.values.get("group")
            if row.verdict in (NEW, CHANGED) and group and group not in self.groups:
                row.before["*group"] = group

    def read(self, locations: Any, **chosen: Any) -> Iterator[dict[str, Any]]:
        found = list(locations.filter(**chosen).select_related("group").order_by("code"))
        served = channels_serving([location.pk for location in found])
        for location in found:
            yield {
                "code": location.code, "name": location.name.strip(), "kind": location.kind,
                "group": location.group.name.strip() if location.group else "", "street": location.street.strip(),
                "city": location.city.strip(), "postcode": location.postcode.strip(), "country": location.country,
                "latitude": degrees(location.latitude), "longitude": degrees(location.longitude),
                "time_zone": location.time_zone, "franchised": location.franchised,
                "channels": " ".join(served.get(location.pk, [])), "origin": location.origin,
            }  # fmt: skip

    def wanted(self, chosen: dict[str, str]) -> QuerySet:
        return Location.objects.visible_to(self.by)

    def records(self, chosen: dict[str, str]) -> Iterator[dict[str, Any]]:
        yield from self.read(self.wanted(chosen))

    def put(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> None:
        locations.merge(rows=[row.values for row in rows], at=recorded)

    def put_back(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> list[int]:
        made = {row.values["code"]: row.number for row in rows if row.verdict == NEW}
        locations.merge(
            rows=[{"code": row.values["code"], **row.before} for row in rows if row.verdict == CHANGED], at=recorded
        )
        groups = {row.before["*group"] for row in rows if "*group" in row.before}
        return [made[name] for name in locations.remove(codes=list(made), new_groups=groups)]


def degrees(value: Decimal | None) -> str:
    return plain(value) if value is not None else ""
