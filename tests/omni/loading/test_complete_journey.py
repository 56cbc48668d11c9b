"""The reader against totals that are computed here from the raw files, another way."""

import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from omni.loading import complete_journey as source

DEMO = {"first": source.DEMO_FIRST_DAY, "last": source.DEMO_LAST_DAY}


@pytest.fixture(scope="module")
def raw():
    return pq.ParquetFile(source.folder() / "transactions.parquet").read()


def test_every_line_of_the_year_is_there_to_the_cent(raw):
    year = source.year()

    assert year.num_rows == raw.num_rows == 1_469_307
    paid = sum(round(v * 100) for v in raw["sales_value"].to_pylist())
    coupons = sum(round(v * 100) for v in raw["coupon_disc"].to_pylist())
    assert pc.sum(year["paid_minor"]).as_py() == paid - coupons
    others = sum(round(v * 100) for n in ("retail_disc", "coupon_match_disc") for v in raw[n].to_pylist())
    assert pc.sum(year["discount_minor"]).as_py() == others + coupons


def test_the_demo_is_the_twelve_stores_with_most_baskets():
    stores = source.busiest_stores(12)
    lines = source.lines(stores=stores, **DEMO)

    assert lines.num_rows == 72_545
    assert pc.count_distinct(lines["basket_id"]).as_py() == 7_821
    assert pc.count_distinct(lines["household_id"]).as_py() == 741
    assert len(source.busiest_stores(None)) == 457


def test_days_are_those_of_the_shops(raw):
    """One line in six would fall on the wrong day in UTC."""
    zone, wrong = ZoneInfo(source.TIME_ZONE), 0
    moments = raw["transaction_timestamp"].cast("timestamp[s]").to_pylist()
    for moment, day in zip(moments[::997], source.year()["day"].to_pylist()[::997], strict=True):
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        assert local.date() == day
        wrong += day != moment.date()
    assert wrong > len(moments[::997]) / 8


def test_fuel_is_known_by_its_type_whatever_its_department():
    fuel = Counter(item.department for item in source.items(source.fuel_ids()))

    assert fuel == {"MISCELLANEOUS": 19, "FUEL": 16}
    year = source.year()
    rest = year.filter(pc.invert(year["is_fuel"]))
    assert pc.max(rest["quantity"]).as_py() == 144


def test_products_missing_from_the_catalogue_are_kept_as_unknown():
    sold = source.ids(set(source.year()["product_id"].to_pylist()))
    unknown = [item for item in source.items(sold) if not item.is_known]

    assert len(unknown) == 17
    lines = source.year()
    missing = lines.filter(pc.is_in(lines["product_id"], value_set=source.ids(item.product_id for item in unknown)))
    assert missing.num_rows == 4_836


def test_campaigns_have_reach_and_eight_are_cut_off():
    campaigns = source.campaigns()

    assert len(campaigns) == 27
    assert sum(len(one.households) for one in campaigns) == 6_589
    assert [one.campaign_id for one in campaigns if one.cut_off] == [15, 20, 21, 22, 23, 24, 25, 26]


def test_coupons_are_counted_without_their_duplicates():
    pairs = {tuple(row.values()) for row in pq.ParquetFile(source.folder() / "coupons.parquet").read().to_pylist()}
    campaign = source.campaigns()[25]

    assert campaign.campaign_id == 26
    assert campaign.coupons == len({coupon for coupon, _product, found in pairs if found == 26})
    assert campaign.products == len({product for _coupon, product, found in pairs if found == 26})


def test_every_redemption_finds_a_basket_of_its_household_and_local_day():
    redemptions = source.redemptions()

    assert len(redemptions) == 2_102
    assert all(one.basket_id for one in redemptions)
    year, sample = source.year(), redemptions[::97]
    for one in sample:
        basket = year.filter(pc.equal(year["basket_id"], one.basket_id))
        assert set(basket["household_id"].to_pylist()) == {one.household_id}
        assert set(basket["day"].to_pylist()) == {one.day}


def test_moving_by_weeks_keeps_the_hour_on_the_shops_clock():
    lines = source.lines(stores=source.busiest_stores(1), first=date(2017, 11, 1), last=date(2017, 11, 10))
    zone = ZoneInfo(source.TIME_ZONE)

    for before, after in zip(lines["local"].to_pylist(), source.moved(lines["local"], 464).to_pylist(), strict=True):
        local = after.astimezone(zone)
        assert (local.hour, local.minute, local.weekday()) == (before.hour, before.minute, before.weekday())
        assert (local.date() - before.date()).days == 464 * 7


@pytest.mark.parametrize(
    ("today", "weeks"),
    [(date(2026, 11, 21), 464), (date(2026, 11, 22), 464), (date(2026, 11, 23), 465), (date(2017, 12, 25), 0)],
)
def test_the_last_day_moves_as_near_before_today_as_whole_weeks_allow(today, weeks):
    assert source.weeks_to(source.DEMO_LAST_DAY, today) == weeks


def test_pandas_stays_out():
    """It would cost every start of the loader two seconds."""
    code = (
        "import sys; from omni.loading import complete_journey as s; s.busiest_stores(2); s.redemptions();"
        "s.campaigns();"
        "list(s.items(s.ids([1]))); s.moved(s.lines(stores=[367], first=s.FIRST_DAY, last=s.FIRST_DAY)['local'], 3);"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_times_are_naive_utc_in_the_files(raw):
    assert raw["transaction_timestamp"].cast("timestamp[s]")[0].as_py() == datetime(2017, 1, 1, 11, 53, 26)
