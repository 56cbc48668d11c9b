"""Prices in files: one row for each SKU on each price list."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import PriceList, Variant
from inventory.queries.catalogue import categories_under
from inventory.services.imports import prices
from omni.importing.columns import Column, code, currency, decimal, moment, plain, stamp, text
from omni.importing.resource import NEW, Mapping, Row, StagedResource
from omni.models import ChangeRow, ChangeSet
from omni.money import exponent, to_decimal

MOST = Decimal(10) ** 12


class PriceResource(StagedResource):
    """What one unit costs on a list, tax included. A list that is not there yet is made with its currency."""

    kind = "prices"
    title = _("Prices")
    about = _("What each SKU costs on a price list, tax included, and for which period the list holds.")
    right = "inventory.change_variant"
    icon = "tag"
    key = ("price_list", "sku")
    filters = ("price_list", "category")
    columns = [
        Column("price_list", code(40), _("The code of the price list; made if new."), example="web-eur", needed=True),
        Column("sku", text(60), _("Code of the variant, as in the catalogue."), example="TEA-GREEN-100", needed=True),
        Column(
            "amount",
            decimal(places=4, least=Decimal(0), most=MOST),
            _("Price of one unit, tax included: 4.99"),
            example="4.99",
            needed=True,
            number=True,
        ),
        Column(
            "currency", currency, _("Currency of the list (ISO 4217)."), example="EUR", filled=True, group="price_list"
        ),
        Column("starts", moment(), _("From when the list holds; empty: always."), group="price_list"),
        Column("ends", moment(end=True), _("Until when; a date means to its end."), group="price_list"),
        Column("name", text(200), _("Name of the product."), readonly=True),
        Column("origin", text(8), _("real, assumed or made_up."), readonly=True),
    ]
    sentences = {
        "unknown_sku": _("No variant has the SKU “%(value)s”."),
        "retired": _("“%(value)s” is retired."),
        "new_without_currency": _("“%(value)s” is a new price list: it needs a column currency."),
        "other_currency": _("This list is in %(currency)s; its currency never changes."),
        "too_precise": _("%(currency)s has %(places)s decimal places."),
        "backwards": _("The list would end before it starts."),
    }

    def begin(self, mapping: Mapping) -> None:
        self.lists = {found.code: found for found in PriceList.objects.visible_to(self.by)}

    def resolve(self, rows: list[Row]) -> None:
        names = {row.values["sku"] for row in rows}
        found = Variant.objects.visible_to(self.by).filter(sku__in=names)
        known = dict(found.values_list("sku", "retired_at"))
        for row in rows:
            sku = row.values["sku"]
            if sku not in known:
                row.wrong("sku", "unknown_sku", value=sku)
            elif known[sku]:
                row.wrong("sku", "retired", value=sku)
            self.check_list(row)

    def check_list(self, row: Row) -> None:
        values, there = row.values, self.lists.get(row.values["price_list"])
        money = there.currency if there else values.get("currency")
        if money is None:
            row.wrong("price_list", "new_without_currency", value=values["price_list"])
            return
        if values.get("currency", money) != money:
            row.wrong("currency", "other_currency", currency=money)
        if -Decimal(values["amount"]).as_tuple().exponent > exponent(money):  # type: ignore[operator]
            row.wrong("amount", "too_precise", currency=money, places=exponent(money))
        starts = values.get("starts", stamp(there.starts_at) if there else "")
        ends = values.get("ends", stamp(there.ends_at) if there else "")
        if starts and ends and starts >= ends:
            row.wrong("ends" if "ends" in values else "starts", "backwards")

    def current(self, rows: Sequence[Row | ChangeRow]) -> dict[tuple, dict[str, Any]]:
        skus: dict[str, set[str]] = {}
        for row in rows:
            skus.setdefault(row.values["price_list"], set()).add(row.values["sku"])
        wanted = Q(pk__in=[])
        for name, some in skus.items():
            wanted |= Q(code=name, prices__variant__sku__in=some)
        found = self.read(PriceList.objects.visible_to(self.by).filter(wanted))
        return {self.key_of(values): values for values in found}

    def review(self, rows: list[Row], there: dict[tuple, dict[str, Any]]) -> None:
        """A new price may change the period of a list that is there, or bring a new list with it."""
        for row in rows:
            found = self.lists.get(row.values["price_list"])
            if row.verdict == NEW and found is None:
                row.before["*list"] = "new"
            elif row.verdict == NEW and found:
                now = {"starts": stamp(found.starts_at), "ends": stamp(found.ends_at)}
                row.before = {name: now[name] for name in now if row.values.get(name, now[name]) != now[name]}

    def read(self, lists: Any) -> Iterator[dict[str, Any]]:
        fields = (
            "code", "currency", "starts_at", "ends_at", "origin", "prices__variant__sku",
            "prices__variant__product__name", "prices__amount_minor",
        )  # fmt: skip
        found = lists.order_by("code", "prices__variant__sku").values_list(*fields)
        for name, money, starts, ends, origin, sku, product, minor in found.iterator(2000):
            yield {
                "price_list": name, "sku": sku, "amount": plain(to_decimal(minor, money)), "currency": money,
                "starts": stamp(starts), "ends": stamp(ends), "name": product, "origin": origin,
            }  # fmt: skip

    def wanted(self, chosen: dict[str, str]) -> QuerySet:
        wanted: dict[str, Any] = {"prices__isnull": False}
        if chosen.get("price_list"):
            wanted["code"] = chosen["price_list"]
        if chosen.get("category"):
            wanted["prices__variant__product__category__in"] = categories_under(chosen["category"])
        return PriceList.objects.visible_to(self.by).filter(**wanted)

    def records(self, chosen: dict[str, str]) -> Iterator[dict[str, Any]]:
        yield from self.read(self.wanted(chosen))

    def put(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> None:
        prices.merge(rows=[row.values for row in rows], at=recorded)

    def put_back(self, rows: list[ChangeRow], change_set: ChangeSet, *, recorded: datetime) -> list[int]:
        made = [row for row in rows if row.verdict == NEW]
        lists = {row.values["price_list"] for row in made if "*list" in row.before}
        back = [dict(zip(self.key, self.key_of(row.values), strict=True)) | row.before for row in rows]
        prices.merge(rows=back, at=recorded)
        prices.remove(keys=[self.key_of(row.values) for row in made], new_lists=lists)
        return []
