import hashlib
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omni.connectors import connect
from omni.connectors.base import ListingRef, ListingWrite, RemoteSale, StockWrite
from omni.connectors.errors import Misconfigured, Transient
from omni.connectors.feed_files import Inbox, NotReady, write_csv
from omni.connectors.feed_rows import SALES, STOCK_OUT, Reader, Row
from omni.connectors.problems import SENTENCES, describe, sentence
from tests.omni.connectors.feeds import SALES_HEADER, STOCK_HEADER, make_feed, names, put, sale_row, sales_file

LATER = timedelta(minutes=5)


def read_all(feed, stream="orders"):
    """Every page until nothing is ready, acknowledged one by one."""
    pages, cursor = [], None
    for _turn in range(200):
        page = getattr(feed, stream)(cursor=cursor)
        if page.batch is None:
            return pages
        pages.append(page)
        cursor = page.next_cursor
        feed.acknowledge(page)
    raise AssertionError("the feed never ends")


def test_sales_come_in_once_and_their_file_is_archived(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", sales_file(sale_row(1), sale_row(2, quantity="-1", location="", amount_minor="-299")))

    (page,) = read_all(feed)

    sold, returned = page.items
    assert sold == RemoteSale(
        order_id="T1-1",
        line_id="1",
        sku="MILK-1",
        quantity=2,
        placed_at=datetime(2026, 3, 2, 11, tzinfo=UTC),
        location="S1",
        remote_id="MILK-1",
        amount_minor=598,
        currency="USD",
    )
    assert (returned.quantity, returned.location, returned.key) == (-1, None, ("T1-2", "1"))
    assert names(feed.layout.from_channel) == set()
    assert names(feed.inbox.archive) == {"sales-1.csv"}
    assert read_all(feed) == []


def test_a_feed_knows_without_reading_whether_anything_waits(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "stock-1.csv", f"{STOCK_HEADER}\n")
    assert not feed.has_news()

    put(feed, "sales-1.csv", sales_file(sale_row()))
    assert feed.has_news()


def test_a_page_that_was_never_acknowledged_comes_again(tmp_path):
    put(feed := make_feed(tmp_path), "sales-1.csv", sales_file(sale_row()))

    first, second = feed.orders(), make_feed(tmp_path).orders()

    assert first.items == second.items != ()
    assert names(feed.layout.from_channel) == {"sales-1.csv"}


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"order": ""}, "order", "blank"),
        ({"sku": "  "}, "sku", "blank"),
        ({"sku": "S" * 65}, "sku", "too_long"),
        ({"sku": "MI\x07LK"}, "sku", "control_characters"),
        ({"quantity": "1.5"}, "quantity", "fractional"),
        ({"quantity": '"1,5"'}, "quantity", "fractional"),
        ({"quantity": "two"}, "quantity", "not_a_number"),
        ({"quantity": "1_000"}, "quantity", "not_a_number"),
        ({"quantity": "１２"}, "quantity", "not_a_number"),
        ({"quantity": "1e3"}, "quantity", "not_a_number"),
        ({"quantity": "NaN"}, "quantity", "not_a_number"),
        ({"quantity": ""}, "quantity", "blank"),
        ({"quantity": str(10**18)}, "quantity", "too_large"),
        ({"quantity": str(-(10**18))}, "quantity", "too_large"),
        ({"quantity": "2147483648"}, "quantity", "too_large"),
        ({"amount_minor": str(10**16)}, "amount_minor", "too_large"),
        ({"amount_minor": "5.98"}, "amount_minor", "fractional"),
        ({"currency": "usd"}, "currency", "bad_currency"),
        ({"currency": "DOLLAR"}, "currency", "bad_currency"),
        ({"occurred_at": "2026-03-02T11:00:00"}, "occurred_at", "no_time_zone"),
        ({"occurred_at": "yesterday"}, "occurred_at", "not_a_time"),
        ({"occurred_at": "0001-01-01T00:00:00Z"}, "occurred_at", "not_a_time"),
        ({"occurred_at": ""}, "occurred_at", "blank"),
    ],
)
def test_a_bad_cell_is_named_and_the_rows_around_it_go_on(tmp_path, changed, field, code):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", sales_file(sale_row(1), sale_row(2, **changed), sale_row(3)))

    (page,) = read_all(feed)

    assert [item.order_id for item in page.items] == ["T1-1", "T1-3"]
    (problem,) = page.problems
    assert (problem.row, problem.field, problem.code) == (3, field, code)
    assert problem.raw
    assert sentence(problem)
    assert names(feed.inbox.archive) == {"sales-1.csv"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("T1-2,1,MILK-1,S1,2", "too_few_cells"),
        (sale_row(2) + ",more", "too_many_cells"),
        (sale_row(2, sku='"never closed'), "malformed_row"),
        (sale_row(1), "duplicate_row"),
        (sale_row(1, quantity="9"), "duplicate_row"),
    ],
)
def test_a_bad_row_is_named_and_the_rows_around_it_go_on(tmp_path, row, code):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", sales_file(sale_row(1), row, "", sale_row(3)))

    (page,) = read_all(feed)

    assert [(item.order_id, item.quantity) for item in page.items] == [("T1-1", 2), ("T1-3", 2)]
    assert [(problem.row, problem.code) for problem in page.problems] == [(3, code)]


def test_stock_must_not_be_negative_but_the_rest_of_the_snapshot_counts(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "stock-1.csv", f"{STOCK_HEADER}\nA,S1,-1,1,\nB,S1,5,7,2026-03-02T11:58:00Z\n")

    (page,) = read_all(feed, "stock")

    assert [(problem.row, problem.code) for problem in page.problems] == [(3, "negative")]
    (stock,) = page.items
    assert (stock.ref, stock.available, stock.version) == (ListingRef("B", "B", "S1"), 5, "7")
    assert stock.seen_at == datetime(2026, 3, 2, 11, 58, tzinfo=UTC)
    assert (page.batch.full, page.batch.complete, page.batch.location) == (True, True, None)
    assert page.batch.taken_at == datetime(2026, 3, 2, 11, 59, tzinfo=UTC)


def test_an_unknown_column_is_reported_and_not_read(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", f"{SALES_HEADER},colour\n{sale_row(1)},red\n")

    (page,) = read_all(feed)

    assert len(page.items) == 1
    assert [(problem.row, problem.code, problem.value) for problem in page.problems] == [
        (1, "unknown_column", "colour")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("order,line,sku\nT1,1,MILK\n", "missing_columns"),
        (f"{SALES_HEADER},sku\n", "duplicate_columns"),
        ("", "empty_file"),
        ("\n\n", "empty_file"),
        (sales_file(sale_row(sku="Müsli")).encode("latin-1"), "wrong_encoding"),
        (sales_file(sale_row()).encode("utf-16"), "wrong_encoding"),
        (sales_file(sale_row()).encode() + b"\x00", "wrong_encoding"),
        (b"PK\x03\x04\x14\x00" + os.urandom(2000), "wrong_encoding"),
    ],
)
def test_a_file_that_cannot_be_read_goes_to_quarantine_with_the_reason(tmp_path, text, code):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", text)
    put(feed, "sales-2.csv", sales_file(sale_row()))

    bad, good = read_all(feed)

    assert bad.items == ()
    assert [(problem.row, problem.code) for problem in bad.problems] == [(0, code)]
    assert len(good.items) == 1
    assert names(feed.inbox.quarantine) == {"sales-1.csv", "sales-1.csv.reason.txt"}
    reason = (feed.inbox.quarantine / "sales-1.csv.reason.txt").read_text()
    assert reason.strip() == describe(code, value=bad.problems[0].value)


@pytest.mark.parametrize("header", ["", "# taken_at=2026-03-02T11:59:00Z", "# mode=full", "# mode=full taken_at=noon"])
def test_a_snapshot_that_does_not_say_when_it_was_taken_is_refused(tmp_path, header):
    feed = make_feed(tmp_path)
    put(feed, "stock-1.csv", f"{header}\nsku,location,quantity,version,seen_at\nA,,1,1,\n")

    (page,) = read_all(feed, "stock")

    assert [problem.code for problem in page.problems] == ["no_snapshot_header"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", b"\xef\xbb\xbf" + sales_file(sale_row(sku="奶粉-1")).replace("\n", "\r\n").encode())

    (page,) = read_all(feed)

    assert [item.sku for item in page.items] == ["奶粉-1"]
    assert page.problems == ()


def test_a_truncated_file_waits_and_is_then_set_aside(tmp_path):
    feed = make_feed(tmp_path)
    whole = sales_file(*map(sale_row, range(50)))
    path = put(feed, "sales-1.csv", whole)
    path.write_text(whole[: len(whole) // 2])

    assert feed.orders().batch is None

    feed.now = lambda: datetime.now(UTC) + LATER
    (page,) = read_all(feed)
    assert [problem.code for problem in page.problems] == ["checksum_mismatch"]
    assert page.items == ()
    assert "sales-1.csv" in names(feed.inbox.quarantine)


def test_a_file_without_a_checksum_waits_and_is_then_set_aside(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", sales_file(sale_row()), checksum=False)
    assert feed.orders().batch is None

    feed.now = lambda: datetime.now(UTC) + LATER
    assert [problem.code for problem in feed.orders().problems] == ["no_checksum"]


def test_where_checksums_are_optional_a_settled_file_is_taken(tmp_path):
    feed = make_feed(tmp_path, checksum_required=False)
    put(feed, "sales-1.csv", sales_file(sale_row()), checksum=False)
    assert feed.orders().batch is None

    feed.now = lambda: datetime.now(UTC) + LATER
    assert len(feed.orders().items) == 1


def test_a_file_that_changes_while_it_is_read_is_left_for_later(tmp_path, monkeypatch):
    feed = make_feed(tmp_path)
    path = put(feed, "sales-1.csv", sales_file(sale_row()))
    from omni.connectors import feed_files

    copy = feed_files._copy

    def copy_while_it_grows(*paths):
        answer = copy(*paths)
        with path.open("a") as file:
            file.write(sale_row(2) + "\n")
        return answer

    monkeypatch.setattr(feed_files, "_copy", copy_while_it_grows)
    with pytest.raises(NotReady):
        feed.inbox.take("sales-1.csv", at=feed.now())
    assert feed.orders().batch is None
    assert names(feed.layout.from_channel) == {"sales-1.csv"}


def test_what_changes_after_the_copy_is_not_archived_unread(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "sales-1.csv", sales_file(sale_row(1)))
    page = feed.orders()
    put(feed, "sales-1.csv", sales_file(sale_row(1), sale_row(2)))

    feed.acknowledge(page)

    assert [item.order_id for item in feed.orders().items] == ["T1-1", "T1-2"]


def test_a_reader_never_sees_half_of_what_a_writer_writes(tmp_path):
    feed, stop = make_feed(tmp_path), threading.Event()
    row = ("T", "1", "MILK", "", 1, 1, "USD", datetime.now(UTC), None)

    def write():
        for number in range(40):
            rows = ((f"T{number}-{line}", *row[1:]) for line in range(500))
            write_csv(feed.layout.from_channel, f"sales-{number:03d}.csv", list(SALES.columns), rows, {})
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen, deadline = [], time.monotonic() + 60
    while time.monotonic() < deadline and not (stop.is_set() and not feed.inbox.pending("sales")):
        for page in read_all(feed):
            assert len(page.items) == 500
            assert page.problems == ()
            seen += [item.key for item in page.items]
    writer.join()
    assert len(seen) == len(set(seen)) == 20_000


def test_a_writer_that_dies_leaves_nothing_to_read(tmp_path):
    def rows():
        yield ("A", None, 1, 1, None)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_csv(tmp_path, "stock-1.csv", list(STOCK_OUT.columns), rows(), {})

    assert os.listdir(tmp_path) == []


def test_two_hundred_thousand_rows_stream_in_pages(tmp_path):
    feed = make_feed(tmp_path)
    rows = "\n".join(f"SKU-{number},S1,{number % 7},1," for number in range(200_000))
    put(feed, "stock-1.csv", f"{STOCK_HEADER}\n{rows}\n")
    start, count, cursor, last = time.monotonic(), 0, None, None

    while last is None or not last.batch.complete:
        last = feed.stock(cursor=cursor)
        assert len(last.items) <= 10_000
        cursor, count = last.next_cursor, count + len(last.items)

    assert count == 200_000
    assert time.monotonic() - start < 60


def test_one_row_more_is_refused_as_a_whole(tmp_path):
    feed = make_feed(tmp_path)
    put(feed, "stock-1.csv", f"{STOCK_HEADER}\n" + "A,S1,1,1,\n" * 200_001)

    page = feed.stock()

    assert [problem.code for problem in page.problems] == ["too_many_rows"]


def test_reading_goes_on_in_mid_file_after_a_restart(tmp_path):
    feed = make_feed(tmp_path, page_rows=10)
    put(feed, "sales-1.csv", sales_file(*map(sale_row, range(25))))
    first = feed.orders()

    second = make_feed(tmp_path, page_rows=10).orders(first.next_cursor)
    last = make_feed(tmp_path, page_rows=10).orders(second.next_cursor)

    keys = [item.order_id for page in (first, second, last) for item in page.items]
    assert keys == [f"T1-{number}" for number in range(25)]
    assert (first.has_more, second.has_more, last.has_more) == (True, True, False)
    assert last.batch.complete


def test_a_duplicate_is_found_across_pages(tmp_path):
    feed = make_feed(tmp_path, page_rows=10)
    put(feed, "sales-1.csv", sales_file(*map(sale_row, range(12)), sale_row(0)))

    pages = read_all(feed)

    assert [problem.row for page in pages for problem in page.problems] == [14]


def test_a_stock_file_is_written_whole_and_only_once_for_a_key(tmp_path):
    feed, key = make_feed(tmp_path), uuid4()
    write = StockWrite(ListingRef("A", "A", "S1"), target=4, version=9, if_version="17")

    results = feed.write_stock([write], key)
    feed.write_stock([write], key)

    assert [(result.outcome, result.version) for result in results] == [("accepted", 9)]
    (name,) = names(feed.layout.to_channel)
    (row,) = Reader(feed.layout.to_channel / name, STOCK_OUT)
    assert row.values == {"sku": "A", "location": "S1", "quantity": 4, "version": 9, "if_version": "17"}
    checksum = (feed.layout.to_channel / f"{name}.sha256").read_text().split()[0]
    assert checksum == hashlib.sha256((feed.layout.to_channel / name).read_bytes()).hexdigest()


def test_a_channel_that_never_fetches_its_files_does_not_fill_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("omni.connectors.feed.MOST_UNREAD", 3)
    feed = make_feed(tmp_path)
    for _number in range(3):
        feed.write_stock([StockWrite(ListingRef("A", "A"), 1, 1)], uuid4())

    with pytest.raises(Transient) as refused:
        feed.write_stock([StockWrite(ListingRef("A", "A"), 1, 2)], uuid4())

    assert refused.value.code == "not_fetched"
    assert not feed.check().ok


def test_the_archive_does_not_grow_for_ever(tmp_path):
    inbox = Inbox(tmp_path / "in", tmp_path)
    inbox.archive.mkdir()
    for number in range(20):
        path = inbox.archive / f"sales-{number}.csv"
        path.touch()
        os.utime(path, (1_700_000_000 + number * 86_400,) * 2)

    inbox.prune(at=datetime.fromtimestamp(1_700_000_000 + 19 * 86_400, UTC), days=9, most=5)

    assert names(inbox.archive) == {f"sales-{number}.csv" for number in range(15, 20)}


def test_old_files_go_when_new_ones_are_archived(tmp_path):
    feed = make_feed(tmp_path, archive_days=9)
    feed.inbox.archive.mkdir()
    old = feed.inbox.archive / "sales-0.csv"
    old.touch()
    os.utime(old, (1_700_000_000, 1_700_000_000))
    put(feed, "sales-1.csv", sales_file(sale_row()))

    read_all(feed)

    assert names(feed.inbox.archive) == {"sales-1.csv"}


def test_test_connection_tells_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")

    health = make_health(tmp_path / "file" / "account")

    assert not health.ok
    assert "cannot be written" in health.sentence


def make_health(folder):
    return connect("feed", {"folder": str(folder)}, {}).check()


@pytest.mark.parametrize("folder", ["../other", "/etc", "", "a/../../b"])
def test_an_account_cannot_reach_outside_the_root(tmp_path, folder):
    with pytest.raises(Misconfigured) as refused:
        connect("feed", {"folder": folder, "root": str(tmp_path)}, {})

    assert refused.value.field == "folder"


def test_every_problem_has_a_sentence():
    assert all(describe(code, field="quantity", value="x") for code in SENTENCES)
    assert describe("a code from tomorrow") == "a code from tomorrow"


UNPRINTABLE = ("Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Co", "Cn")
CODES = st.text(st.characters(codec="utf-8", exclude_categories=UNPRINTABLE), min_size=1, max_size=64)
ROWS = st.text(max_size=400).map(lambda text: f"{SALES_HEADER}\n{text}".encode("utf-8", "replace"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    writes=st.lists(
        st.builds(
            StockWrite,
            ref=st.builds(lambda sku, place: ListingRef(sku, sku, place), CODES, st.none() | CODES),
            target=st.integers(0, 2_147_483_647),
            version=st.integers(0, 10**15),
            if_version=st.none() | CODES,
        ),
        max_size=20,
        unique_by=lambda write: (write.ref.sku, write.ref.location),
    )
)
def test_what_is_written_is_what_is_read(tmp_path, writes):
    feed = make_feed(tmp_path / uuid4().hex)
    feed.write_stock(writes, uuid4())

    (name,) = names(feed.layout.to_channel)
    taken = Inbox(feed.layout.to_channel, tmp_path / "peer").take(name, at=feed.now())
    rows = list(Reader(taken.path, STOCK_OUT))

    assert all(isinstance(row, Row) for row in rows)
    assert [tuple(row.values.values()) for row in rows] == [
        (write.ref.sku, write.ref.location, write.target, write.version, write.if_version) for write in writes
    ]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(junk=st.binary(max_size=400) | ROWS)
def test_no_file_whatever_breaks_the_reader(tmp_path, junk):
    feed = make_feed(tmp_path / uuid4().hex)
    put(feed, "sales-1.csv", junk)

    pages = read_all(feed)

    assert names(feed.layout.from_channel) == set()
    assert all(isinstance(item, RemoteSale) for page in pages for item in page.items)


def test_a_line_break_in_a_title_stays_one_row(tmp_path):
    feed = make_feed(tmp_path)

    feed.write_listings([ListingWrite("A", 'Two\nlines, "quoted"', price_minor=100, currency="MYR")])

    (name,) = names(feed.layout.to_channel)
    put(feed, "listings-1.csv", (feed.layout.to_channel / name).read_bytes())
    assert feed.listings().items[0].title == 'Two lines, "quoted"'
