"""The loader: what is in the files is in the database, once, whatever happens on the way; and it is quiet."""

from collections import Counter

import pyarrow.compute as pc
import pytest
from django.db import transaction
from django.db.models import Count, F, Max, Sum

from inventory.models import (
    Category,
    Listing,
    ListingState,
    Price,
    Product,
    StockLevel,
    StockMovement,
    Variant,
)
from inventory.services import loading as stock
from journeys.models import Campaign, CampaignTarget, Redemption, SalesDay
from omni.loading import complete_journey as source
from omni.models import Activity, ActivityDelivery, JobRun, LoadedData, Location, WorkItem
from omni.services import loading
from tests.factories.loading import AT, SMALL, load_small

pytestmark = pytest.mark.django_db
STOCK = ["source", "external_id", "sequence", "bucket", "quantity", "balance", "occurred_at", "original_at", "origin"]


@pytest.fixture(autouse=True)
def keep_the_files_in_memory(monkeypatch):
    monkeypatch.setattr(source, "forget", lambda: None)


def raw_lines():
    return source.lines(stores=source.busiest_stores(2), first=SMALL.first, last=SMALL.last)


def everything():
    """What was loaded, without keys."""
    return {
        "movements": sorted(StockMovement.objects.values_list(*STOCK, "level__variant__sku")),
        "levels": sorted(StockLevel.objects.values_list("variant__sku", "location__code", "on_hand", "sequence")),
        "days": sorted(SalesDay.objects.values_list("day", "location__code", "paid_minor", "baskets", "lines")),
        "prices": sorted(Price.objects.values_list("variant__sku", "amount_minor")),
        "summary": LoadedData.objects.get().summary,
        "others": [model.objects.count() for model in (Category, Product, Campaign, CampaignTarget, Redemption)],
    }


def test_sales_per_store_add_up_to_the_cent():
    load_small()
    raw = raw_lines()

    for store in source.busiest_stores(2):
        lines = raw.filter(pc.equal(raw["store_id"], store))
        days = SalesDay.objects.filter(location__code=f"store-{store}")
        totals = days.aggregate(Sum("paid_minor"), Sum("discount_minor"), Sum("lines"), Sum("baskets"), Sum("units"))
        assert totals["paid_minor__sum"] == pc.sum(lines["paid_minor"]).as_py()
        assert totals["discount_minor__sum"] == pc.sum(lines["discount_minor"]).as_py()
        assert totals["lines__sum"] == lines.num_rows
        assert totals["baskets__sum"] == pc.count_distinct(lines["basket_id"]).as_py()
        assert totals["units__sum"] == pc.sum(lines.filter(pc.invert(lines["is_fuel"]))["quantity"]).as_py()


def test_every_line_with_units_is_one_movement_and_the_rest_is_counted_by_reason():
    data = load_small()
    raw = raw_lines()
    rows = zip(
        *(raw[n].to_pylist() for n in ("store_id", "basket_id", "product_id", "quantity", "is_fuel")), strict=True
    )
    expected = Counter(
        (f"store-{store}", f"{basket}:{product}", -quantity)
        for store, basket, product, quantity, fuel in rows
        if quantity > 0 and not fuel
    )
    sales = StockMovement.objects.filter(kind="sale")

    assert Counter(sales.values_list("level__location__code", "external_id", "quantity")) == expected
    assert set(sales.values_list("source", "bucket", "channel__code", "origin")) == {
        ("loader:complete_journey", "on_hand", "tills", "real")
    }
    summary = data.summary
    assert summary["lines"] == raw.num_rows
    assert summary["movements"] + summary["left_out_no_units"] + summary.get("left_out_fuel", 0) == raw.num_rows


def test_balances_are_the_sums_of_their_movements():
    load_small()

    for level in StockLevel.objects.annotate(
        total=Sum("movements__quantity"), moves=Count("movements"), last=Max("movements__sequence")
    ):
        assert (level.total, level.moves, level.last) == (level.on_hand, level.sequence, level.sequence)
    running: Counter[int] = Counter()
    moves: Counter[int] = Counter()
    rows = StockMovement.objects.order_by("level", "sequence")
    for level, quantity, balance, sequence in rows.values_list("level", "quantity", "balance", "sequence"):
        running[level] += quantity
        moves[level] += 1
        assert (balance, sequence) == (running[level], moves[level])
    assert not StockMovement.objects.filter(balance__lt=0).exists()


def test_openings_are_assumed_and_cover_what_was_sold_and_four_weeks():
    load_small()
    opening = StockMovement.objects.filter(kind="opening").select_related("level").order_by("-quantity").first()
    sold = -StockMovement.objects.filter(level=opening.level, kind="sale").aggregate(Sum("quantity"))["quantity__sum"]

    assert opening.quantity == sold + sold * 28 // 7
    assert opening.origin == "assumed"
    assert opening.sequence == 1
    assert not StockLevel.objects.filter(assumed=False).exists()
    assert not StockMovement.objects.filter(kind="sale", occurred_at__lt=opening.occurred_at).exists()


def test_fuel_is_in_the_catalogue_but_not_in_the_ledger():
    load_small()
    fuel = Variant.objects.filter(product__name__startswith="Gasoline")

    assert fuel.exists()
    assert not fuel.filter(is_stocked=True).exists()
    assert not StockLevel.objects.filter(variant__in=fuel).exists()


def test_the_category_tree_is_whole():
    load_small()

    assert Category.objects.find_problems() == ([], [], [], [], [])
    assert not Product.objects.filter(category=None).exclude(name__startswith="Unknown product").exists()


def test_twice_changes_nothing():
    load_small()
    first = everything()

    load_small()

    assert everything() == first


def test_killed_half_way_and_resumed_is_as_if_nothing_had_happened(monkeypatch):
    with transaction.atomic():
        load_small()
        undisturbed = everything()
        transaction.set_rollback(True)
    whole, calls = stock.make_store_stock, []

    def killed_at_the_second_store(task, store):
        counts = whole(task, store)
        calls.append(store)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return counts

    monkeypatch.setattr(stock, "make_store_stock", killed_at_the_second_store)
    with pytest.raises(KeyboardInterrupt):
        load_small()
    assert StockLevel.objects.values("location").distinct().count() == 1
    assert not LoadedData.objects.get().finished_at

    load_small()

    assert calls == [367, 406, 406]
    assert everything() == undisturbed


def test_another_cut_is_refused_and_changes_nothing():
    load_small()
    before = everything()

    with pytest.raises(loading.LoadedOtherwise):
        loading.load(cut=loading.Cut(stores=3, first=SMALL.first, last=SMALL.last), weeks=0, at=AT)
    with pytest.raises(loading.LoadedOtherwise):
        load_small(weeks=5)
    assert everything() == before


def test_moved_in_time_the_original_stays_on_the_row():
    load_small(weeks=400)
    raw = raw_lines()
    times = {
        moment.replace(tzinfo=None)
        for moment in StockMovement.objects.filter(kind="sale").values_list("original_at", flat=True)
    }

    assert times <= set(raw["utc"].to_pylist())
    assert not StockMovement.objects.filter(occurred_at=F("original_at")).exists()
    assert SalesDay.objects.order_by("day").first().day.isoformat() == "2025-07-07"


def test_loading_rings_no_bell_and_pushes_nothing():
    load_small()

    counts = [m.objects.count() for m in (Activity, ActivityDelivery, WorkItem, JobRun, Listing, ListingState)]
    assert counts == [0] * 6


def test_stores_are_named_by_number_and_nothing_is_made_up_about_them():
    load_small()

    store = Location.objects.get(code="store-367")
    assert (store.name, store.time_zone, store.street, store.latitude) == ("Store 367", "America/New_York", "", None)
