"""The one-statement form of reserving on PostgreSQL leaves the rows that the plain form leaves."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from inventory.models import ListingState, Reservation, StockLevel, StockMovement
from inventory.queries.integrity import findings
from inventory.services import intake, promises
from inventory.services.promises import Demand, PromiseDiffers
from inventory.services.reservations import NotEnoughStock, Order, reserve, reserve_many
from omni.models import Activity
from tests.factories.inventory import make_kit, make_listing, make_stock, make_variant
from tests.factories.omni import NOON, make_account, make_channel, make_location, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
LATER = NOON + timedelta(hours=1)


class Shop:
    def __init__(self):
        self.here, self.there = make_location("here"), make_location("there")
        self.cup = make_stock(variant=make_variant("CUP"), location=self.here, on_hand=10, reserved=1)
        self.far = make_stock(variant=self.cup.variant, location=self.there, on_hand=4)
        self.plate = make_stock(variant=make_variant("PLATE"), location=self.here, on_hand=6)
        self.kit = make_kit({self.cup.variant: 2, self.plate.variant: 1}, "SET")
        self.fuel = make_variant("FUEL", is_stocked=False)
        self.web = make_channel("web", locations=[self.here, self.there])
        account = make_account(channel=self.web)
        for variant in (self.cup.variant, self.plate.variant, self.kit):
            make_listing(variant, account=account)
        make_listing(self.cup.variant, account=account, location=self.there)
        self.staff = make_staff(username="kim")

    def demands(self, name):
        cup, plate = self.cup.variant, self.plate.variant
        return {
            "one line": [Demand(cup, self.here, 2)],
            "many lines": [Demand(plate, self.here, 3), Demand(cup, self.there, 1), Demand(cup, self.here, 2)],
            "the same line twice": [Demand(cup, self.here, 2), Demand(cup, self.here, 3)],
            "a kit and its part": [Demand(self.kit, self.here, 2), Demand(cup, self.here, 1)],
            "fuel with it": [Demand(self.fuel, self.here, 40), Demand(cup, self.here, 1)],
            "too many": [Demand(plate, self.here, 1), Demand(cup, self.here, 10)],
            "a kit too many": [Demand(self.kit, self.here, 5)],
            "never there": [Demand(plate, self.there, 1)],
        }[name]


PLACE = ("level__variant__sku", "level__location__code")
OF_LEVEL = ("variant__sku", "location__code", "on_hand", "reserved", "sequence")
OF_PROMISE = (*PLACE, "quantity", "open_units", "state", "until", "created_at", "channel__code", "closed_at")
OF_MOVEMENT = (
    *PLACE, "sequence", "bucket", "quantity", "balance", "kind", "reason", "source", "leg", "document",
    "channel__code", "actor__username", "occurred_at", "original_at", "origin",
)  # fmt: skip
OF_NEWS = (
    "verb", "occurred_at", "actor__username", "actor_kind", "channel__code", "location", "customer_ref", "order_ref",
    "outcome", "schema", "data__units", "relayed",
)  # fmt: skip


def rows():
    """Everything that a reservation writes, without keys."""
    promises = Reservation.objects.filter(holder="cart:7").order_by("pk")
    movements = StockMovement.objects.filter(document="cart:7").order_by("pk")
    news = Activity.objects.filter(subject="cart:7").order_by("pk")
    return {
        "levels": list(StockLevel.objects.order_by("pk").values_list(*OF_LEVEL)),
        "promises": list(promises.values_list(*OF_PROMISE)),
        "movements": list(movements.values_list(*OF_MOVEMENT)),
        "news": list(news.values_list(*OF_NEWS)),
        "listings": list(ListingState.objects.order_by("pk").values_list("version", "dirty", "dirty_since")),
        "named": movements.filter(external_id__in=promises.values("public_id")).count(),
        "told": [len(row.data["reservations"]) for row in news],
    }


def left_by(form, name, again):
    """The rows that one form leaves, in a world of its own that is rolled back; or its refusal."""
    with transaction.atomic():
        shop = Shop()
        said = {"channel": shop.web, "until": LATER, "by": shop.staff, "at": NOON}
        refusal = None
        try:
            for _time in range(1 + again):
                with transaction.atomic():
                    made = form(holder="cart:7", demands=shop.demands(name), **said)
                    assert [row.open_units for row in made] == [row.quantity for row in made]
        except (NotEnoughStock, PromiseDiffers) as broken:
            refusal = (type(broken), broken.data, str(broken))
        left = rows(), refusal
        transaction.set_rollback(True)
    return left


NAMES = [
    "one line", "many lines", "the same line twice", "a kit and its part", "fuel with it", "too many", "a kit too many",
    "never there",
]  # fmt: skip


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_both_forms_leave_equal_rows(name, again):
    assert left_by(intake.reserve, name, again) == left_by(promises.make, name, again)


def test_a_holder_who_asks_for_more_gets_the_same_promise_and_the_rest_at_once():
    shop = Shop()
    said = {"holder": "cart:7", "channel": shop.web, "until": LATER, "by": None, "at": NOON}
    [first] = reserve(demands=[Demand(shop.cup.variant, shop.here, 2)], **said)

    both = reserve(demands=[Demand(shop.cup.variant, shop.here, 2), Demand(shop.plate.variant, shop.here, 1)], **said)

    assert first in both
    assert len(both) == 2
    with pytest.raises(PromiseDiffers):
        reserve(demands=[Demand(shop.cup.variant, shop.here, 3)], **said)
    assert findings() == []


def test_an_order_of_many_lines_is_one_round_trip(django_assert_num_queries):
    shop = Shop()

    with django_assert_num_queries(1):
        reserve(holder="order:1", demands=shop.demands("many lines"), channel=shop.web, until=None, by=None, at=NOON)


def test_the_functions_are_there_in_the_final_schema():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE proname IN ('reserve_v1', 'mark_dirty_v1', 'omni_public_id_v1')"
        )
        assert len(cursor.fetchall()) == 3
        cursor.execute("SELECT count(DISTINCT omni_public_id_v1()) FROM generate_series(1, 500)")
        assert cursor.fetchone() == (500,)


def orders_of(shop):
    cup, plate = shop.cup.variant, shop.plate.variant
    return [
        Order("o:1", [Demand(cup, shop.here, 4), Demand(plate, shop.here, 2)], shop.web, LATER),
        Order("o:2", [Demand(cup, shop.here, 6)], shop.web),  # 5 are left: refused, takes nothing
        Order("o:3", [Demand(shop.kit, shop.here, 2), Demand(shop.fuel, shop.here, 9)], None),
        Order("o:4", [Demand(plate, shop.there, 1)], shop.web),  # never there
        Order("o:5", [Demand(cup, shop.here, 1), Demand(cup, shop.there, 3)], shop.web),
        Order("o:6", [Demand(cup, shop.here, 1)], shop.web),  # nothing is left
        Order("o:1", [Demand(cup, shop.here, 4), Demand(plate, shop.here, 2)], shop.web, LATER),  # said again
    ]


def taken_in(monkeypatch, in_one):
    monkeypatch.setattr("inventory.services.order_intake.on_postgresql", lambda: in_one)
    with transaction.atomic():
        shop = Shop()
        outcomes = reserve_many(orders=orders_of(shop), by=shop.staff, at=NOON)
        assert findings() == []
        movements = StockMovement.objects.filter(document__startswith="o:")
        left = (
            [row.data if isinstance(row, NotEnoughStock) else [one.quantity for one in row] for row in outcomes],
            list(StockLevel.objects.order_by("pk").values_list(*OF_LEVEL)),
            list(Reservation.objects.filter(holder__startswith="o:").order_by("pk").values_list("holder", *OF_PROMISE)),
            list(movements.order_by("level", "sequence").values_list(*OF_MOVEMENT)),
            list(Activity.objects.filter(subject__startswith="o:").order_by("pk").values_list("subject", *OF_NEWS)),
        )  # fmt: skip
        transaction.set_rollback(True)
    return left


def test_a_batch_in_one_statement_leaves_what_the_orders_one_by_one_leave(monkeypatch):
    together, one_by_one = taken_in(monkeypatch, True), taken_in(monkeypatch, False)

    assert together == one_by_one
    assert [isinstance(outcome, dict) for outcome in together[0]] == [False, True, False, True, False, True, False]


def test_a_batch_is_two_round_trips_however_many_orders_it_holds(django_assert_max_num_queries):
    shop = Shop()
    orders = [Order(f"o:{n}", [Demand(shop.far.variant, shop.there, 1)], shop.web) for n in range(3)]

    with django_assert_max_num_queries(4):  # a savepoint around, for the test itself runs in a transaction
        assert all(isinstance(outcome, list) for outcome in reserve_many(orders=orders, by=None, at=NOON))
