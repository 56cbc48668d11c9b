"""Stock in files: opening balances and counts, one row for each SKU at each location."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from inventory.models import StockLevel, Variant
from inventory.queries.catalogue import categories_under
from inventory.services.imports import stock, stock_sql
from omni.db import on_postgresql
from omni.importing.columns import Column, code, stamp, text, units
from omni.importing.resource import NEW, SAME, Mapping, Row, StagedResource
from omni.models import ChangeRow, ChangeSet, Location


class StockResource(StagedResource):
    """
    What lies where. ``on_hand`` is a figure, not a change; ``expected``, if given, is what the writer believes.

    Store people import the stock of their own locations only.
    """

    kind = "stock"
    title = _("Stock")
    about = _("Opening balances, or a count: how many units of each SKU lie at each location. Booked as movements.")
    right = "inventory.import_files"
    icon = "boxes"
    key = ("sku", "location")
    filters = ("location", "category")
    columns = [
        Column("sku", text(60), _("Code of the variant, as in the catalogue."), example="TEA-GREEN-100", needed=True),
        Column("location", code(40), _("The code of the store or warehouse."), example="berlin-mitte", needed=True),
        Column("on_hand", units(), _("Units that lie there, whole numbers."), example="12", needed=True, number=True),
        Column(
            "expected",
            units(),
            _("What you believe Omni shows now. If it shows something else, the row is refused."),
            example="10",
            blank=None,
            number=True,
        ),
        Column("name", text(200), _("Name of the product."), readonly=True),
        Column("reserved", units(), _("Units promised to customers."), readonly=True, number=True),
        Column("unavailable", units(), _("Units set apart."), readonly=True, number=True),
        Column("available", units(), _("Units free to sell."), readonly=True, number=True),
        Column("assumed", text(3), _("Whether nobody has counted this figure yet."), readonly=True),
    ]
    sentences = {
        "unknown_sku": _("No variant has the SKU “%(value)s”."),
        "unknown_location": _("None of your locations has the code “%(value)s”."),
        "retired": _("“%(value)s” is retired."),
        "not_counted": _("“%(value)s” holds no stock of its own: it is a kit, or not counted in units."),
        "implausible": _("A change of %(change)s units is more than is plausible (%(limit)s). Count again."),
        "promised": _("%(promised)s of the units there are promised or set apart: count them at the place."),
        "stale": _("You expected %(expected)s, Omni shows %(actual)s. Look again before you overwrite it."),
    }

    def begin(self, mapping: Mapping) -> None:
        self.places = self.load_places()

    def load_places(self) -> dict[str, tuple[int, bool]]:
        places = Location.objects.visible_to(self.by).values_list("code", "pk", "retired_at")
        return {name: (pk, retired is None) for name, pk, retired in places}

    def resolve(self, rows: list[Row]) -> None:
        names = {row.values["sku"] for row in rows}
        found = self.variants(names)
        self.plausible = {sku: units for sku, (_pk, _open, _stocked, units) in found.items()}
        for row in rows:
            sku, place = row.values["sku"], row.values["location"]
            _key, is_open, is_stocked, _units = found.get(sku, (0, True, True, 0))
            if sku not in found:
                row.wrong("sku", "unknown_sku", value=sku)
            elif not is_open:
                row.wrong("sku", "retired", value=sku)
            elif not is_stocked:
                row.wrong("sku", "not_counted", value=sku)
            if place not in self.places:
                row.wrong("location", "unknown_location", value=place)
            elif not self.places[place][1]:
                row.wrong("location", "retired", value=place)

    def variants(self, names: set[str]) -> dict[str, tuple[int, bool, bool, int]]:
        """SKU: key, whether in use, whether it holds stock, and how many units at once are plausible."""
        wanted = Variant.objects.visible_to(self.by).filter(sku__in=names)
        kits = set(wanted.filter(components__isnull=False).values_list("sku", flat=True))
        fields = wanted.values_list("sku", "pk", "retired_at", "is_stocked", "plausible_units")
        return {
            sku: (pk, retired is None, stocked and sku not in kits, units)
            for sku, pk, retired, stocked, units in fields
        }

    def levels(self, rows: Sequence[Row | ChangeRow]) -> dict[tuple, tuple]:
        """Key of the file: on hand, promised units, whether assumed, and when counted."""
        skus: dict[str, set[str]] = {}
        for row in rows:
            skus.setdefault(row.values["location"], set()).add(row.values["sku"])
        wanted = Q(pk__in=[])
        for place, names in skus.items():
            wanted |= Q(location__code=place, variant__sku__in=names)
        found = StockLevel.objects.visible_to(self.by).filter(wanted)
        fields = ("variant__sku", "location__code", "on_hand", "reserved", "unavailable", "assumed", "counted_at")
        return {(row[0], row[1]): row[2:] for row in found.values_list(*fields)}

    def current(self, rows: Sequence[Row | ChangeRow]) -> dict[tuple, dict[str, Any]]:
        self.found = self.levels(rows)
        return {place: {"on_hand": level[0]} for place, level in self.found.items()}

    def review(self, rows: list[Row], there: dict[tuple, dict[str, Any]]) -> None:
        nothing = (0, 0, 0, False, None)
        for row in rows:
            values, before = row.values, row.before
            on_hand, reserved, unavailable, assumed, counted_at = self.found.get(self.key_of(values), nothing)
            expected, change = values.get("expected"), values["on_hand"] - on_hand
            if row.verdict == NEW and not change:
                row.verdict = SAME
            if expected is not None and expected != on_hand:
                row.wrong("expected", "stale", expected=expected, actual=on_hand)
            elif abs(change) > self.plausible[values["sku"]]:
                row.wrong("on_hand", "implausible", change=change, limit=self.plausible[values["sku"]])
            elif change and values["on_hand"] < reserved + unavailable:
                row.wrong("on_hand", "promised", promised=reserved + unavailable)
            elif change and (assumed or counted_at):
                before |= {"*assumed": assumed, "*counted_at": stamp(counted_at)}

    def figures(self, rows: Sequence[ChangeRow]) -> tuple[list[stock.Figure], dict[int, list]]:
        """The rows as the ledger wants them; and those whose variant or location is gone."""
        places, known = self.load_places(), self.variants({row.values["sku"] for row in rows})
        figures, gone = [], {}
        for row in rows:
            variant, place = known.get(row.values["sku"]), places.get(row.values["location"])
            if variant is None or place is None:
                gone[row.number] = ["gone", {}]
                continue
            figures.append(
                stock.Figure(
                    number=row.number,
                    place=(variant[0], place[0]),
                    on_hand=row.values["on_hand"],
                    seen=row.before.get("on_hand", 0),
                    assumed=row.before.get("*assumed", False),
                    counted_at=parse_datetime(row.before.get("*counted_at", "")),
                )
            )
        return figures, gone

    def merge(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> dict[int, list]:
        figures, gone = self.figures(rows)
        name = f"import:{change_set.public_id}"
        document = f"changeset:{change_set.public_id}"
        return gone | stock.book(figures=figures, source=name, document=document, by=change_set.applied_by, at=recorded)

    def merge_next(self, change_set: ChangeSet, *, recorded: datetime) -> int | None:
        if not on_postgresql():
            return None
        return stock_sql.book_next(
            change_set_id=change_set.pk,
            places=[pk for pk, _open in self.load_places().values()],
            source=f"import:{change_set.public_id}",
            document=f"changeset:{change_set.public_id}",
            by=change_set.applied_by,
            at=recorded,
        )

    def take_back(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> list[int]:
        figures, gone = self.figures(rows)
        return list(gone) or stock.take_back(
            figures=figures,
            booked_as=f"import:{change_set.public_id}",
            source=f"undo:{change_set.public_id}",
            document=f"changeset:{change_set.public_id}",
            by=change_set.undone_by,
            at=recorded,
        )

    def wanted(self, chosen: dict[str, str]) -> QuerySet:
        levels = StockLevel.objects.visible_to(self.by).filter(location__in=Location.objects.visible_to(self.by))
        if chosen.get("location"):
            levels = levels.filter(location__code=chosen["location"])
        if chosen.get("category"):
            levels = levels.filter(variant__product__category__in=categories_under(chosen["category"]))
        return levels

    def records(self, chosen: dict[str, str]) -> Iterator[dict[str, Any]]:
        names = ("sku", "location", "on_hand", "name", "reserved", "unavailable", "available", "assumed")
        fields = (
            "variant__sku", "location__code", "on_hand", "variant__product__name", "reserved", "unavailable",
            "available", "assumed",
        )  # fmt: skip
        for row in self.wanted(chosen).order_by("variant__sku", "location__code").values_list(*fields).iterator(2000):
            yield dict(zip(names, row, strict=True))
