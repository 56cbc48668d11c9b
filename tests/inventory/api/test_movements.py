import pytest

from inventory.models import Discrepancy, StockMovement
from omni.models import Activity, SetAside
from tests.factories.inventory import make_kit, make_stock
from tests.factories.omni import make_account, make_channel, make_location
from tests.omni.api.helpers import caller_of

URL = "/api/v1/stock-movements/"
PLACE = {"sku": "TEA-250", "location": "store-1"}
SALE = {**PLACE, "kind": "sale", "quantity": 3, "external_id": "1001", "leg": "1"}
RECEIPT = {**PLACE, "kind": "receipt", "quantity": 5, "external_id": "delivery-1"}
FIX = {**PLACE, "kind": "adjustment", "reason": "broken", "external_id": "fix-1"}


@pytest.fixture
def on_hand(shelf):
    def read() -> int:
        shelf.refresh_from_db()
        return shelf.on_hand

    return read


def test_a_sale_is_booked(writer, on_hand):
    response = writer.post(URL, {**SALE, "amount_minor": 1497, "currency": "USD", "channel": "web"})

    assert response.status_code == 201
    (row,) = response.json()["movements"]
    assert (row["kind"], row["bucket"], row["quantity"], row["balance"]) == ("sale", "on_hand", -3, 7)
    assert (row["source"], row["external_id"], row["leg"]) == (f"api:{writer.key.prefix}", "1001", "1")
    assert row["channel"] == "web"
    assert on_hand() == 7


def test_the_audit_says_which_programme_it_was(writer, shelf):
    writer.post(URL, SALE)

    news = Activity.objects.get(verb="till.sold")
    assert (news.actor_kind, news.data["api_key"]) == ("api", writer.key.public_id)


def test_a_sale_is_a_fact_that_is_never_refused_for_stock(writer, on_hand):
    response = writer.post(URL, {**SALE, "quantity": 12})

    assert response.status_code == 201
    assert {row["kind"]: row["quantity"] for row in response.json()["movements"]} == {"found": 2, "sale": -12}
    assert on_hand() == 0
    assert Discrepancy.objects.filter(cause="found").exists()


def test_a_sale_that_is_said_again_is_booked_once(writer, on_hand):
    first, again = writer.post(URL, SALE), writer.post(URL, SALE)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "state": "repeated"}
    assert on_hand() == 7


@pytest.mark.parametrize(
    "other", [{**SALE, "quantity": 4}, {**SALE, "kind": "return"}, {**RECEIPT, "external_id": "1001"}]
)
def test_an_id_that_was_used_for_something_else_is_refused_and_not_taken_for_a_repeat(writer, on_hand, other):
    writer.post(URL, SALE)
    response = writer.post(URL, other)

    assert response.status_code == 409
    assert response.json()["code"] == "external_id_reused"
    assert on_hand() == 7


def test_the_sale_of_a_kit_takes_its_components_and_is_a_repeat_the_second_time(writer, shelf, on_hand):
    make_kit({shelf.variant: 2}, "SET")
    first = writer.post(URL, {**SALE, "sku": "SET", "quantity": 1})

    assert first.status_code == 201
    assert on_hand() == 8
    assert writer.post(URL, {**SALE, "sku": "SET", "quantity": 1}).json()["state"] == "repeated"
    assert on_hand() == 8


def test_two_programmes_may_call_different_sales_the_same(writer, on_hand):
    writer.post(URL, SALE)
    assert caller_of("stock:write").post(URL, SALE).status_code == 201
    assert on_hand() == 4


def test_a_new_key_of_the_same_account_repeats_nothing(shelf, on_hand):
    account = make_account(channel=make_channel("till"), code="till-1")
    for _key in range(2):
        response = caller_of("stock:write", account=account).post(URL, SALE)

    assert response.json()["state"] == "repeated"
    assert response.json()["movements"][0]["source"] == "api:till-1"
    assert on_hand() == 7


def test_goods_come_back_and_may_be_set_apart(writer, shelf, on_hand):
    back = {**PLACE, "kind": "return", "quantity": 1, "external_id": "r1", "set_apart": "damaged"}

    assert writer.post(URL, back).status_code == 201
    assert on_hand() == 11
    assert shelf.unavailable == 1


def test_goods_come_in(writer, on_hand):
    assert writer.post(URL, RECEIPT).status_code == 201
    assert on_hand() == 15


def test_a_shelf_is_corrected_by_a_change(writer, on_hand):
    assert writer.post(URL, {**FIX, "change": -4}).status_code == 201
    assert on_hand() == 6


def test_a_target_is_set_only_while_the_shelf_is_as_it_was_seen(writer, on_hand):
    stale = writer.post(URL, {**FIX, "target": 7, "expected": 9})

    assert stale.status_code == 409
    assert stale.json()["code"] == "stale_stock"
    assert stale.json()["data"] == {"expected": 9, "actual": 10}
    assert on_hand() == 10
    assert writer.post(URL, {**FIX, "target": 7, "expected": 10}).status_code == 201
    assert on_hand() == 7


def test_an_implausible_quantity_is_set_aside_and_said_so(writer, on_hand):
    response = writer.post(URL, {**SALE, "quantity": 900_000})

    assert response.status_code == 202
    assert response.json()["state"] == "set_aside"
    assert response.json()["code"] == "implausible_quantity"
    assert on_hand() == 10
    item = SetAside.objects.get()
    assert item.kind == "stock.movement"
    assert item.payload["sku"] == "TEA-250"
    assert item.payload["quantity"] == 900_000


@pytest.mark.parametrize(
    "body",
    [
        {**SALE, "quantity": 0},
        {**SALE, "quantity": -1},
        {**SALE, "quantity": 1.0},
        {**SALE, "quantity": "1"},
        {**SALE, "quantity": None},
        {**SALE, "kind": "opening"},
        {**SALE, "source": "till"},
        {**SALE, "change": 1},
        {**SALE, "set_apart": "damaged"},
        {**SALE, "amount_minor": 5},
        {**SALE, "amount_minor": 5, "currency": "usd"},
        {**SALE, "occurred_at": "2126-01-01T00:00:00Z"},
        {**SALE, "external_id": ""},
        {**RECEIPT, "leg": "1"},
        {**FIX},
        {**FIX, "change": 1, "target": 1},
        {**FIX, "change": 0},
        {**FIX, "change": 1, "quantity": 1},
        {**{name: value for name, value in FIX.items() if name != "reason"}, "change": 1},
        [SALE],
    ],
)
def test_what_does_not_fit_is_refused_and_books_nothing(writer, on_hand, body):
    before = StockMovement.objects.count()

    assert writer.post(URL, body).status_code == 400
    assert on_hand() == 10
    assert StockMovement.objects.count() == before


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"sku": "TAE"}, "sku", "unknown_sku"),
        ({"location": "store-9"}, "location", "unknown_location"),
        ({"channel": "fax"}, "channel", "unknown_channel"),
    ],
)
def test_a_name_that_does_not_exist_is_422(writer, on_hand, change, field, code):
    response = writer.post(URL, {**SALE, **change})

    assert response.status_code == 422
    assert response.json()["code"] == code
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert on_hand() == 10


def test_card_numbers_in_a_reason_are_masked_before_they_are_kept(writer, shelf):
    writer.post(URL, {**FIX, "change": -1, "reason": "refund 4111 1111 1111 1111"})

    assert "4111 1111" not in str(list(StockMovement.objects.values_list("reason", flat=True)))


def test_the_ledger_is_read_by_id_source_place_and_time(writer, reader, shelf):
    writer.post(URL, {**SALE, "occurred_at": "2026-03-02T08:00:00Z"})
    writer.post(URL, {**RECEIPT, "occurred_at": "2026-03-03T08:00:00+08:00"})
    make_stock(location=make_location("store-2"), on_hand=1)

    def ids(**query) -> list[str]:
        response = reader.get(URL, query)
        assert response.status_code == 200, response.content
        return [row["external_id"] for row in response.json()["results"]]

    assert ids(external_id="1001") == ["1001"]
    assert ids(external_id="nothing") == []
    assert ids(source=f"api:{writer.key.prefix}") == ["1001", "delivery-1"]
    assert len(ids(sku="TEA-250", location="store-1")) == 3
    assert ids(since="2026-03-02T23:00:00Z") == ["delivery-1"]
    assert reader.get(URL, {"since": "yesterday"}).status_code == 400


def test_reading_the_ledger_costs_the_same_for_few_rows_and_for_many(writer, reader, shelf, django_assert_num_queries):
    for number in range(5):
        writer.post(URL, {**SALE, "quantity": 1, "external_id": f"n{number}"})
    reader.get(URL)

    with django_assert_num_queries(2):
        reader.get(URL, {"page_size": 1})
    with django_assert_num_queries(2):
        reader.get(URL)


def test_a_key_that_reads_does_not_book(reader, on_hand):
    assert reader.post(URL, SALE).status_code == 403
    assert on_hand() == 10


def test_one_key_one_answer(writer, on_hand):
    first, again = writer.post(URL, SALE, key="k"), writer.post(URL, SALE, key="k")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert writer.post(URL, {**SALE, "quantity": 4}, key="k").status_code == 422
    assert on_hand() == 7


OUT = {**PLACE, "kind": "transfer_out", "quantity": 4, "to": "store-2", "external_id": "t-1"}


@pytest.fixture
def there(shelf):
    return make_stock(variant=shelf.variant, location=make_location("store-2"), on_hand=1)


def test_a_transfer_leaves_and_arrives_leg_by_leg(writer, on_hand, there):
    left = writer.post(URL, OUT)

    assert left.status_code == 201, left.content
    name = left.json()["transfer"]
    assert on_hand() == 6
    there.refresh_from_db()
    assert (there.on_hand, there.in_transit) == (1, 4)

    arrival = {**PLACE, "location": "store-2", "kind": "transfer_in", "transfer": name}
    part = writer.post(URL, {**arrival, "quantity": 2, "external_id": "t-1-in"})
    assert part.status_code == 201, part.content
    rest = writer.post(URL, {**arrival, "quantity": 1, "lost": 1, "external_id": "t-1-rest"})
    assert rest.status_code == 201
    there.refresh_from_db()
    assert (there.on_hand, there.in_transit) == (4, 0)
    assert {row["document"] for row in rest.json()["movements"]} == {f"transfer:{name}"}


def test_a_leg_that_is_said_again_is_booked_once(writer, on_hand, there):
    first, again = writer.post(URL, OUT), writer.post(URL, OUT)
    assert (again.status_code, again.json()["state"]) == (200, "repeated")
    assert first.json()["transfer"] == again.json()["transfer"]
    assert on_hand() == 6
    assert writer.post(URL, {**OUT, "quantity": 5}).json()["code"] == "external_id_reused"

    arrival = {**PLACE, "location": "store-2", "kind": "transfer_in", "transfer": first.json()["transfer"]}
    states = [writer.post(URL, {**arrival, "quantity": 2, "external_id": "in"}).json()["state"] for _time in range(2)]
    assert states == ["booked", "repeated"]
    assert writer.post(URL, {**arrival, "quantity": 1, "external_id": "in"}).json()["code"] == "external_id_reused"
    there.refresh_from_db()
    assert (there.on_hand, there.in_transit) == (3, 2)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"quantity": 11}, 409, "not_enough_stock"),
        ({"to": "store-1"}, 409, "wrong_state"),
        ({"to": "store-9"}, 422, "unknown_location"),
        ({"external_id": "x" * 81}, 400, "invalid"),
        ({"kind": "transfer_in"}, 400, "invalid"),
    ],
)
def test_a_transfer_that_cannot_leave_moves_nothing(writer, on_hand, there, change, status, code):
    response = writer.post(URL, {**OUT, **change})

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert on_hand() == 10


def test_a_transfer_arrives_only_where_it_was_sent(writer, on_hand, there):
    name = writer.post(URL, OUT).json()["transfer"]
    arrival = {**PLACE, "kind": "transfer_in", "transfer": name, "quantity": 1, "external_id": "in"}

    assert writer.post(URL, arrival).json()["code"] == "unknown_transfer"
    assert writer.post(URL, {**arrival, "location": "store-2", "quantity": 5}).json()["code"] == "more_than_sent"
