"""Variants and stock of a Vendure shop: read by pages or by id, set absolutely and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from omni.connectors import shapes
from omni.connectors.base import Outcome, StockWrite, WriteResult
from omni.connectors.errors import ConnectorError, Garbage, Rejected, Unknown
from omni.connectors.vendure_api import VendureApi

FIELDS = """id sku name enabled priceWithTax currencyCode updatedAt
  stockLevels { stockLocationId stockOnHand stockAllocated }"""
VARIANTS = f"""query Variants($options: ProductVariantListOptions) {{
  productVariants(options: $options) {{ totalItems items {{ {FIELDS} }} }} }}"""
SET_STOCK = """mutation SetStock($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { id } }"""
MOST_UNITS = 2_147_483_647
ROUNDS = 3
BULK = 100


@dataclass(frozen=True, slots=True)
class Level:
    on_hand: int
    allocated: int

    @property
    def available(self) -> int:
        """What the shop would sell; below 0 where it sold more than it had. Its own threshold is its own buffer."""
        return self.on_hand - self.allocated


@dataclass(frozen=True, slots=True)
class Variant:
    id: str
    sku: str
    name: str
    enabled: bool
    price_minor: int
    currency: str
    updated_at: datetime
    levels: Mapping[str, Level] = field(default_factory=dict)

    def at(self, location: str) -> Level:
        """Stock at one location; a variant that was never stocked there has none."""
        return self.levels.get(location, Level(0, 0))


@dataclass(frozen=True, slots=True)
class Plan:
    """One write as it is sent: the figure that makes ``write.target`` units available."""

    write: StockWrite
    location: str
    on_hand: int


def variant(answer: Any) -> Variant:
    """Raises Garbage when anything is missing."""
    levels = {
        shapes.text(level, "stockLocationId"): Level(
            shapes.integer(level, "stockOnHand"), shapes.integer(level, "stockAllocated")
        )
        for level in shapes.rows(answer, "stockLevels")
    }
    return Variant(
        shapes.text(answer, "id"),
        shapes.text(answer, "sku", blank=True),
        shapes.text(answer, "name", blank=True),
        shapes.flag(answer, "enabled"),
        shapes.integer(answer, "priceWithTax"),
        shapes.text(answer, "currencyCode"),
        shapes.moment(answer, "updatedAt"),
        levels,
    )


def variants(api: VendureApi, *, skip: int, take: int) -> tuple[int, list[Variant]]:
    """How many there are, and some of them in the order of their ids."""
    options = {"skip": skip, "take": take, "sort": {"id": "ASC"}}
    answer = shapes.part(api.read(VARIANTS, options=options), "productVariants")
    found = [variant(item) for item in shapes.rows(answer, "items")]
    if len(found) > take or len({item.id for item in found}) != len(found):
        raise Garbage("more variants than asked for")
    return shapes.integer(answer, "totalItems"), found


def variants_by_id(api: VendureApi, ids: Iterable[str]) -> dict[str, Variant]:
    """These variants; those that are gone are left out. Raises Garbage when others come back."""
    asked = sorted(set(ids))
    found: dict[str, Variant] = {}
    for start in range(0, len(asked), BULK):
        some = asked[start : start + BULK]
        options = {"take": len(some), "filter": {"id": {"in": some}}}
        answer = shapes.part(api.read(VARIANTS, options=options), "productVariants")
        found |= {item.id: item for item in map(variant, shapes.rows(answer, "items"))}
    if not found.keys() <= set(asked):
        raise Garbage("the filter by id was not applied")
    return found


def write(
    api: VendureApi, writes: Sequence[StockWrite], *, place: Callable[[StockWrite], str | None], places: set[str]
) -> list[WriteResult]:
    """
    Set each listing's stock so that ``target`` units are available, and read it back.

    An order that comes in between lowers what is available and needs nothing; a fulfilment that comes in between
    would leave too much, and is followed by another round.
    """
    results: dict[int, WriteResult] = {}
    todo = dict(enumerate(writes))
    seen = variants_by_id(api, (item.ref.remote_id for item in writes))
    for turn in range(ROUNDS):
        plans: dict[int, Plan] = {}
        for number, item in todo.items():
            location = place(item)
            if code := _refusal(item, seen, location, places):
                results[number] = WriteResult(item.ref, "rejected", item.version, code=code)
            else:
                plans[number] = _plan(item, location or "", seen)
        failed = _send(api, list(plans.values()))
        seen = _read_back(api, plans.values())
        verdicts = {
            number: _verdict(plan, _level(plan, seen), failed.get(plan), last=turn == ROUNDS - 1)
            for number, plan in plans.items()
        }
        results |= {number: verdict for number, verdict in verdicts.items() if verdict}
        todo = {number: plan.write for number, plan in plans.items() if verdicts[number] is None}
        if not todo:
            break
    return [results[number] for number in range(len(writes))]


def _level(plan: Plan, seen: Mapping[str, Variant]) -> Level | None:
    found = seen.get(plan.write.ref.remote_id)
    return found.at(plan.location) if found else None


def _refusal(item: StockWrite, seen: Mapping[str, Variant], location: str | None, places: set[str]) -> str:
    """Why a write is not even sent, or ""."""
    found = seen.get(item.ref.remote_id)
    if found is None:
        return "unknown_listing"
    if found.sku != item.ref.sku:
        return "other_sku"
    if location not in places:
        return "unknown_location"
    if item.target < 0:
        return "negative"
    return "too_large" if item.target + found.at(location).allocated > MOST_UNITS else ""


def _plan(item: StockWrite, location: str, seen: Mapping[str, Variant]) -> Plan:
    return Plan(item, location, item.target + seen[item.ref.remote_id].at(location).allocated)


def _send(api: VendureApi, plans: list[Plan]) -> dict[Plan, ConnectorError]:
    """One call for all. Refused as a whole, it is halved until only those at fault are left, which are returned."""
    if not plans:
        return {}
    inputs: dict[str, list[dict[str, Any]]] = {}
    for plan in sorted(plans, key=lambda plan: (plan.write.ref.remote_id, plan.location)):
        level = {"stockLocationId": plan.location, "stockOnHand": plan.on_hand}
        inputs.setdefault(plan.write.ref.remote_id, []).append(level)
    try:
        api.write(SET_STOCK, input=[{"id": key, "stockLevels": levels} for key, levels in inputs.items()])
    except Rejected as refused:
        if len(plans) == 1:
            return {plans[0]: refused}
        half = len(plans) // 2
        return _send(api, plans[:half]) | _send(api, plans[half:])
    except Unknown as lost:
        return dict.fromkeys(plans, lost)
    return {}


def _read_back(api: VendureApi, plans: Iterable[Plan]) -> dict[str, Variant]:
    """What is there now; nothing where even that cannot be learnt, so that the outcome stays unknown."""
    try:
        return variants_by_id(api, (plan.write.ref.remote_id for plan in plans))
    except ConnectorError:
        return {}


def _verdict(plan: Plan, level: Level | None, error: ConnectorError | None, *, last: bool) -> WriteResult | None:
    """What became of one write; None asks for another round."""

    def result(outcome: Outcome, code: str = "") -> WriteResult:
        actual = level.available if level else None
        detail = error.detail if error and outcome != "applied" else ""
        return WriteResult(plan.write.ref, outcome, plan.write.version, actual=actual, code=code, detail=detail)

    if level is None:
        return result("unknown", error.code if error else "not_read_back")
    if level.available == plan.write.target:
        return result("applied")
    if level.on_hand != plan.on_hand:
        if error is None:
            return result("conflict", "overwritten")
        return result("rejected" if isinstance(error, Rejected) else "unknown", error.code)
    if level.available < plan.write.target:
        return result("applied", "sold_meanwhile")
    return result("conflict", "overwritten") if last else None
