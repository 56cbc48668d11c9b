"""Prices from files: lists with their currency and period, and the prices on them."""

import pytest

from inventory.models import Price, PriceList
from tests.factories.files import apply_file, check_file, csv_file, export_file, undo_file, wrong_cells
from tests.factories.inventory import make_variant
from tests.factories.omni import NOON, make_staff

pytestmark = pytest.mark.django_db
HEADER = ["price_list", "sku", "amount", "currency", "starts", "ends"]


@pytest.fixture
def office():
    return make_staff("head_office")


def prices():
    fields = ("price_list__code", "variant__sku", "amount_minor", "price_list__currency")
    return sorted(Price.objects.values_list(*fields))


def test_a_new_list_is_made_with_its_currency_and_its_period(office):
    make_variant("A")
    rows = [["web", "A", "4.99", "EUR", "2026-01-01", "2026-01-31"], ["japan", "A", "500", "JPY", "", ""]]

    apply_file(check_file("prices", csv_file(HEADER, rows), by=office))

    assert prices() == [("japan", "A", 500, "JPY"), ("web", "A", 499, "EUR")]
    web = PriceList.objects.get(code="web")
    assert (web.starts_at.isoformat(), web.ends_at.isoformat()) == (
        "2026-01-01T00:00:00+00:00",
        "2026-02-01T00:00:00+00:00",
    )


def test_undo_brings_back_amounts_periods_and_lists(office):
    for sku in "AB":
        make_variant(sku)
    kept = PriceList.objects.create(code="web", name="Web", currency="EUR", starts_at=NOON)
    Price.objects.create(price_list=kept, variant_id=make_variant("C").pk, amount_minor=100)
    rows = [["web", "A", "1", "EUR", "", ""], ["web", "C", "2", "EUR", "", ""], ["new", "B", "3", "USD", "", ""]]
    done = apply_file(check_file("prices", csv_file(HEADER, rows), by=office))
    assert prices() == [("new", "B", 300, "USD"), ("web", "A", 100, "EUR"), ("web", "C", 200, "EUR")]
    assert PriceList.objects.get(code="web").starts_at is None

    undone = undo_file(done)

    assert (undone.state, undone.problem) == ("undone", {})
    assert prices() == [("web", "C", 100, "EUR")]
    assert PriceList.objects.get().starts_at == NOON


def test_undo_is_refused_when_a_price_was_changed_since(office):
    make_variant("A")
    done = apply_file(check_file("prices", csv_file(HEADER, [["web", "A", "1", "EUR", "", ""]]), by=office))
    Price.objects.update(amount_minor=150)

    assert undo_file(done).problem == {"code": "later_moves", "rows": "2"}


def test_every_wrong_cell_is_named(office):
    for sku in "ABCDEFGH":
        make_variant(sku)
    for code in ("euro", "old"):
        PriceList.objects.create(code=code, name=code, currency="EUR")
    rows = [
        (["euro", "NONE", "1", "EUR", "", ""], {"sku": "unknown_sku"}),
        (["old", "A", "1", "USD", "", ""], {"currency": "other_currency"}),
        (["euro", "B", "1.999", "EUR", "", ""], {"amount": "too_precise"}),
        (["euro", "C", "-1", "EUR", "", ""], {"amount": "negative"}),
        (["euro", "D", "1,000.50", "EUR", "", ""], {"amount": "not_a_number"}),
        (["euro", "E", "1", "XXL", "", ""], {"currency": "not_a_currency"}),
        (["yen", "F", "1.5", "JPY", "", ""], {"amount": "too_precise"}),
        (["odd", "G", "1", "EUR", "2026-02-01", "2026-01-01"], {"ends": "backwards"}),
        (["euro", "H", "1", "EUR", "soon", ""], {"starts": "not_a_date"}),
    ]

    found = wrong_cells(check_file("prices", csv_file(HEADER, [row for row, _why in rows]), by=office))

    assert found == {number: why for number, (_row, why) in enumerate(rows, start=2)}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_imports_unchanged(office, form):
    lists = [
        PriceList.objects.create(code="eur", name="E", currency="EUR", starts_at=NOON),
        PriceList.objects.create(code="jpy", name="J", currency="JPY"),
        PriceList.objects.create(code="kwd", name="K", currency="KWD", ends_at=NOON),
    ]
    for number, amount in enumerate([0, 1, 10, 99999999, 123456]):
        for price_list in lists:
            variant = make_variant(f"V{number}{price_list.code}")
            Price.objects.create(price_list=price_list, variant=variant, amount_minor=amount)

    sent = check_file("prices", export_file("prices", by=office, form=form), by=office)

    assert (sent.problem, sent.counts["same"]) == ({}, 15)
