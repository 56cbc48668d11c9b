"""Stock moves between shelves over HTTP, with a real server: nothing is made, nothing is lost, nothing twice."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from inventory.models import StockMovement, Transfer
from inventory.queries.integrity import findings
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import make_location
from tests.inventory.api.server import client_of, serving
from tests.omni.api.helpers import caller_of
from tests.soak.bank import PLACES, SKU, TOTAL, client_work, done, problems


@pytest.mark.postgres
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("clients", "seconds", "least"),
    [
        pytest.param(4, 4, 5, id="a short while"),
        pytest.param(16, 120, 2000, id="16 clients for two minutes", marks=pytest.mark.soak),
    ],
)
def test_every_read_finds_the_same_total(clients, seconds, least, tmp_path):
    variant = make_variant(SKU)
    for place in PLACES:
        make_stock(variant=variant, location=make_location(place), on_hand=TOTAL // len(PLACES))
    token = caller_of("stock:read", "stock:write").token

    with serving() as address, client_of(address, token, connections=clients) as client:
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(clients) as pool:
            runs = [pool.submit(lambda number: list(client_work(client, number, until)), n) for n in range(clients)]
            history = [row for run in runs for row in run.result()]
    (tmp_path / "history.jsonl").write_text("\n".join(json.dumps(row) for row in history))

    assert problems(history) == []
    assert findings() == []
    sent, refused = done(history, "transfer_out"), done(history, "transfer_out", "fail")
    assert Transfer.objects.count() == len(sent) == len(done(history, "transfer_in"))
    assert StockMovement.objects.filter(kind="transfer_out", bucket="on_hand").count() == len(sent)
    assert len(sent) + len(refused) >= least
    assert sum(row["op"] == "read" for row in history) >= least
    connection.close()


@pytest.mark.parametrize(
    "row",
    [
        {"op": "read", "outcome": "ok", "levels": [[TOTAL + 1, 0]]},
        {"op": "read", "outcome": "ok", "levels": [[TOTAL + 1, -1]]},
        {"op": "transfer_out", "key": "a", "outcome": "info", "status": 0, "answer": {}},
        {
            "op": "transfer_out",
            "key": "a",
            "outcome": "ok",
            "status": 201,
            "answer": {"transfer": "T2"},
            "replay": True,
        },
        {"op": "transfer_in", "key": "b", "outcome": "fail", "status": 409, "answer": {}},
    ],
)
def test_a_history_that_must_not_be_is_caught(row):
    good = {"op": "transfer_out", "key": "a", "outcome": "ok", "status": 201, "answer": {"transfer": "T1"}}
    assert problems([good, {"op": "read", "outcome": "ok", "levels": [[TOTAL - 2, 2]]}]) == []
    assert len(problems([good, row])) == 1
