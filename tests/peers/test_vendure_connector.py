"""The Vendure connector against a real Vendure. The peer's own scripts are the judge of what is true there."""

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from omni.connectors import connect
from omni.connectors.base import ListingRef, StockWrite
from omni.connectors.errors import AuthExpired, Transient

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]
CANCEL = """mutation Cancel($input: CancelOrderInput!) {
  cancelOrder(input: $input) { __typename ... on Order { id } } }"""
FULFIL = """mutation Fulfil($input: FulfillOrderInput!) {
  addFulfillmentToOrder(input: $input) { __typename ... on Fulfillment { id } ... on ErrorResult { message } } }"""
SHIP = """mutation Ship($id: ID!, $state: String!) {
  transitionFulfillmentToState(id: $id, state: $state) { __typename ... on Fulfillment { state } } }"""
FIND = "query Find($options: OrderListOptions) { orders(options: $options) { items { id } } }"


@pytest.fixture
def connector(vendure):
    return make_connector(vendure.url)


def make_connector(url, password="superadmin", **config):
    return connect("vendure", {"url": f"{url}/admin-api", "username": "superadmin", **config}, {"password": password})


def dump(vendure):
    """(sku, location name) -> (on hand, allocated), told by the peer's own script."""
    rows = [line.split("\t") for line in vendure.script("vendure.py", "dump").splitlines()]
    return {(sku, place): (int(on_hand), int(allocated)) for sku, place, on_hand, allocated in rows}


def sweep(connector):
    items, cursor, page = [], None, None
    while page is None or page.has_more:
        page = connector.stock(cursor=cursor)
        items, cursor = items + list(page.items), page.next_cursor
    return items, page.batch


def poll(connector, cursor):
    sales, more = [], True
    while more:
        page = connector.orders(cursor)
        sales, cursor, more = sales + list(page.items), page.next_cursor, page.has_more
    return sales, cursor


def bought(output):
    """What the shoppers say they bought: units by (order, sku)."""
    units = Counter()
    for line in output.splitlines():
        order = json.loads(line)
        for item in order["lines"]:
            units[order["code"], item["productVariant"]["sku"]] += item["quantity"]
    return units


def test_a_sweep_sees_what_is_there(vendure, connector):
    connector.page_size = 25
    names = {place.remote_id: place.name for place in connector.locations()}

    stock, batch = sweep(connector)

    seen = {(item.ref.sku, names[item.ref.location]): (item.on_hand, item.allocated) for item in stock}
    assert seen == dump(vendure)
    assert len(stock) == len(seen)
    assert (batch.full, batch.complete) == (True, True)
    assert connector.check().ok
    assert len(connector.listings().items) == 25 * 3


def test_every_order_comes_in_once_while_shoppers_buy(vendure, connector):
    connector.page_size = 7
    sales, cursor = {}, connector.orders_from(datetime.now(UTC) - timedelta(seconds=1))
    shoppers = vendure.shoppers(30, 4, PEER_FIRST=str(int(time.time())))
    deadline = time.monotonic() + 240
    while shoppers.poll() is None:
        assert time.monotonic() < deadline, "the shoppers never end"
        some, cursor = poll(connector, cursor)
        sales |= {sale.key: sale for sale in some}
    output, errors = shoppers.communicate()
    assert shoppers.returncode == 0, errors
    some, cursor = poll(connector, cursor)
    sales |= {sale.key: sale for sale in some}

    seen = Counter()
    for sale in sales.values():
        seen[sale.order_id, sale.sku] += sale.quantity
    truth = bought(output)
    assert len({code for code, _sku in truth}) == 30
    assert {key: units for key, units in seen.items() if key in truth} == dict(truth)
    whole, _cursor = poll(make_connector(vendure.url), None)
    keys = Counter(sale.key for sale in whole)
    assert max(keys.values()) == 1
    assert {code for code, _sku in truth} <= {code for code, _line in keys}


def test_a_cancelled_order_is_seen_when_it_is_read_again(vendure, connector):
    shoppers = vendure.shoppers(1, 1, PEER_FIRST=str(int(time.time())))
    output, errors = shoppers.communicate(timeout=120)
    assert shoppers.returncode == 0, errors
    code = json.loads(output)["code"]
    before = list(connector.open_orders([code]))
    found = connector.api.read(FIND, options={"filter": {"code": {"eq": code}}})["orders"]["items"][0]

    connector.api.write(CANCEL, input={"orderId": found["id"], "reason": "test"})
    after = list(connector.open_orders([code, "NO-SUCH-ORDER"]))

    assert all(sale.is_open and sale.quantity > 0 for sale in before)
    assert {sale.key for sale in after} == {sale.key for sale in before}
    assert all(not sale.is_open and sale.quantity == 0 for sale in after)


def test_a_fulfilment_changes_the_counts_but_not_what_is_available(vendure, connector):
    shoppers = vendure.shoppers(1, 1, PEER_FIRST=str(int(time.time())))
    output, errors = shoppers.communicate(timeout=120)
    assert shoppers.returncode == 0, errors
    code = json.loads(output)["code"]
    sales = list(connector.open_orders([code]))
    ordered = {sale.remote_id for sale in sales}
    before = {item.ref: item for item in sweep(connector)[0] if item.ref.remote_id in ordered}

    lines = [{"orderLineId": sale.line_id, "quantity": sale.quantity} for sale in sales]
    handler = {"code": "manual-fulfillment", "arguments": [{"name": "method", "value": "test"}]}
    made = connector.api.write(FULFIL, input={"lines": lines, "handler": handler})["addFulfillmentToOrder"]
    for state in ("Pending", "Shipped", "Delivered"):
        connector.api.write(SHIP, id=made["id"], state=state)

    after = {item.ref: item for item in sweep(connector)[0] if item.ref.remote_id in ordered}
    assert {ref: item.available for ref, item in after.items()} == {ref: item.available for ref, item in before.items()}
    assert sum(item.on_hand for item in before.values()) - sum(item.on_hand for item in after.values()) == sum(
        sale.quantity for sale in sales
    )
    assert not any(sale.is_open for sale in connector.open_orders([code]))


def test_what_is_written_is_what_can_be_bought(vendure, connector):
    stock, _batch = sweep(connector)
    chosen = sorted(stock, key=lambda item: -item.allocated)[:40]
    writes = [StockWrite(item.ref, 50 + number, 1) for number, item in enumerate(chosen)]
    gone = StockWrite(ListingRef("999999", "GONE", "1"), 1, 1)

    *results, refused = connector.write_stock([*writes, gone], uuid4())

    assert [result.outcome for result in results] == ["applied"] * 40
    assert (refused.outcome, refused.code) == ("rejected", "unknown_listing")
    names = {place.remote_id: place.name for place in connector.locations()}
    truth = dump(vendure)
    for number, item in enumerate(chosen):
        on_hand, allocated = truth[item.ref.sku, names[item.ref.location]]
        assert on_hand - allocated == 50 + number
    again = {item.ref: item.available for item in connector.stock([item.ref for item in chosen]).items}
    assert again == {write.ref: write.target for write in writes}


def test_an_ended_session_is_renewed_and_a_wrong_password_is_told(vendure, connector):
    connector.locations()
    connector.api._token = "ended"
    assert len(connector.locations()) == 3
    with pytest.raises(AuthExpired):
        make_connector(vendure.url, password="wrong").locations()
    with pytest.raises(Transient):
        make_connector("http://127.0.0.1:8139").locations()
