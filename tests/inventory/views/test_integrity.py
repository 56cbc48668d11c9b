"""Head office sees whether the ledger is whole, checks it at once, and repairs what it saw before."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import StockLevel
from inventory.tasks import verify_ledger
from omni.models import Activity, ActivityLink, JobRun, WorkItem
from omni.services.work import open_work
from tests.factories.inventory import make_stock
from tests.factories.omni import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True  # the second factor is tested by itself


@pytest.fixture
def boss(client):
    staff = make_staff("head_office")
    client.force_login(staff)
    return staff


@pytest.fixture
def broken():
    level = make_stock(on_hand=10)
    StockLevel.objects.filter(pk=level.pk).update(on_hand=14)
    return level


def check(client) -> str:
    """Press the button, let the worker work, and read the page."""
    client.post("/settings/integrity/check/")
    for job in JobRun.objects.filter(state="pending"):
        verify_ledger(job.pk)
    return client.get("/settings/integrity/").content.decode()


def test_before_the_first_check_the_page_says_so_and_links_stand_in_the_navigation(client, boss):
    page = client.get("/settings/integrity/").content.decode()

    assert "Nothing was checked yet." in page
    assert 'href="/settings/integrity/" aria-current="page"' in page


def test_a_whole_ledger_is_said_to_be_whole(client, boss):
    make_stock(on_hand=3, reserved=1)

    page = check(client)

    assert page.count('o-ok">') >= 2
    assert "What was found" not in page


def test_a_running_check_is_shown_and_the_page_asks_until_it_is_over(client, boss):
    client.post("/settings/integrity/check/")

    part = client.get("/settings/integrity/", headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div id="integrity"')
    assert 'hx-trigger="every 2s"' in part
    assert "Check the ledger" in part


def test_a_finding_names_place_figures_and_cause_and_is_repaired_only_as_previewed(client, boss, broken):
    page = check(client)
    assert f"{broken.variant.sku} @ {broken.location.code}" in page
    assert "on_hand 10" in page
    assert "by a direct UPDATE" in page
    address = reverse("integrity_repair", args=["I1", broken.pk])
    assert f'href="{address}"' in page

    preview = client.get(address).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', preview)[1]
    StockLevel.objects.filter(pk=broken.pk).update(on_hand=15)
    late = client.post(address, {"seen": seen})
    assert (late.status_code, StockLevel.objects.get(pk=broken.pk).on_hand) == (409, 15)
    client.post(address, {"seen": re.search(r'name="seen" value="([^"]+)"', late.content.decode())[1]})

    assert StockLevel.objects.get(pk=broken.pk).on_hand == 10
    assert Activity.objects.get(verb="ledger.repaired").actor == boss
    assert client.get(address).status_code == 404
    assert "What was found" not in check(client)


def test_the_work_that_a_broken_ledger_opens_rings_for_head_office_and_its_address_opens(client, boss, broken):
    check(client)

    item = WorkItem.objects.open().get()

    assert "The ledger does not add up" in client.get("/alerts/").content.decode()
    assert client.get(item.url).status_code == 200


def test_an_audit_log_that_was_changed_is_said_to_be_changed(client, boss):
    entry = open_work("count", subject="x:1", url="/", at=timezone.now())
    said = Activity.objects.get(verb="work.opened", subject=f"workitem:{entry.public_id}")
    ActivityLink.objects.create(activity=said, digest="0" * 64)

    page = check(client)

    assert f"Entry {said.pk} is the first" in page
    assert WorkItem.objects.open().filter(kind="audit.broken", role="head_office").exists()


def test_who_may_not_repair_sees_no_button_and_gets_no_repair(client, broken):
    client.force_login(make_staff("store_manager", locations=[broken.location]))

    assert client.get("/settings/integrity/").status_code == 403
    assert client.post(reverse("integrity_repair", args=["I1", broken.pk])).status_code == 403
