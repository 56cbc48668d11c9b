"""The ledger is proven whole; what is broken is named with its cause, and repaired by booking, never by editing."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inventory.models import KitComponent, ListingState, Reservation, StockLevel, StockMovement, Variant
from inventory.queries.integrity import findings
from inventory.services import integrity, stock, transfers
from inventory.services.ledger import ledger_unlocked
from omni.models import Activity, WorkItem
from tests.factories.inventory import make_kit, make_listing, make_reservation, make_stock, make_variant
from tests.factories.omni import NOON, make_location

pytestmark = pytest.mark.django_db


@pytest.fixture
def level():
    """A level with a history: receipts, a sale of more than there was, a promise, units set apart, a transfer."""
    level = make_stock(on_hand=10, reserved=3, unavailable=1)
    line = stock.SaleLine(level.variant, 2, "b-1")
    stock.sell(location=level.location, lines=[line], channel=None, source="till", document="", by=None, at=NOON)
    cargo = [transfers.Cargo(level.variant, 2)]
    transfer = transfers.draft(sender=level.location, receiver=make_location(), cargo=cargo, by=None, at=NOON)
    transfers.send(transfer=transfer, by=None, at=NOON)
    level.refresh_from_db()
    return level


def broken(code):
    found = findings()
    assert [finding.code for finding in found] == [code]
    return found[0]


def test_what_services_book_is_whole(level):
    assert findings() == []


def test_a_balance_changed_past_the_ledger_is_named_and_follows_the_ledger_again(level):
    listing = make_listing(level.variant, location=level.location)
    StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand + 4)

    finding = broken("I1")
    assert finding.place == f"{level.variant.sku} @ {level.location.code}"
    assert (finding.expected, finding.actual) == (f"on_hand {level.on_hand}", f"on_hand {level.on_hand + 4}")
    plan = integrity.preview_repair(finding)
    assert (plan.before["on_hand"], plan.after["on_hand"]) == (level.on_hand + 4, level.on_hand)
    rows = StockMovement.objects.count()
    assert findings()
    integrity.repair(finding=finding, by=None, at=NOON)

    assert findings() == []
    assert StockMovement.objects.count() == rows
    assert Activity.objects.get(verb="ledger.repaired").data["code"] == "I1"
    assert ListingState.objects.get(listing=listing).dirty


def test_a_reservation_changed_past_its_movement_is_repaired_by_a_movement(level):
    Reservation.objects.update(quantity=5)

    finding = broken("I3")
    assert (finding.expected, finding.actual) == ("reserved 5", "reserved 3")
    integrity.repair(finding=finding, by=None, at=NOON)

    assert findings() == []
    level.refresh_from_db()
    assert level.reserved == 5
    assert level.movements.order_by("-sequence")[0].reason == "repair"


def test_promises_beyond_what_is_there_become_short_by_a_repair(level):
    Reservation.objects.update(quantity=50)

    integrity.repair(finding=broken("I3"), by=None, at=NOON)

    assert findings() == []
    level.refresh_from_db()
    assert level.reserved == level.on_hand - level.unavailable
    assert Reservation.objects.get().short == 50 - level.reserved


def test_a_transfer_line_changed_past_its_movements_is_found(level):
    from inventory.models import TransferLine

    TransferLine.objects.update(sent=3)

    finding = broken("I5")
    assert (finding.expected, finding.actual) == ("in transit 3", "in transit 2")


def test_a_deleted_row_is_found_and_no_repair_pretends_otherwise(level):
    with ledger_unlocked("a test", by=None, at=NOON):
        StockMovement.objects.filter(level=level, kind="sale").delete()

    found = {finding.code for finding in findings()}
    assert found == {"I1", "I12"}
    for finding in findings():
        with pytest.raises(integrity.CannotRepair):
            integrity.repair(finding=finding, by=None, at=NOON)


def test_a_changed_row_is_named_by_its_number(level):
    with ledger_unlocked("a test", by=None, at=NOON):
        StockMovement.objects.filter(level=level, sequence=1).update(quantity=12)

    running = [finding for finding in findings() if "after row 1" in finding.expected]
    assert [(finding.code, finding.actual) for finding in running] == [("I12", "on_hand 10 after row 1")]


def test_a_kit_that_holds_stock_is_found_and_booked_out():
    level = make_stock(on_hand=4, unavailable=1)
    KitComponent.objects.create(kit=level.variant, component=make_variant(), quantity=1)

    integrity.repair(finding=broken("kits"), by=None, at=NOON)

    assert findings() == []
    level.refresh_from_db()
    assert (level.on_hand, level.unavailable) == (0, 0)


def test_a_shelf_of_another_variant_is_found(level):
    Reservation.objects.update(variant=make_variant())

    assert broken("I10").code == "I10"


@pytest.mark.postgres
def test_a_dropped_constraint_and_a_dropped_trigger_are_found(level):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE inventory_stockmovement DROP CONSTRAINT inventory_stockmovement_once")
        cursor.execute("DROP TRIGGER inventory_stockmovement_no_delete ON inventory_stockmovement")

    assert [(finding.code, finding.place) for finding in findings()] == [
        ("I6", "inventory_stockmovement_once"),
        ("I7", "inventory_stockmovement_no_delete"),
    ]


def test_head_office_is_told_once_and_told_when_it_is_over(level):
    StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand + 4)

    integrity.check(at=NOON)
    integrity.check(at=NOON)
    item = WorkItem.objects.get(kind="ledger.broken")
    assert (item.role, item.closed_at) == ("head_office", None)
    integrity.repair(finding=findings()[0], by=None, at=NOON)
    integrity.check(at=NOON)

    item.refresh_from_db()
    assert item.closed_at == NOON


def test_the_command_says_it_is_whole_or_what_is_not_and_repairs(level):
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "whole" in out.getvalue()
    StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand + 4)

    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_ledger", "--json", stdout=out)
    assert json.loads(out.getvalue())["code"] == "I1"
    call_command("verify_ledger", "--repair", stdout=StringIO(), stderr=StringIO())

    assert findings() == []


def test_the_proof_asks_as_many_questions_of_a_large_ledger_as_of_a_small_one(django_assert_max_num_queries):
    for _n in range(3):
        make_stock(on_hand=5, reserved=1)
    kit = make_kit({make_variant(): 1})
    make_reservation(variant=Variant.objects.exclude(pk=kit.pk).first(), location=None, channel=None)

    with django_assert_max_num_queries(90):
        findings()
