"""Vendure's contract, recorded from a running 3.7.3; tests/peers proves the connector against the server itself."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
import respx

from omni.connectors import connect
from omni.connectors.base import ListingRef, RawRequest, StockWrite
from omni.connectors.errors import (
    AuthExpired,
    BadSignature,
    Garbage,
    Misconfigured,
    Rejected,
    Throttled,
    Transient,
    Unknown,
)
from omni.connectors.vendure_api import retry_after

URL = "https://shop.example/admin-api"
PLACED = "2026-11-21T23:16:45.378Z"
FORBIDDEN = {
    "errors": [
        {
            "message": "You are not currently authorized to perform this action",
            "path": ["productVariants"],
            "extensions": {"code": "FORBIDDEN"},
        }
    ],
    "data": None,
}
NOT_FOUND = {
    "errors": [
        {
            "message": 'No ProductVariant with the id "9999" could be found',
            "path": ["updateProductVariants"],
            "extensions": {"code": "ENTITY_NOT_FOUND"},
        }
    ],
    "data": None,
}
DATABASE_ERROR = {
    "errors": [{"message": 'insert or update on table "stock_level" violates …', "path": ["updateProductVariants"]}],
    "data": None,
}


def variant(number, *, on_hand=100, allocated=0, **changed):
    return {
        "id": str(number),
        "sku": f"SKU-{number:05d}",
        "name": f"Item {number:05d}",
        "enabled": True,
        "priceWithTax": 540,
        "currencyCode": "USD",
        "updatedAt": "2026-11-21T23:12:14.345Z",
        "stockLevels": [{"stockLocationId": "1", "stockOnHand": on_hand, "stockAllocated": allocated}],
    } | changed


def order(number, placed_at=PLACED, *, state="PaymentSettled", quantity=2, **changed):
    line = {
        "id": str(number * 10),
        "quantity": quantity,
        "orderPlacedQuantity": 2,
        "proratedLinePriceWithTax": 6264 * quantity,
        "productVariant": {"id": "54", "sku": "SKU-00054"},
    }
    return {
        "id": str(number),
        "code": f"CODE{number}",
        "state": state,
        "active": False,
        "type": "Regular",
        "orderPlacedAt": placed_at,
        "currencyCode": "USD",
        "lines": [line],
    } | changed


class Shop:
    """Answers like the real one: by the operation's name, from a list of answers or a function of the variables."""

    def __init__(self, router):
        self.asked, self.answers, self.logins = [], {}, 0
        self.route = router.post(URL).mock(side_effect=self.answer)

    def says(self, operation, *answers):
        self.answers[operation] = list(answers)

    def answer(self, request):
        body = json.loads(request.content)
        operation = body["query"].split("(")[0].split("{")[0].split()[-1]
        if operation == "Login" and "Login" not in self.answers:
            self.logins += 1
            login = {"data": {"login": {"__typename": "CurrentUser"}}}
            return httpx.Response(200, json=login, headers={"vendure-auth-token": f"token-{self.logins}"})
        self.asked.append((operation, body["variables"], request.headers.get("authorization")))
        if operation == "Locations":
            items = [{"id": "1", "name": "Default"}, {"id": "2", "name": "Store KL"}]
            return httpx.Response(200, json={"data": {"stockLocations": {"totalItems": 2, "items": items}}})
        answers = self.answers[operation]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        answer = answer(body["variables"]) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


@pytest.fixture
def shop():
    with respx.mock(assert_all_called=False) as router:
        yield Shop(router)


def make_connector(**config):
    secrets = {"password": "hidden-word", "webhook_secret": "hook"}
    return connect("vendure", {"url": URL, "username": "omni", **config}, secrets)


def found(*variants):
    return {"data": {"productVariants": {"totalItems": len(variants), "items": list(variants)}}}


def placed(*orders):
    return {"data": {"orders": {"items": list(orders)}}}


def serve_variants(*variants):
    """An answer that filters by id, as the server does."""

    def answer(variables):
        asked = variables["options"]["filter"]["id"]["in"]
        return found(*(item for item in variants if item["id"] in asked))

    return answer


SET = {"data": {"updateProductVariants": [{"id": "1"}]}}


def write(number, target, location="1", version=1):
    return StockWrite(ListingRef(str(number), f"SKU-{number:05d}", location), target, version)


# Stock


def test_what_is_allocated_is_not_available(shop):
    shop.says("Variants", found(variant(1, on_hand=100, allocated=3)))

    (stock,) = make_connector().stock().items

    assert (stock.on_hand, stock.allocated, stock.available) == (100, 3, 97)
    assert stock.ref == ListingRef("1", "SKU-00001", "1")


def test_with_one_stock_location_listings_have_none(shop):
    shop.says("Variants", found(variant(1)))

    (stock,) = make_connector(stock_location="2").stock().items

    assert (stock.ref.location, stock.available) == (None, 0)


def test_a_sweep_reads_every_variant_once_and_says_so(shop):
    def pages(variables):
        options = variables["options"]
        everything = [variant(number) for number in range(1, 8)]
        return found(*everything[options["skip"] : options["skip"] + options["take"]])

    shop.says("Variants", pages)
    connector = make_connector()
    connector.page_size = 3
    seen, cursor, page = [], None, None
    while page is None or page.has_more:
        page = connector.stock(cursor=cursor)
        seen, cursor = seen + [stock.ref.remote_id for stock in page.items], page.next_cursor

    assert seen == list("1234567")
    assert (page.batch.full, page.batch.complete) == (True, True)


def test_a_sweep_in_which_variants_vanish_misses_none_and_claims_nothing(shop):
    everything = [variant(number) for number in range(1, 8)]

    def pages(variables):
        options = variables["options"]
        answer = found(*everything[options["skip"] : options["skip"] + options["take"]])
        if options["skip"] == 0:
            everything[:] = [item for item in everything if item["id"] != "2"]
        return answer

    shop.says("Variants", pages)
    connector = make_connector()
    connector.page_size = 3
    seen, cursor, page = set(), None, None
    while page is None or page.has_more:
        page = connector.stock(cursor=cursor)
        seen, cursor = seen | {stock.ref.remote_id for stock in page.items}, page.next_cursor

    assert seen == set("1234567")
    assert not page.batch.full


def test_allocations_are_added_to_what_is_pushed(shop):
    shop.says("Variants", found(variant(1, allocated=3)), found(variant(1, on_hand=10, allocated=3)))
    shop.says("SetStock", SET)

    (result,) = make_connector().write_stock([write(1, 7, version=5)], uuid4())

    assert shop.asked[-2][1] == {"input": [{"id": "1", "stockLevels": [{"stockLocationId": "1", "stockOnHand": 10}]}]}
    assert (result.outcome, result.actual, result.version) == ("applied", 7, 5)


def test_an_order_in_between_leaves_less_and_that_is_right(shop):
    shop.says("Variants", found(variant(1)), found(variant(1, on_hand=7, allocated=2)))
    shop.says("SetStock", SET)

    (result,) = make_connector().write_stock([write(1, 7)], uuid4())

    assert (result.outcome, result.actual, result.code) == ("applied", 5, "sold_meanwhile")


def test_a_fulfilment_in_between_would_leave_too_much_and_is_written_again(shop):
    shop.says(
        "Variants",
        found(variant(1, allocated=3)),
        found(variant(1, on_hand=10, allocated=1)),
        found(variant(1, on_hand=8, allocated=1)),
    )
    shop.says("SetStock", SET)

    (result,) = make_connector().write_stock([write(1, 7)], uuid4())

    sent = [asked[1]["input"][0]["stockLevels"][0]["stockOnHand"] for asked in shop.asked if asked[0] == "SetStock"]
    assert sent == [10, 8]
    assert (result.outcome, result.actual) == ("applied", 7)


def test_another_writer_is_told_not_overwritten(shop):
    shop.says("Variants", found(variant(1)), found(variant(1, on_hand=55)))
    shop.says("SetStock", SET)

    (result,) = make_connector().write_stock([write(1, 7)], uuid4())

    assert (result.outcome, result.code, result.actual) == ("conflict", "overwritten", 55)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (write(9999, 1), "unknown_listing"),
        (write(1, 1, location="77"), "unknown_location"),
        (write(1, 1, location=None), "unknown_location"),
        (write(1, -1), "negative"),
        (write(1, 10**18), "too_large"),
        (StockWrite(ListingRef("1", "OTHER", "1"), 1, 1), "other_sku"),
    ],
)
def test_a_write_that_cannot_be_is_refused_before_it_is_sent_and_the_rest_goes_on(shop, item, code):
    shop.says("Variants", serve_variants(variant(1), variant(2, on_hand=4)))
    shop.says("SetStock", SET)

    refused, applied = make_connector().write_stock([item, write(2, 4)], uuid4())

    assert (refused.outcome, refused.code) == ("rejected", code)
    assert applied.outcome == "applied"


def test_one_bad_entry_does_not_take_the_others_along(shop):
    stock = dict.fromkeys(range(1, 6), 100)

    def set_stock(variables):
        if any(item["id"] == "3" for item in variables["input"]):
            return NOT_FOUND
        for item in variables["input"]:
            stock[int(item["id"])] = item["stockLevels"][0]["stockOnHand"]
        return SET

    shop.says("Variants", lambda _variables: found(*(variant(number, on_hand=stock[number]) for number in stock)))
    shop.says("SetStock", set_stock)

    results = make_connector().write_stock([write(number, 8) for number in stock], uuid4())

    assert [result.outcome for result in results] == ["applied", "applied", "rejected", "applied", "applied"]
    assert results[2].code == "entity_not_found"


@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.Response(502), DATABASE_ERROR]
)
@pytest.mark.parametrize(("shown", "outcome"), [(7, "applied"), (100, "unknown")])
def test_a_write_without_a_verdict_is_looked_up(shop, lost, shown, outcome):
    shop.says("Variants", found(variant(1)), found(variant(1, on_hand=shown)))
    shop.says("SetStock", lost)

    (result,) = make_connector().write_stock([write(1, 7)], uuid4())

    assert (result.outcome, result.actual) == (outcome, shown)


def test_a_write_that_cannot_be_looked_up_is_unknown(shop):
    shop.says("Variants", found(variant(1)), httpx.ConnectError("gone"))
    shop.says("SetStock", SET)

    (result,) = make_connector().write_stock([write(1, 7)], uuid4())

    assert (result.outcome, result.actual) == ("unknown", None)


def test_too_many_writes_at_once_are_refused(shop):
    with pytest.raises(Rejected):
        make_connector().write_stock([write(1, 1)] * 101, uuid4())
    assert shop.asked == []


# Orders


def test_a_line_is_what_stands_sold(shop):
    shop.says("Orders", placed(order(1, quantity=1)))

    page = make_connector().orders()

    (sale,) = page.items
    assert (sale.key, sale.sku, sale.quantity) == (("CODE1", "10"), "SKU-00054", 1)
    assert (sale.amount_minor, sale.currency, sale.location) == (6264, "USD", None)
    assert sale.placed_at == datetime(2026, 11, 21, 23, 16, 45, 378000, tzinfo=UTC)
    assert sale.is_open
    assert sale.hints == {"state": "PaymentSettled", "ordered": "2"}


def test_a_cancelled_order_is_closed_and_has_another_version(shop):
    shop.says("Orders", placed(order(1)), placed(order(1, state="Cancelled", quantity=0)))
    connector = make_connector()

    (before,) = connector.orders().items
    (after,) = connector.open_orders(["CODE1"])

    assert (after.quantity, after.is_open) == (0, False)
    assert before.version != after.version
    assert before.key == after.key


def serve_orders(shop, orders):
    """Filter, sort and page as the server does, ties in any order."""

    def answer(variables):
        options = variables["options"]
        after = options["filter"]["orderPlacedAt"].get("after")
        fitting = [
            item
            for item in orders
            if after is None or datetime.fromisoformat(item["orderPlacedAt"]) > datetime.fromisoformat(after)
        ]
        fitting.sort(key=lambda item: item["orderPlacedAt"])
        return placed(*fitting[options["skip"] : options["skip"] + options["take"]])

    shop.says("Orders", answer)


def poll(connector, cursor):
    """One run to its end: the lines and where it left off."""
    keys = []
    for _turn in range(100):
        page = connector.orders(cursor)
        keys, cursor = keys + [sale.key for sale in page.items], page.next_cursor
        if not page.has_more:
            return keys, cursor
    raise AssertionError("the orders never end")


@pytest.mark.parametrize("take", [1, 2, 3, 7])
def test_no_order_is_missed_and_none_comes_twice_in_a_run(shop, take):
    instants = [f"2026-11-21T23:16:{second:02d}.000Z" for second in (1, 2, 2, 2, 2, 3, 3, 9)]
    serve_orders(shop, [order(number, at) for number, at in enumerate(instants, start=1)])
    connector = make_connector()
    connector.page_size = take

    keys, _cursor = poll(connector, None)

    assert len(keys) == len(set(keys)) == len(instants)


def test_an_order_that_becomes_visible_late_is_found_by_the_overlap(shop):
    orders = [order(1, "2026-11-21T23:08:00.000Z"), order(2, "2026-11-21T23:12:00.000Z")]
    serve_orders(shop, orders)
    connector = make_connector()
    _keys, cursor = poll(connector, None)
    orders.append(order(3, "2026-11-21T23:11:00.000Z"))

    keys, again = poll(connector, cursor)

    assert ("CODE3", "30") in keys
    assert ("CODE1", "10") not in keys
    assert again == cursor


def test_a_start_can_be_chosen(shop):
    serve_orders(shop, [order(1, "2026-11-20T00:00:00.000Z"), order(2)])
    connector = make_connector()

    keys, _cursor = poll(connector, connector.orders_from(datetime(2026, 11, 21, tzinfo=UTC)))

    assert keys == [("CODE2", "20")]


def test_the_look_back_never_goes_before_the_chosen_start(shop):
    serve_orders(shop, [order(1, "2026-11-21T23:15:00.000Z"), order(2, "2026-11-21T23:16:00.000Z")])
    connector = make_connector()
    start = connector.orders_from(datetime(2026, 11, 21, 23, 15, 30, tzinfo=UTC))

    first, cursor = poll(connector, start)
    again, after = poll(connector, cursor)

    assert first == again == [("CODE2", "20")]
    assert after == cursor


@pytest.mark.parametrize(
    "answer",
    [
        placed(order(1, "2026-01-01T00:00:00Z")),
        placed(order(1, "2026-11-21T23:59:00Z"), order(2, "2026-11-21T23:58:00Z")),
        placed(order(1, active=True)),
        placed(order(1, orderPlacedAt=None)),
        placed(order(1, lines=None)),
        placed(order(1, quantity=-1)),
        placed(order(1, lines=[{"id": "1", "quantity": 1}])),
        placed(order(1, lines=[{**order(1)["lines"][0], "quantity": "2"}])),
        {"data": {"orders": {}}},
        {"data": {}},
        {"data": None},
        [],
    ],
)
def test_an_answer_that_was_not_asked_for_is_not_believed(shop, answer):
    shop.says("Orders", answer)

    with pytest.raises(Garbage):
        make_connector().orders({"placed_at": "2026-11-21T00:00:00Z", "seen": []})


def test_a_filter_that_is_ignored_is_noticed(shop):
    shop.says("Orders", placed(order(1), order(2)))
    shop.says("Variants", found(variant(1), variant(2)))
    connector = make_connector()

    with pytest.raises(Garbage):
        list(connector.open_orders(["CODE1"]))
    with pytest.raises(Garbage):
        connector.stock([ListingRef("1", "SKU-00001", "1")])


@pytest.mark.parametrize("missing", list(variant(1)))
def test_a_variant_without_one_of_its_fields_is_garbage(shop, missing):
    item = variant(1)
    del item[missing]
    shop.says("Variants", found(item))

    with pytest.raises(Garbage, match=missing):
        make_connector().stock()


# What goes wrong on the way


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(429, headers={"retry-after": "7"}), Throttled),
        (httpx.Response(503, headers={"retry-after": "7"}), Throttled),
        (httpx.Response(500), Transient),
        (httpx.Response(503), Transient),
        (httpx.ConnectError("refused"), Transient),
        (httpx.ConnectTimeout("slow"), Transient),
        (httpx.ReadTimeout("slow"), Transient),
        (httpx.Response(404), Misconfigured),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), Misconfigured),
        (httpx.Response(401), AuthExpired),
        (httpx.Response(200, text="<html>Welcome</html>"), Garbage),
        (httpx.Response(200, content=b""), Garbage),
        (httpx.Response(204), Garbage),
        (httpx.Response(200, json={"errors": "what?"}), Transient),
        (httpx.Response(400, json={"errors": [{"extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]}), Rejected),
        (NOT_FOUND, Rejected),
        (DATABASE_ERROR, Transient),
    ],
)
def test_each_failure_has_its_kind(shop, answer, error):
    shop.says("Variants", answer)

    with pytest.raises(error) as caught:
        make_connector().stock()

    assert "hidden-word" not in str(caught.value)
    if error is Throttled:
        assert caught.value.retry_after == 7


def test_an_ended_session_is_renewed_once(shop):
    shop.says("Variants", found(variant(1)), FORBIDDEN, found(variant(1)))
    connector = make_connector()
    connector.stock()

    assert len(connector.stock().items) == 1
    assert shop.logins == 2
    assert shop.asked[-1][2] == "Bearer token-2"


def test_what_stays_forbidden_is_for_a_person(shop):
    shop.says("Variants", FORBIDDEN)

    with pytest.raises(AuthExpired):
        make_connector().stock()


def test_test_connection_says_what_to_do(shop):
    shop.says("Channel", {"data": {"activeChannel": {"code": "__default_channel__", "defaultCurrencyCode": "USD"}}})
    shop.says("Variants", found(variant(1)))
    assert make_connector().check().ok
    assert "no stock location" in make_connector(stock_location="9").check().sentence

    error = {"__typename": "InvalidCredentialsError", "errorCode": "INVALID_CREDENTIALS_ERROR", "message": "…"}
    shop.says("Login", {"data": {"login": error}})
    health = make_connector().check()
    assert not health.ok
    assert "password" in health.sentence


def test_a_secret_never_shows(shop):
    assert "hidden-word" not in repr(make_connector())


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "file:///etc/passwd"])
def test_an_address_must_be_one(url):
    with pytest.raises(Misconfigured):
        make_connector(url=url)


def test_retry_after_may_be_a_date():
    in_a_minute = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert 50 < retry_after(in_a_minute) <= 60
    assert retry_after("soon") is None
    assert retry_after("999999999") == 86_400


# Webhooks


HOOK = b'{"type":"order.placed","id":"e1","at":"2026-11-21T23:16:45.378Z","data":{"code":"CODE1"}}'


def hook(body=HOOK, secret=b"hook"):
    signature = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    return RawRequest("https://omni.example/hook", {"x-signature": signature}, body)


def test_a_signed_webhook_is_a_hint():
    event = make_connector().verify_webhook(hook())

    assert (event.event_id, event.topic, event.order_ids) == ("e1", "order.placed", ("CODE1",))


@pytest.mark.parametrize(
    "request_",
    [
        hook(secret=b"other"),
        RawRequest("https://omni.example/hook", {}, b"{}"),
        RawRequest("https://omni.example/hook", hook().headers, hook().body + b" "),
    ],
)
def test_a_forged_webhook_is_refused(request_):
    with pytest.raises(BadSignature):
        make_connector().verify_webhook(request_)


def test_without_a_secret_no_webhook_is_believed():
    connector = connect("vendure", {"url": URL, "username": "omni"}, {"password": "x"})
    with pytest.raises(BadSignature):
        connector.verify_webhook(hook(secret=b""))


def test_a_signed_webhook_of_another_shape_is_garbage():
    with pytest.raises(Garbage):
        make_connector().verify_webhook(hook(b"[]"))


def test_unknown_means_that_it_may_have_happened():
    assert Unknown().outcome_unknown
    assert not Transient().outcome_unknown
