"""Loading history into catalogue, prices and ledger: set-based, quiet, in shards."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from statistics import median
from zoneinfo import ZoneInfo

from django.utils.text import slugify

from inventory.models import Bucket, Category, Price, PriceList, Product, StockLevel, StockMovement, Variant
from inventory.services import pace
from omni.db import analyze, insert_rows
from omni.ids import public_id
from omni.loading import complete_journey as source
from omni.models import Channel, Location, Origin
from omni.services.loading import SOURCE, TILLS, Load, Shard

COVER_DAYS = 28
PRICE_LIST = "shelf"
MOVEMENT_COLUMNS = [
    "level_id", "sequence", "bucket", "quantity", "balance", "kind", "source", "external_id", "document", "channel_id",
    "occurred_at", "original_at", "origin",
]  # fmt: skip
Path = tuple[str, ...]


def load_catalogue(task: Load) -> list[Shard]:
    """What the loaded lines sold: category tree, products, variants, and the price list of median unit prices."""
    lines = source.lines(stores=task.stores, first=task.first, last=task.last)
    wanted = source.ids(set(lines["product_id"].to_pylist()))
    return [
        Shard("products", len(wanted), partial(make_products, list(source.items(wanted)))),
        Shard("prices", len(wanted) // 4, partial(make_prices, task)),
    ]


def make_products(items: list[source.Item]) -> dict[str, int]:
    categories = make_categories({category_path(item) for item in items if item.is_known})
    rows: Iterator[tuple] = (
        (public_id(), str(item.product_id), name_of(item), brand_of(item), maker_of(item),
         categories.get(category_path(item)), {}, Origin.REAL.value)
        for item in items
    )  # fmt: skip
    names = ["public_id", "code", "name", "brand", "maker", "category_id", "size_chart", "origin"]
    insert_rows(Product, names, rows)
    products = dict(Product.objects.values_list("code", "pk"))
    variants: Iterator[tuple] = (
        (public_id(), products[str(item.product_id)], str(item.product_id), {}, size_of(item), not item.is_fuel)
        for item in items
    )
    insert_rows(Variant, ["public_id", "product_id", "sku", "options", "size", "is_stocked"], variants)
    return {
        "variants": len(items),
        "unknown_products": sum(not item.is_known for item in items),
        "fuel_products": sum(item.is_fuel for item in items),
        "without_gtin": len(items),
    }


def category_path(item: source.Item) -> Path:
    """Department, category, type; as deep as it is known."""
    return tuple(part for part in (item.department, item.category, item.kind) if part)


def make_categories(paths: set[Path]) -> dict[Path, int]:
    """Grow the tree and return its nodes by path. Siblings are in order of their names, as the tree wants it."""
    children: dict[Path, set[str]] = defaultdict(set)
    for path in paths:
        for depth in range(len(path)):
            children[path[:depth]].add(path[depth])
    codes: Counter[str] = Counter()
    places: dict[Path, str] = {}
    rows: list[tuple[str, int, int, str, str]] = []
    for name in sorted(children[()], key=sentence):
        root = Category.objects.add_root({"code": code_of((name,), codes), "name": sentence(name)})
        Category.objects.filter(pk=root.pk).update(numchild=len(children[(name,)]))
        places[(name,)] = root.path
        rows.extend(branch((name,), root.path, children, codes, places))
    insert_rows(Category, ["path", "depth", "numchild", "code", "name"], rows)
    nodes = dict(Category.objects.values_list("path", "pk"))
    return {path: nodes[place] for path, place in places.items()}


def branch(
    path: Path, place: str, children: dict[Path, set[str]], codes: Counter[str], places: dict[Path, str]
) -> Iterator[tuple[str, int, int, str, str]]:
    """Rows of everything under one node, numbered as treebeard's materialized paths are."""
    for number, name in enumerate(sorted(children[path], key=sentence), start=1):
        below, depth = (*path, name), len(path) + 1
        places[below] = Category._get_path(place, depth, number)
        yield places[below], depth, len(children[below]), code_of(below, codes), sentence(name)
        yield from branch(below, places[below], children, codes, places)


def code_of(path: Path, codes: Counter[str]) -> str:
    """``grocery/frozen-pizza/economy``; a number behind it where two names become the same code."""
    code = "/".join(slugify(part.replace("/", " ")) or "other" for part in path)[:110]
    codes[code] += 1
    return code if codes[code] == 1 else f"{code}-{codes[code]}"


def sentence(words: str) -> str:
    """Capitals shout: FLUID MILK becomes Fluid milk."""
    return words.capitalize()


def name_of(item: source.Item) -> str:
    if not item.is_known:
        return f"Unknown product {item.product_id}"
    return sentence(item.kind or item.category or item.department)


def brand_of(item: source.Item) -> str:
    return {"National": "National brand", "Private": "Private label"}.get(item.brand, item.brand)


def maker_of(item: source.Item) -> str:
    return f"Maker {item.maker}" if item.maker else ""


def size_of(item: source.Item) -> str:
    return item.size.lower().replace(" ga", " gal").replace("gall", "gal")


def make_prices(task: Load) -> dict[str, int]:
    """What one unit was sold for, in the middle of all its loaded lines. No list prices are known: an assumption."""
    lines = source.lines(stores=task.stores, first=task.first, last=task.last)
    names = ["product_id", "quantity", "sales_minor", "is_fuel"]
    paid: dict[int, list[float]] = defaultdict(list)
    for product, quantity, amount, fuel in zip(*(lines[name].to_pylist() for name in names), strict=True):
        if quantity > 0 and amount > 0 and not fuel:
            paid[product].append(amount / quantity)
    shelf = PriceList.objects.create(
        code=PRICE_LIST, name="Shelf prices (median of what was paid)", currency=source.CURRENCY, origin=Origin.ASSUMED
    )
    variants = dict(Variant.objects.values_list("sku", "pk"))
    rows = [(shelf.pk, variants[str(product)], round(median(prices))) for product, prices in paid.items()]
    insert_rows(Price, ["price_list_id", "variant_id", "amount_minor"], rows)
    return {"prices": len(rows)}


@dataclass(frozen=True, slots=True)
class Sold:
    """One line that moved stock, in the order in which it happened."""

    product: int
    basket: int
    quantity: int
    occurred_at: datetime
    original_at: datetime


def load_stock(task: Load) -> list[Shard]:
    """Store by store: an assumed opening balance per product, then every sale with units; then how fast all sell."""
    shards = []
    for store in task.stores:
        size = source.lines(stores=[store], first=task.first, last=task.last).num_rows
        shards.append(Shard(str(store), size, partial(make_store_stock, task, store)))
    return [*shards, Shard("pace", sum(shard.size for shard in shards) // 20, partial(count_pace, task))]


def count_pace(task: Load) -> dict[str, int]:
    analyze()
    return {"with_pace": pace.refresh(at=task.at)}


def make_store_stock(task: Load, store: int) -> dict[str, int]:
    sold, counts = sold_lines(task, store)
    opening = opening_units(sold, days=(task.last - task.first).days + 1)
    levels = make_levels(store, sold, opening)
    tills = Channel.objects.get(code=TILLS).pk
    insert_rows(StockMovement, MOVEMENT_COLUMNS, movements(task, store, sold, opening, levels, tills))
    return counts | {"movements": len(sold), "levels": len(levels)}


def sold_lines(task: Load, store: int) -> tuple[list[Sold], dict[str, int]]:
    """The lines with units, product by product in order of time; and how many were left out, and why."""
    lines = source.lines(stores=[store], first=task.first, last=task.last)
    times = source.moved(lines["local"], task.weeks).to_pylist()
    names = ["product_id", "basket_id", "quantity", "utc", "is_fuel"]
    found, counts = [], Counter({"lines": lines.num_rows})
    for (product, basket, quantity, original, fuel), at in zip(
        zip(*(lines[name].to_pylist() for name in names), strict=True), times, strict=True
    ):
        if fuel:
            counts["left_out_fuel"] += 1
        elif quantity <= 0:
            counts["left_out_no_units"] += 1
        else:
            found.append(Sold(product, basket, quantity, at, original.replace(tzinfo=UTC)))
    found.sort(key=lambda line: (line.product, line.occurred_at, line.basket))
    return found, dict(counts)


def opening_units(sold: list[Sold], *, days: int) -> dict[int, int]:
    """What must have lain there: the units sold in the time, and about 28 days of cover, rounded up."""
    units: Counter[int] = Counter()
    for line in sold:
        units[line.product] += line.quantity
    return {product: total + -(-total * COVER_DAYS // days) for product, total in units.items()}


def make_levels(store: int, sold: list[Sold], opening: dict[int, int]) -> dict[int, int]:
    """Balances as they stand after the last movement. Returns the level's key by product."""
    units, moves = Counter[int](), Counter[int]()
    for line in sold:
        units[line.product] += line.quantity
        moves[line.product] += 1
    location = Location.objects.get(code=f"store-{store}").pk
    variants = dict(Variant.objects.values_list("sku", "pk"))
    rows = (
        (variants[str(product)], location, start - units[product], moves[product] + 1, True)
        for product, start in opening.items()
    )
    insert_rows(StockLevel, ["variant_id", "location_id", "on_hand", "sequence", "assumed"], rows)
    levels = StockLevel.objects.filter(location=location).values_list("variant__sku", "pk")
    return {int(sku): pk for sku, pk in levels if sku.isdigit()}


def movements(
    task: Load, store: int, sold: list[Sold], opening: dict[int, int], levels: dict[int, int], tills: int
) -> Iterator[tuple]:
    """The ledger rows of one store: each level's opening balance, then its sales, with the running balance."""
    begun, originally = opening_time(task)
    product, sequence, balance = None, 0, 0
    for line in sold:
        if line.product != product:
            product, sequence, balance = line.product, 1, opening[line.product]
            yield (
                levels[product], sequence, Bucket.ON_HAND.value, balance, balance, StockMovement.Kind.OPENING.value,
                SOURCE, f"opening:{product}@{store}", "", None, begun, originally, Origin.ASSUMED.value,
            )  # fmt: skip
        sequence, balance = sequence + 1, balance - line.quantity
        yield (
            levels[product], sequence, Bucket.ON_HAND.value, -line.quantity, balance, StockMovement.Kind.SALE.value,
            SOURCE, f"{line.basket}:{product}", f"basket:{line.basket}", tills, line.occurred_at, line.original_at,
            Origin.REAL.value,
        )  # fmt: skip


def opening_time(task: Load) -> tuple[datetime, datetime]:
    """Midnight at the shops before the first loaded day: moved, and as it was."""
    zone = ZoneInfo(source.TIME_ZONE)
    moved = datetime.combine(task.first + timedelta(weeks=task.weeks), time.min, zone)
    return moved.astimezone(UTC), datetime.combine(task.first, time.min, zone).astimezone(UTC)
