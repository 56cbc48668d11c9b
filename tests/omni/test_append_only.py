"""The ledger and the audit refuse to be edited, by the database itself, on both databases."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from inventory.models import StockMovement
from inventory.services.ledger import ledger_unlocked
from omni import activity
from omni.append_only import guards
from omni.models import Activity
from tests.factories.inventory import make_stock
from tests.factories.omni import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def movement():
    return make_stock(on_hand=3).movements.get()


def refused(act):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        act()


def test_a_movement_is_never_changed(movement):
    refused(lambda: StockMovement.objects.filter(pk=movement.pk).update(quantity=99))
    refused(lambda: StockMovement.objects.filter(pk=movement.pk).update(reason="better"))

    movement.refresh_from_db()
    assert (movement.quantity, movement.reason) == (3, "")


def test_a_movement_is_never_deleted(movement):
    refused(movement.delete)
    refused(lambda: connection.cursor().execute("DELETE FROM inventory_stockmovement"))

    assert StockMovement.objects.count() == 1


def test_audit_is_never_changed_or_deleted_but_may_be_marked_as_relayed():
    row = activity.record("till.sold", subject="basket:1", at=NOON, units=3)

    refused(lambda: Activity.objects.filter(pk=row.pk).update(data={"units": 1}))
    refused(lambda: Activity.objects.filter(pk=row.pk).update(verb="till.returned", relayed=True))
    refused(row.delete)

    assert activity.relay(at=NOON) == 1
    assert Activity.objects.get(pk=row.pk).relayed


def test_demo_data_leaves_through_the_one_named_door_which_shuts_behind_it(movement):
    with ledger_unlocked("remove demo data", by=None, at=NOON):
        StockMovement.objects.all().delete()

    assert not StockMovement.objects.exists()
    assert Activity.objects.get(verb="append_only.unlocked").data == {"reason": "remove demo data"}
    other = make_stock(on_hand=3).movements.get()
    refused(other.delete)
    assert guards("inventory_stockmovement") == {"UPDATE", "DELETE"}


def test_an_error_inside_the_door_undoes_everything_and_shuts_it(movement):
    def fail():
        with ledger_unlocked("remove demo data", by=None, at=NOON):
            StockMovement.objects.all().delete()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        fail()

    assert StockMovement.objects.count() == 1
    refused(movement.delete)


def test_the_door_of_one_table_does_not_open_another():
    row = activity.record("till.sold", subject="basket:1", at=NOON)

    with ledger_unlocked("remove demo data", by=None, at=NOON):
        refused(row.delete)


def test_the_guards_come_back_after_every_migrate(movement):
    with connection.cursor() as cursor:
        on = " ON inventory_stockmovement" if connection.vendor == "postgresql" else ""
        for what in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER inventory_stockmovement_no_{what}{on}")
    assert guards("inventory_stockmovement") == set()

    apps.get_app_config("inventory").module.apps.guard_ledger(using="default")

    assert guards("inventory_stockmovement") == {"UPDATE", "DELETE"}
    refused(movement.delete)


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_can_be_cleaned_up_after():
    make_stock(on_hand=3)


@pytest.mark.django_db(transaction=True)
def test_and_the_next_one_is_guarded_again():
    refused(make_stock(on_hand=3).movements.get().delete)
