"""
A machine that plays with the ledger: model = ledger = balances after every step, on both databases.

Each rule foretells from the model whether a call is taken or refused, and what it leaves; old keys are said again.
MACHINE_EXAMPLES and MACHINE_STEPS make it longer (make soak: 200 × 50).
"""

import os
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from inventory.models import Reservation, StockLevel, StockMovement
from inventory.queries.integrity import findings
from inventory.services import counts, reservations, stock, transfers
from inventory.services.ledger import NotEnoughStock, StaleStock
from inventory.services.reservations import Demand
from tests.factories.inventory import make_kit, make_variant
from tests.factories.omni import NOON, make_location

EXAMPLES, STEPS = int(os.environ.get("MACHINE_EXAMPLES", "30")), int(os.environ.get("MACHINE_STEPS", "20"))
PLACES = st.sampled_from([(0, 0), (0, 0), (0, 0), (0, 1), (1, 0), (1, 1)])  # half of the traffic meets on one shelf
UNITS = st.integers(1, 5)


@dataclass
class Shelf:
    """What the model believes of one level."""

    on_hand: int = 0
    reserved: int = 0
    unavailable: int = 0
    in_transit: int = 0
    promises: list["Promise"] = field(default_factory=list)

    @property
    def free(self):
        return self.on_hand - self.reserved - self.unavailable

    def shorten(self, units):
        self.reserved -= units
        for promise in sorted(self.promises, key=lambda one: one.order, reverse=True):
            gone = min(units, promise.open)
            promise.open -= gone
            units -= gone

    def take(self, units):
        """A sale, which is never refused."""
        self.on_hand += max(0, units - (self.on_hand - self.unavailable))
        self.shorten(max(0, units - self.free))
        self.on_hand -= units

    def correct(self, target):
        """A count or an adjustment: a fact, too."""
        self.shorten(min(self.reserved, max(0, self.reserved + self.unavailable - target)))
        self.unavailable -= max(0, self.reserved + self.unavailable - target)
        self.on_hand = target


@dataclass
class Promise:
    shelf: Shelf
    order: tuple
    until: object
    open: int
    alive: bool = True


class Ledger(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.savepoint = transaction.savepoint()
        self.variants = [make_variant(), make_variant()]
        self.kit = make_kit({self.variants[0]: 2, self.variants[1]: 1})
        self.stores = [make_location(), make_location()]
        self.shelves = {(v, s): Shelf() for v in (0, 1) for s in (0, 1)}
        self.promises, self.on_the_way, self.said = {}, [], []
        self.now, self.number = NOON, 0
        for place in self.shelves:
            self.receive(place, 6)
        for minutes in (None, 10):  # the busy shelf begins nearly promised away: races and shortages show near zero
            self.reserve([(0, 0)], 2, minutes)
        self.reserve([(0, 1), (1, 0)], 3, 60)

    def teardown(self):
        if hasattr(self, "savepoint"):
            try:
                assert findings() == []
            finally:
                transaction.savepoint_rollback(self.savepoint)

    def name(self):
        self.number += 1
        return f"n{self.number}"

    def at(self, place):
        return {"variant": self.variants[place[0]], "location": self.stores[place[1]], "source": "machine", "by": None,
                "at": self.now}  # fmt: skip

    def tell(self, call, refused=None):
        """Make the call as foretold, keep it to be said again later."""
        if refused:
            with pytest.raises(refused), transaction.atomic():
                call()
            return None
        result = call()
        self.said.append(call)
        return result

    @rule(place=PLACES, units=UNITS)
    def receive(self, place, units):
        said = {**self.at(place), "quantity": units, "external_id": self.name()}
        self.tell(lambda: stock.receive(**said))
        self.shelves[place].on_hand += units

    @rule(place=PLACES, units=UNITS)
    def sell(self, place, units):
        self.over_the_counter([(self.variants[place[0]], units)], place[1])
        self.shelves[place].take(units)

    @rule(store=st.integers(0, 1), units=st.integers(1, 3), more=UNITS)
    def sell_a_kit_and_its_part(self, store, units, more):
        self.over_the_counter([(self.kit, units), (self.variants[0], more)], store)
        for variant, each in ((0, 2 * units), (1, units), (0, more)):
            self.shelves[variant, store].take(each)

    def over_the_counter(self, goods, store):
        lines = [stock.SaleLine(variant, units, self.name()) for variant, units in goods]
        said = {"location": self.stores[store], "lines": lines, "channel": None, "source": "till", "document": "",
                "by": None, "at": self.now}  # fmt: skip
        self.tell(lambda: stock.sell(**said))

    @rule(places=st.lists(PLACES, min_size=1, max_size=3), units=UNITS, minutes=st.sampled_from([None, 10, 60]))
    def reserve(self, places, units, minutes):
        wanted = {place: places.count(place) * units for place in places}
        refused = NotEnoughStock if any(self.shelves[p].free < n for p, n in wanted.items()) else None
        until = self.now + timedelta(minutes=minutes) if minutes else None
        demands = [Demand(self.variants[v], self.stores[s], units) for v, s in places]
        said = {"holder": self.name(), "demands": demands, "channel": None, "until": until, "by": None, "at": self.now}
        rows = self.tell(lambda: reservations.reserve(**said), refused)
        if refused:
            return
        self.said.pop()  # said again later, the promise may be over: that is a new one
        assert [row.pk for row in reservations.reserve(**said)] == [row.pk for row in rows]
        for row in rows:
            place = (self.variants.index(row.variant), [s.pk for s in self.stores].index(row.level.location_id))
            shelf = self.shelves[place]
            promise = Promise(shelf, (self.now, row.pk), until, wanted[place])
            shelf.reserved += wanted[place]
            shelf.promises.append(promise)
            self.promises[row.pk] = promise

    def chosen(self, data, of):
        return data.draw(st.sampled_from(sorted(of)))

    def alive(self):
        return [pk for pk, promise in self.promises.items() if promise.alive]

    @precondition(lambda self: self.alive())
    @rule(data=st.data(), units=st.one_of(st.none(), UNITS))
    def commit(self, data, units):
        pk = self.chosen(data, self.alive())
        promise, row, key = self.promises[pk], Reservation.objects.get(pk=pk), self.name()
        given = promise.open if units is None else units
        refused = NotEnoughStock if given > promise.open else None
        if not given:
            refused = reservations.ReservationClosed
        said = {"reservation": row, "quantity": units, "key": key, "by": None, "at": self.now}
        self.tell(lambda: reservations.commit(**said), refused)
        if not refused:
            promise.shelf.on_hand -= given
            self.give_back(promise, given)

    @precondition(lambda self: self.alive())
    @rule(data=st.data(), units=st.one_of(st.none(), UNITS))
    def release(self, data, units):
        pk = self.chosen(data, self.alive())
        promise, row = self.promises[pk], Reservation.objects.get(pk=pk)
        given = promise.open if units is None else units
        refused = NotEnoughStock if given > promise.open else None
        said = {"reservation": row, "quantity": units, "by": None, "at": self.now}
        self.tell(lambda: reservations.release(**said), refused)
        if not refused:
            self.said.pop()
            self.give_back(promise, given)

    def give_back(self, promise, units):
        promise.open -= units
        promise.shelf.reserved -= units
        if not promise.open:
            promise.alive = False

    @rule(minutes=st.sampled_from([1, 15, 90]))
    def time_goes_by(self, minutes):
        self.now += timedelta(minutes=minutes)
        over = [one for one in self.promises.values() if one.alive and one.until and one.until <= self.now]
        assert reservations.release_lapsed(at=self.now) == len(over)
        for promise in over:
            self.give_back(promise, promise.open)
            promise.alive = False

    @rule(place=PLACES, aim=st.integers(0, 12), seen=st.sampled_from([0, 0, 0, 1]))
    def adjust(self, place, aim, seen):
        shelf = self.shelves[place]
        said = {**self.at(place), "target": aim, "expected": shelf.on_hand + seen, "reason": "checked",
                "external_id": self.name()}  # fmt: skip
        moves = aim != shelf.on_hand
        self.tell(lambda: stock.adjust(**said), StaleStock if seen else None)
        if not seen:
            if not moves:
                self.said.pop()  # nothing was booked, so nothing can be known again
            shelf.correct(aim)

    @rule(place=PLACES, units=UNITS, back=st.booleans())
    def set_apart_or_put_back(self, place, units, back):
        shelf = self.shelves[place]
        said = {**self.at(place), "quantity": units, "reason": "damaged", "external_id": self.name()}
        service, limit = (stock.put_back, shelf.unavailable) if back else (stock.set_apart, shelf.free)
        refused = NotEnoughStock if units > limit else None
        self.tell(lambda: service(**said), refused)
        if not refused:
            shelf.unavailable += -units if back else units

    @rule(variant=st.integers(0, 1), sender=st.integers(0, 1), units=UNITS)
    def send(self, variant, sender, units):
        cargo = [transfers.Cargo(self.variants[variant], units)]
        said = {"sender": self.stores[sender], "receiver": self.stores[1 - sender], "cargo": cargo}
        transfer = transfers.draft(**said, by=None, at=self.now)
        shelf = self.shelves[variant, sender]
        refused = NotEnoughStock if units > shelf.free else None
        self.tell(lambda: transfers.send(transfer=transfer, by=None, at=self.now), refused)
        if not refused:
            self.said.pop()
            shelf.on_hand -= units
            self.shelves[variant, 1 - sender].in_transit += units
            self.on_the_way.append([transfer, variant, 1 - sender, units])

    @precondition(lambda self: any(left for *_what, left in self.on_the_way))
    @rule(received=st.integers(0, 6), lost=st.integers(0, 2))
    def arrive(self, received, lost):
        way = next(way for way in self.on_the_way if way[3])
        transfer, variant, store, left = way
        arrivals = [transfers.Arrival(self.variants[variant], received, lost)]
        said = {"transfer": transfer, "arrivals": arrivals, "by": None, "at": self.now, "key": self.name()}
        refused = transfers.MoreThanSent if received + lost > left else None
        self.tell(lambda: transfers.receive(**said), refused)
        if refused:
            return
        if not received + lost:
            self.said.pop()
        way[3] -= received + lost
        self.shelves[variant, store].in_transit -= received + lost
        self.shelves[variant, store].on_hand += received

    @rule(place=PLACES, counted=st.integers(0, 12), moved=st.sampled_from([0, 0, 1]))
    def count(self, place, counted, moved):
        level = StockLevel.objects.filter(variant=self.variants[place[0]], location=self.stores[place[1]]).first()
        if level is None:
            return
        count = counts.request(level=level, reason="asked", due_at=None, by=None, at=self.now)
        said = {"count": count, "counted": counted, "sequence": level.sequence - moved, "by": None, "at": self.now}
        self.tell(lambda: counts.book(**said), StaleStock if moved else None)
        if not moved:
            self.said.pop()
            self.shelves[place].correct(counted)

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def say_something_again(self, data):
        rows = StockMovement.objects.count()
        data.draw(st.sampled_from(self.said))()
        assert StockMovement.objects.count() == rows

    @invariant()
    def model_and_balances_and_ledger_agree(self):
        if not hasattr(self, "shelves"):
            return
        sums = {}
        for row in StockMovement.objects.values("level", "bucket").annotate(units=Sum("quantity")):
            sums[row["level"], row["bucket"]] = row["units"]
        levels = {(level.variant_id, level.location_id): level for level in StockLevel.objects.all()}
        for (variant, store), shelf in self.shelves.items():
            level = levels.get((self.variants[variant].pk, self.stores[store].pk)) or StockLevel()
            for bucket in ("on_hand", "reserved", "unavailable", "in_transit"):
                assert getattr(level, bucket) == getattr(shelf, bucket) == sums.get((level.pk, bucket), 0), bucket
            assert shelf.reserved == sum(one.open for one in shelf.promises if one.alive)
        for row in Reservation.objects.all():
            promise = self.promises[row.pk]
            assert (row.open_units, row.state == "open") == (promise.open, promise.alive)


@pytest.mark.django_db
@pytest.mark.timeout(1800)
def test_the_ledger_holds_whatever_is_done_to_it():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
