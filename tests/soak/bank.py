"""
A bank of stock: clients move units between shelves over HTTP, and every read must find the same total.

What happened is a history of plain rows; ``problems`` judges it and nothing else, so that it can be judged again later.
An outcome is ok, fail (surely not done) or info (may have been done: asked again with the same key until there is a
verdict).
"""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import count

import httpx

SKU, PLACES, TOTAL = "BANK", ["bank-1", "bank-2", "bank-3", "bank-4"], 40
MOVES, READS = "/api/v1/stock-movements/", f"/api/v1/stock/?sku={SKU}"
SURE = {200, 201, 409, 422}
REPLAYED = 0.1
MOST_TRIES = 50


def client_work(client: httpx.Client, number: int, until: float) -> Iterator[dict]:
    """Move, take in, read, and sometimes say again what was said before, until the time is over."""
    chance = random.Random(number)
    for n in count():
        if time.monotonic() > until:
            return
        sender, receiver = chance.sample(PLACES, 2)
        body = {"kind": "transfer_out", "sku": SKU, "location": sender, "to": receiver,
                "quantity": chance.randint(1, 4), "external_id": f"move-{number}-{n}"}  # fmt: skip
        sent = write(client, body)
        yield sent
        if sent["outcome"] == "ok":
            arrival = {"kind": "transfer_in", "sku": SKU, "location": receiver, "quantity": body["quantity"],
                       "transfer": sent["answer"]["transfer"], "external_id": f"take-{number}-{n}"}  # fmt: skip
            yield write(client, arrival)
        if chance.random() < REPLAYED:
            yield write(client, body) | {"replay": True}
        yield read(client)


def write(client: httpx.Client, body: dict) -> dict:
    """Write once per key, however often it must be said."""
    key, tries = body["external_id"], 0
    while tries < MOST_TRIES:
        tries += 1
        try:
            answer = client.post(MOVES, json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        said = answer.json() if answer.headers.get("content-type", "").endswith("json") else {}
        if answer.status_code in SURE and said.get("code") != "idempotency_key_in_flight":
            outcome = "ok" if answer.status_code < 300 else "fail"
            return {"op": body["kind"], "key": key, "outcome": outcome, "status": answer.status_code, "answer": said,
                    "tries": tries}  # fmt: skip
        time.sleep(0.05)
    return {"op": body["kind"], "key": key, "outcome": "info", "status": 0, "answer": {}, "tries": tries}


def read(client: httpx.Client) -> dict:
    try:
        answer = client.get(READS)
    except httpx.TransportError:
        return {"op": "read", "outcome": "info", "levels": []}
    if answer.status_code != 200:
        return {"op": "read", "outcome": "info", "levels": []}
    levels = [[row["on_hand"], row["in_transit"]] for row in answer.json()["results"]]
    return {"op": "read", "outcome": "ok", "levels": levels}


def problems(history: Sequence[dict]) -> list[str]:
    """What of a history must not be. Pure: the same history has the same problems."""
    found = []
    first: dict[str, dict] = {}
    for row in history:
        if row["op"] == "read":
            units = [figure for level in row["levels"] for figure in level]
            if row["outcome"] == "ok" and (sum(units) != TOTAL or min(units) < 0):
                found.append(f"a read saw {row['levels']}")
            continue
        if row["outcome"] == "info":
            found.append(f"{row['key']} was left unknown")
        earlier = first.setdefault(row["key"], row)
        if row.get("replay") and (earlier["status"], earlier["answer"]) != (row["status"], row["answer"]):
            found.append(f"{row['key']} was answered otherwise the second time")
        if row["op"] == "transfer_in" and row["outcome"] != "ok":
            found.append(f"{row['key']} did not arrive: {row['answer']}")
    return found


def done(history: Sequence[dict], op: str, outcome: str = "ok") -> set[str]:
    """The keys of one kind of write with this outcome."""
    return {row["key"] for row in history if row["op"] == op and row["outcome"] == outcome}
