"""
Reserving orders of three lines, durable, through the public service: with its activity and an idempotency key.

The limit is a bare client that calls the same stored function and does nothing else: no key, no answer kept. Before
anything is timed, a scarce SKU is fought over: as many units must be promised as there are, and the rest refused.
"""

import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from itertools import count, islice

import psycopg
from django.utils import timezone

from bench import bare, world
from bench.clients import race
from bench.correctness import check, deadlocks, must
from bench.harness import Claim, compare
from inventory.models import StockLevel, Variant
from inventory.services import reservations
from inventory.services.order_intake import Order, reserve_many
from inventory.services.reservations import Demand
from omni import idempotency
from omni.errors import RuleBroken
from omni.models import Channel, Location

VARIANTS, PLACES, PLENTY = 10_000, 5, 1_000_000
SCARCE, TRIES = 100, 8
SECONDS = 4.0
CLIENTS, CROWD, BATCH = 8, 32, 100
HOT = 1  # the number of the variant that everybody wants
numbers = count(1)


def claims(rounds: int, scale: float) -> Iterator[Claim]:
    seed(scale)
    before = deadlocks()
    fight_over_the_last(before)
    seconds = max(0.3, SECONDS * min(1.0, scale))
    uniform: list[float] = []

    def ours() -> float:
        uniform.append(rate(CLIENTS, serve, seconds, before))
        return uniform[-1]

    yield compare(
        "reserve uniform 8 clients",
        ours=ours,
        limit=lambda: rate(CLIENTS, bare_client, seconds, before),
        unit="orders/s",
        rounds=rounds,
        goal=0.7,
    )
    yield compare(
        "reserve hot SKU 32 clients (limit: uniform)",
        ours=lambda: rate(CROWD, partial(serve, hot=True), seconds, before),
        limit=lambda: statistics.median(uniform),
        unit="orders/s",
        rounds=rounds,
        goal=0.5,
    )
    yield compare(
        "reserve batches of 100 (limit: one by one)",
        ours=lambda: rate(CLIENTS, serve_batches, seconds, before),
        limit=lambda: rate(CLIENTS, serve, seconds, before),
        unit="orders/s",
        rounds=rounds,
        goal=2.5,
    )


def seed(scale: float) -> None:
    world.empty()
    shops = world.places(PLACES)
    world.catalogue(max(50, int(VARIANTS * min(1.0, scale))))
    world.stock(at=shops, units=PLENTY)
    world.account("bench", at=shops, per_shelf=False)
    for known in (catalogue, shelves, channel):
        known.cache_clear()
    for known in (catalogue, shelves, channel):
        known()  # before the clients are born, so that they need not ask


@cache
def catalogue() -> list[Variant]:
    return list(Variant.objects.order_by("sku"))


@cache
def shelves() -> list[Location]:
    return list(Location.objects.order_by("pk"))


@cache
def channel() -> Channel:
    return Channel.objects.get()


def fight_over_the_last(deadlocks_before: int) -> None:
    """Exactly what is there is promised: nothing twice, nothing refused while it is free."""
    level = StockLevel.objects.get(variant=catalogue()[0], location=shelves()[0])
    spare = level.available - SCARCE
    promise("bench:spare", [Demand(catalogue()[0], shelves()[0], spare)])
    sums = race(CROWD, buy_the_last, seconds=60)
    level.refresh_from_db()
    must(sums["done"] == SCARCE, f"{sums['done']} of {SCARCE} scarce units were sold")
    must(level.available == 0, f"{level.available} scarce units are left")
    must(sums["refused"] == CROWD * TRIES - SCARCE, f"{sums['refused']} buyers were refused")
    check(deadlocks_before=deadlocks_before)
    for held in reservations.Reservation.objects.open().filter(holder="bench:spare"):
        reservations.release(reservation=held, by=None, at=timezone.now())


def buy_the_last(number: int, _until: float) -> Counter:
    wanted = [Demand(catalogue()[0], shelves()[0], 1)]
    return Counter(promise(f"buyer:{number}:{n}", wanted) for n in range(TRIES))


def promise(holder: str, wanted: list[Demand]) -> str:
    """One order as the API takes it: once per key, with its answer kept. Returns what came of it."""
    at = timezone.now()
    body = json.dumps([[row.variant.sku, row.quantity] for row in wanted]).encode()

    def act() -> idempotency.Answer:
        made = reservations.reserve(
            holder=holder, demands=wanted, channel=channel(), until=None, by=None, at=at
        )  # fmt: skip
        return 201, {"reservations": [row.public_id for row in made]}

    (status, _body), _repeat = idempotency.once(
        act, scope="bench", key=holder, request=body, at=at, refused=refusal
    )  # fmt: skip
    return "done" if status == 201 else "refused"


def refusal(broken: RuleBroken) -> idempotency.Answer:
    return broken.status, {"code": broken.code}


def rate(clients: int, work, seconds: float, deadlocks_before: int) -> float:
    """Orders a second of so many clients; the ledger is checked afterwards."""
    tag = next(numbers)
    sums = race(clients, partial(work, tag=tag), seconds=seconds, warm_up=partial(work, tag=-tag))
    must(sums["refused"] == 0, f"{sums['refused']} orders were refused with stock to spare")
    check(deadlocks_before=deadlocks_before)
    return sums["done"] / sums["seconds"]


def orders(number: int, tag: int, *, hot: bool = False) -> Iterator[tuple[str, Location, list[tuple[Variant, int]]]]:
    """Endless orders of three lines at one place. hot: the first line is what everybody wants."""
    chance = random.Random(f"{tag}:{number}")
    for n in count():
        some = chance.sample(range(1, len(catalogue())), 3)
        if hot:
            some[0] = HOT - 1
        place = shelves()[0] if hot else chance.choice(shelves())
        yield f"order:{tag}:{number}:{n}", place, [(catalogue()[row], chance.randint(1, 2)) for row in some]


def serve(number: int, until: float, *, tag: int, hot: bool = False) -> Counter:
    done: Counter = Counter()
    for holder, place, lines in orders(number, tag, hot=hot):
        done[promise(holder, [Demand(variant, place, units) for variant, units in lines])] += 1
        if time.monotonic() >= until:
            return done
    return done


def bare_client(number: int, until: float, *, tag: int) -> Counter:
    done: Counter = Counter()
    with psycopg.connect(world.dsn(), autocommit=True) as connection:
        for holder, place, lines in orders(number, tag):
            wanted = [(variant.pk, place.pk, units) for variant, units in lines]
            done["done" if bare.reserve(connection, holder, wanted, channel().pk) else "refused"] += 1
            if time.monotonic() >= until:
                return done
    return done


def serve_batches(number: int, until: float, *, tag: int) -> Counter:
    done: Counter = Counter()
    endless = orders(number, tag)
    while True:
        batch = [
            Order(holder, [Demand(variant, place, units) for variant, units in lines], channel())
            for holder, place, lines in islice(endless, BATCH)
        ]
        answers = reserve_many(orders=batch, by=None, at=timezone.now())
        done.update("done" if isinstance(answer, list) else "refused" for answer in answers)
        if time.monotonic() >= until:
            return done
