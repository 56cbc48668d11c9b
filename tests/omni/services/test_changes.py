"""Change sets under stress: ten thousand rows, workers that die, two people at once."""

import threading
from collections import Counter

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections

from inventory.models import StockLevel, StockMovement
from omni.importing import staging
from omni.models import ChangeRow, ChangeSet
from omni.services import changes
from omni.services.changes import NotNow
from tests.factories.files import apply_file, check_file, csv_file, undo_file, wrong_cells
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import NOON, make_location, make_staff

HEADER = ["sku", "location", "on_hand", "expected"]


class Killed(BaseException):
    """What a kill looks like to the code: nothing after it runs."""


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("inventory.services.listings.poke", lambda name: None)


@pytest.fixture
def office(db):
    return make_staff("head_office")


def some_variants(number):
    from inventory.models import Product, Variant

    product = Product.objects.create(code="P", name="P")
    Variant.objects.bulk_create(Variant(sku=f"V{n:05}", product=product) for n in range(number))


def bad_rows():
    """One row of each class of fault, as a function of a SKU that exists; with the column and the reason."""
    return [
        (lambda sku: ["", "mitte", 1, ""], "sku", "blank"),
        (lambda sku: [f"no-{sku}", "mitte", 1, ""], "sku", "unknown_sku"),
        (lambda sku: [sku, "nowhere", 1, ""], "location", "unknown_location"),
        (lambda sku: [sku, "closed", 1, ""], "location", "retired"),
        (lambda sku: [sku, "mit te", 1, ""], "location", "not_a_code"),
        (lambda sku: [sku, "mitte", "", ""], "on_hand", "blank"),
        (lambda sku: [sku, "mitte", "-3", ""], "on_hand", "negative"),
        (lambda sku: [sku, "mitte", "2.5", ""], "on_hand", "fractional"),
        (lambda sku: [sku, "mitte", "dozen", ""], "on_hand", "not_a_whole_number"),
        (lambda sku: [sku, "mitte", "9" * 11, ""], "on_hand", "too_large"),
        (lambda sku: [sku, "mitte", 77_777, ""], "on_hand", "implausible"),
        (lambda sku: [sku, "mitte", 1, 5], "expected", "stale"),
        (lambda sku: [sku, "mitte", 1], "*", "too_few_cells"),
        (lambda sku: [sku, "mitte", 1, "", "more"], "*", "too_many_cells"),
    ]


def test_of_ten_thousand_rows_every_bad_one_is_named_and_no_good_one_is_lost(office):
    make_location("mitte")
    make_location("closed", retired_at=NOON)
    some_variants(10_000)
    faults, rows, expected = bad_rows(), [], {}
    for number in range(10_000):
        if number % 10 < 3:
            make, column, reason = faults[(number // 10 * 3 + number % 10) % 14]
            rows.append(make(f"V{number:05}"))
            expected[number + 2] = {column: reason}
        else:
            rows.append([f"V{number:05}", "mitte", number % 50 + 1, ""])

    sent = check_file("stock", csv_file(HEADER, rows), by=office)

    assert wrong_cells(sent) == expected
    assert len(Counter(str(cells) for cells in expected.values())) == 14
    assert sent.counts["new"] == 7000
    done = apply_file(sent)
    assert (done.counts["done"], done.counts["wrong"]) == (7000, 3000)
    assert StockLevel.objects.filter(on_hand__gt=0).count() == 7000


def test_a_worker_that_dies_while_checking_goes_on_where_it_stopped(office, monkeypatch):
    make_location("mitte")
    some_variants(60)
    monkeypatch.setattr("inventory.resources.stock.StockResource.chunk", 10)
    rows = [[f"V{number % 50:05}", "mitte", 1, ""] for number in range(60)]  # ten of them come twice
    sent = changes.create_change_set(kind="stock", file=csv_file(HEADER, rows), file_name="x.csv", by=office, at=NOON)
    write, calls = staging.write, iter(range(100))

    def dies(*args):
        if next(calls) % 3 == 2:
            raise Killed
        write(*args)

    monkeypatch.setattr(staging, "write", dies)
    deaths = 0
    while sent.state == ChangeSet.State.CHECKING:
        try:
            changes.check(change_set=sent, at=NOON)
        except Killed:
            deaths += 1

    assert deaths > 1
    assert sent.counts["wrong"] == 20
    assert sent.rows.count() == 60
    assert not default_storage.exists(changes.place_of(sent))


@pytest.mark.parametrize("chunk", [7, 25])
def test_a_worker_that_dies_while_writing_has_a_single_effect(office, monkeypatch, chunk):
    make_location("mitte")
    some_variants(60)
    rows = [[f"V{number:05}", "mitte", number + 1, ""] for number in range(60)]
    sent = check_file("stock", csv_file(HEADER, rows), by=office)
    monkeypatch.setattr(changes, "CHUNK", chunk)
    monkeypatch.setattr("inventory.services.imports.stock_sql.AT_ONCE", chunk)
    merge, calls = changes.merge_some, iter(range(100))

    def dies(*args, **said):
        merged = merge(*args, **said)
        if next(calls) % 2:
            raise Killed
        return merged

    monkeypatch.setattr(changes, "merge_some", dies)
    changes.apply(change_set=sent, by=office, at=NOON)
    deaths = 0
    while sent.state == ChangeSet.State.APPLYING:
        try:
            changes.finish_applying(change_set=sent, at=NOON)
        except Killed:
            deaths += 1

    assert deaths >= 1
    assert sent.counts["done"] == 60
    assert StockMovement.objects.count() == 60
    assert sorted(StockLevel.objects.values_list("on_hand", flat=True)) == list(range(1, 61))


def test_an_undo_that_is_refused_leaves_nothing_half_undone(office, monkeypatch):
    monkeypatch.setattr(changes, "CHUNK", 5)
    shop = make_location("mitte")
    some_variants(20)
    done = apply_file(
        check_file("stock", csv_file(HEADER, [[f"V{n:05}", "mitte", 3, ""] for n in range(20)]), by=office)
    )
    from inventory.models import Variant
    from inventory.services import stock

    stock.adjust(
        variant=Variant.objects.get(sku="V00002"), location=shop, change=-1, reason="broken", source="test",
        external_id="1", by=office, at=NOON,
    )  # fmt: skip
    movements = StockMovement.objects.count()

    refused = undo_file(done)

    assert (refused.state, refused.problem["rows"]) == ("applied", "4")
    assert StockMovement.objects.count() == movements
    assert ChangeRow.objects.filter(outcome="undone").count() == 0


def test_a_file_that_changes_while_it_waits_is_refused(office):
    sent = changes.create_change_set(
        kind="stock", file=csv_file(HEADER, []), file_name="../../x.csv", by=office, at=NOON
    )
    with open(default_storage.path(changes.place_of(sent)), "ab") as file:
        file.write(b"A,mitte,1,\n")

    assert changes.check(change_set=sent, at=NOON).problem == {"code": "changed"}
    assert sent.file_name == "x.csv"


def test_a_dropped_file_is_not_brought_back_by_its_check(office):
    sent = changes.create_change_set(
        kind="stock", file=csv_file(HEADER, [["A", "b", 1, ""]]), file_name="x", by=office, at=NOON
    )
    late = ChangeSet.objects.get()
    changes.drop(change_set=sent, by=office, at=NOON)

    assert changes.check(change_set=late, at=NOON).state == "dropped"


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_two_people_confirm_at_the_same_moment_and_two_workers_apply_once():
    office = make_staff("head_office")
    make_stock(variant=make_variant("A"), location=make_location("mitte"), on_hand=5)
    sent = check_file("stock", csv_file(HEADER, [["A", "mitte", 9, ""]]), by=office)
    start, won = threading.Barrier(4), []

    def person():
        start.wait()
        try:
            mine = ChangeSet.objects.get(pk=sent.pk)
            changes.apply(change_set=mine, by=office, at=NOON)
            won.append("confirmed")
        except NotNow:
            won.append("too late")
        changes.finish_applying(change_set=ChangeSet.objects.get(pk=sent.pk), at=NOON)
        connections.close_all()

    people = [threading.Thread(target=person) for _ in range(4)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join(30)

    assert Counter(won) == {"confirmed": 1, "too late": 3}
    assert connection.vendor == "postgresql"
    assert StockMovement.objects.filter(source=f"import:{sent.public_id}").count() == 1
    assert StockLevel.objects.get().on_hand == 9
