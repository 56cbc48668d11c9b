"""Locations from files: with groups that are made and channels that must be there."""

import pytest

from omni.models import Location, LocationGroup
from tests.factories.files import apply_file, check_file, csv_file, export_file, undo_file, wrong_cells
from tests.factories.inventory import make_stock
from tests.factories.omni import make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db
HEADER = ["code", "name", "group", "latitude", "longitude", "time_zone", "country", "channels", "kind"]
MITTE = ["mitte", "Berlin Mitte", "North", "52.52", "13.404954", "Europe/Berlin", "de", "web till", "Store"]


@pytest.fixture
def office():
    make_channel("web")
    make_channel("till")
    return make_staff("head_office")


def everything():
    fields = ("code", "name", "group__name", "latitude", "longitude", "time_zone", "country", "channels__code", "kind")
    return sorted(Location.objects.values_list(*fields), key=str), sorted(LocationGroup.objects.values_list("name"))


def test_a_row_makes_a_location_with_its_group_and_its_channels(office):
    done = apply_file(check_file("locations", csv_file(HEADER, [MITTE]), by=office))

    made = Location.objects.get(code="mitte")
    assert done.counts["done"] == 1
    assert (made.group.name, str(made.latitude), made.country, made.kind) == ("North", "52.520000", "DE", "store")
    assert sorted(made.channels.values_list("code", flat=True)) == ["till", "web"]


def test_undo_leaves_every_row_as_it_was(office):
    apply_file(check_file("locations", csv_file(HEADER, [MITTE]), by=office))
    before = everything()
    changed = ["mitte", "Mitte", "South", "", "", "UTC", "", "web", "warehouse"]
    fresh = ["nord", "Nord", "East", "", "", "UTC", "", "till", "store"]
    done = apply_file(check_file("locations", csv_file(HEADER, [changed, fresh]), by=office))
    assert everything() != before

    assert undo_file(done).problem == {}
    assert everything() == before


def test_undo_is_refused_when_stock_lies_at_a_new_location(office):
    done = apply_file(check_file("locations", csv_file(HEADER, [MITTE]), by=office))
    make_stock(location=Location.objects.get(), on_hand=1)

    assert undo_file(done).problem == {"code": "later_moves", "rows": "2"}


def test_every_wrong_cell_is_named(office):
    rows = [
        (["a b", "A", "", "", "", "UTC", "", "", "store"], {"code": "not_a_code"}),
        (["b", "", "", "", "", "UTC", "", "", "store"], {"name": "blank"}),
        (["c", "C", "", "91", "0", "UTC", "", "", "store"], {"latitude": "too_large"}),
        (["d", "D", "", "1", "", "UTC", "", "", "store"], {"latitude": "half_coordinates"}),
        (["e", "E", "", "", "", "Mars", "", "", "store"], {"time_zone": "not_a_time_zone"}),
        (["f", "F", "", "", "", "UTC", "ZZZ", "", "store"], {"country": "not_a_country"}),
        (["g", "G", "", "", "", "UTC", "", "fax", "store"], {"channels": "unknown_channel"}),
        (["h", "H", "", "", "", "UTC", "", "", "kiosk"], {"kind": "not_a_choice"}),
    ]

    found = wrong_cells(check_file("locations", csv_file(HEADER, [row for row, _why in rows]), by=office))

    assert found == {number: why for number, (_row, why) in enumerate(rows, start=2)}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_imports_unchanged(office, form):
    apply_file(check_file("locations", csv_file(HEADER, [MITTE]), by=office))
    make_location("south", latitude="-33.868820", longitude="0", name="=South", street="+1 Road")

    sent = check_file("locations", export_file("locations", by=office, form=form), by=office)

    assert (sent.problem, sent.counts["same"]) == ({}, 2)
