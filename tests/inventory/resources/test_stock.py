"""Stock from files: booked as movements, refused where it moved on, undone where nothing was built on it."""

import pytest
from django.db.models import F, Sum

from inventory.models import StockLevel, StockMovement
from inventory.services import stock
from omni.services.changes import NotNow, NotYourKind
from tests.factories.files import apply_file, check_file, csv_file, export_file, undo_file, wrong_cells, xlsx_file
from tests.factories.inventory import make_kit, make_stock, make_variant
from tests.factories.omni import NOON, make_location, make_staff

pytestmark = pytest.mark.django_db
HEADER = ["sku", "location", "on_hand"]


@pytest.fixture
def office():
    return make_staff("head_office")


def sell(level, quantity=1):
    line = stock.SaleLine(level.variant, quantity, "basket-1", amount_minor=100, currency="USD")
    stock.sell(
        location=level.location, lines=[line], channel=None, source="till", document="basket:1", by=None, at=NOON
    )


def balances():
    return dict(StockLevel.objects.values_list("variant__sku", "on_hand"))


def ledger_adds_up():
    rows = StockLevel.objects.annotate(total=Sum("movements__quantity")).exclude(on_hand=0)
    return not rows.exclude(total=F("on_hand")).exists()


def test_a_file_opens_new_levels_counts_known_ones_and_leaves_what_is_right(office):
    shop, fresh = make_location("mitte"), make_variant("NEW")
    counted = make_stock(variant=make_variant("OLD"), location=shop, on_hand=5, assumed=True)
    make_stock(variant=make_variant("SAME"), location=shop, on_hand=7)

    sent = check_file(
        "stock", csv_file(HEADER, [["NEW", "mitte", 3], ["OLD", "mitte", 8], ["SAME", "mitte", 7]]), by=office
    )
    assert [row.verdict for row in sent.rows.order_by("number")] == ["new", "changed", "same"]
    assert balances() == {"OLD": 5, "SAME": 7}
    done = apply_file(sent)

    assert done.state == "applied"
    assert (done.counts["done"], done.counts["refused"]) == (2, 0)
    assert balances() == {"NEW": 3, "OLD": 8, "SAME": 7}
    booked = StockMovement.objects.filter(source=f"import:{done.public_id}").order_by("external_id")
    assert [(row.kind, row.quantity, row.balance, row.actor) for row in booked] == [
        ("opening", 3, 3, office),
        ("count", 3, 8, office),
    ]
    counted.refresh_from_db()
    assert not counted.assumed
    assert counted.counted_at == NOON
    assert fresh.stock_levels.get().sequence == 1
    assert ledger_adds_up()


def test_every_wrong_cell_is_named_with_its_row_its_column_and_its_reason(office):
    shop = make_location("mitte")
    make_location("closed", retired_at=NOON)
    make_kit({make_variant("PART"): 2}, "KIT")
    make_variant("GONE", retired_at=NOON)
    make_stock(variant=make_variant("HELD"), location=shop, on_hand=9, unavailable=4)
    for sku in "ABCDEFG":
        make_variant(sku)
    rows = [
        (["NOBODY", "mitte", 1], {"sku": "unknown_sku"}),
        (["A", "nowhere", 1], {"location": "unknown_location"}),
        (["A", "closed", 1], {"location": "retired"}),
        (["A", "mitte", -1], {"on_hand": "negative"}),
        (["B", "mitte", "1.5"], {"on_hand": "fractional"}),
        (["C", "mitte", "many"], {"on_hand": "not_a_whole_number"}),
        (["D", "mitte", ""], {"on_hand": "blank"}),
        (["", "mitte", 1], {"sku": "blank"}),
        (["KIT", "mitte", 1], {"sku": "not_counted"}),
        (["GONE", "mitte", 1], {"sku": "retired"}),
        (["HELD", "mitte", 3], {"on_hand": "promised"}),
        (["E", "mitte", 9999], {"on_hand": "implausible"}),
        (["F", "mitte", 99999999999], {"on_hand": "too_large"}),
        (["=cmd()", "mitte", 1], {"sku": "unknown_sku"}),
        (["G", "mitte"], {"*": "too_few_cells"}),
    ]

    found = wrong_cells(check_file("stock", csv_file(HEADER, [row for row, _why in rows]), by=office))

    assert found == {number: why for number, (_row, why) in enumerate(rows, start=2)}


def test_two_rows_about_one_place_are_both_wrong_and_name_each_other(office):
    make_location("mitte")
    make_variant("A")

    sent = check_file("stock", csv_file(HEADER, [["A", "mitte", 1], ["A", "mitte", 2]]), by=office)

    first, second = sent.rows.order_by("number")
    assert first.errors["location"] == ["same_as", {"columns": "sku, location", "row": 3}]
    assert second.errors["location"] == ["same_as", {"columns": "sku, location", "row": 2}]
    assert sent.counts["wrong"] == 2


def test_a_figure_that_the_writer_did_not_expect_is_refused_with_both_values(office):
    make_stock(variant=make_variant("A"), location=make_location("mitte"), on_hand=5)

    sent = check_file("stock", csv_file([*HEADER, "expected"], [["A", "mitte", 9, 4]]), by=office)

    assert sent.rows.get().errors == {"expected": ["stale", {"expected": 4, "actual": 5}]}


def test_a_level_that_moves_between_preview_and_confirmation_is_refused_and_the_rest_is_done(office):
    shop = make_location("mitte")
    level = make_stock(variant=make_variant("A"), location=shop, on_hand=5)
    make_stock(variant=make_variant("B"), location=shop, on_hand=5)
    sent = check_file("stock", csv_file(HEADER, [["A", "mitte", 9], ["B", "mitte", 9]]), by=office)
    sell(level)

    done = apply_file(sent)

    assert balances() == {"A": 4, "B": 9}
    assert (done.counts["done"], done.counts["refused"]) == (1, 1)
    assert done.rows.get(number=2).errors == {"*": ["moved_on", {"before": 5, "now": 4}]}


def test_undo_books_the_opposite_and_brings_back_what_was_known(office):
    level = make_stock(variant=make_variant("A"), location=make_location("mitte"), on_hand=5, assumed=True)
    done = apply_file(check_file("stock", csv_file(HEADER, [["A", "mitte", 9]]), by=office))

    undone = undo_file(done)

    level.refresh_from_db()
    assert undone.state == "undone"
    assert (level.on_hand, level.assumed, level.counted_at) == (5, True, None)
    assert list(level.movements.order_by("sequence").values_list("quantity", flat=True)) == [5, 4, -4]
    with pytest.raises(NotNow):
        undo_file(undone)


def test_undo_is_refused_after_a_later_sale_and_says_which_rows(office):
    shop = make_location("mitte")
    level = make_stock(variant=make_variant("A"), location=shop, on_hand=5)
    make_variant("B")
    done = apply_file(check_file("stock", csv_file(HEADER, [["B", "mitte", 1], ["A", "mitte", 9]]), by=office))
    sell(level)

    refused = undo_file(done)

    assert refused.state == "applied"
    assert refused.problem == {"code": "later_moves", "rows": "3"}
    assert balances() == {"A": 8, "B": 1}


def test_two_people_confirm_the_same_preview_and_it_is_applied_once(office):
    make_location("mitte")
    make_variant("A")
    sent = check_file("stock", csv_file(HEADER, [["A", "mitte", 3]]), by=office)
    apply_file(sent)

    with pytest.raises(NotNow):
        apply_file(sent, by=make_staff("head_office"))
    assert balances() == {"A": 3}


def test_a_store_manager_imports_the_stock_of_their_own_stores_only():
    own, other = make_location("own"), make_location("other")
    make_variant("A")
    manager = make_staff("store_manager", locations=[own])
    make_stock(variant=make_variant("THEIRS"), location=other, on_hand=1)
    make_stock(variant=make_variant("OURS"), location=own, on_hand=1)

    sent = check_file("stock", csv_file(HEADER, [["A", "own", 1], ["A", "other", 1]]), by=manager)

    assert wrong_cells(sent) == {3: {"location": "unknown_location"}}
    assert b"THEIRS" not in export_file("stock", by=manager).getvalue()
    with pytest.raises(NotYourKind):
        check_file("prices", csv_file(["price_list"], []), by=manager)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_imports_unchanged(office, form):
    for shop in (make_location("mitte"), make_location("nord")):
        for sku in ("=1+2", "0012", "naïve 茶", "-5", "'quoted"):
            variant = make_variant(sku) if not StockLevel.objects.filter(variant__sku=sku).exists() else None
            variant = variant or StockLevel.objects.filter(variant__sku=sku).first().variant
            make_stock(variant=variant, location=shop, on_hand=3)

    sent = check_file("stock", export_file("stock", by=office, form=form), by=office)

    assert (sent.problem, sent.counts.get("same"), sent.rows.count()) == ({}, 10, 10)


def test_headings_are_found_in_any_case_and_order_and_what_nothing_is_called_is_named(office):
    make_location("mitte")
    make_variant("A")

    sent = check_file("stock", xlsx_file([" On Hand", "LOCATION", "Sku", "Shelf"], [[4, "mitte", "A", "x"]]), by=office)

    assert (sent.columns, sent.unread) == (["on_hand", "location", "sku"], ["Shelf"])
    assert sent.rows.get().values == {"on_hand": 4, "location": "mitte", "sku": "A"}
