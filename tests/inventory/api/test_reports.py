import base64
import hashlib
import hmac
import json

import pytest
from django.test import Client

from inventory.models import Discrepancy, ReconciliationRun
from inventory.services import reconciliation, reports
from omni.models import InboundEvent, JobRun
from tests.factories.exchange import no_guard
from tests.factories.inventory import make_listing
from tests.factories.omni import NOON, make_account, make_channel
from tests.omni.api.helpers import caller_of

URL = "/api/v1/channels/web/stock-reports/"
REPORT = {
    "report_id": "r-1", "taken_at": "2026-03-02T12:00:00Z", "full": False, "lines": [{"sku": "TEA-250", "quantity": 4}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("omni.queue.nudge", lambda job: None)


@pytest.fixture
def account(shelf):
    web = shelf.location.channels.get(code="web")
    account = make_account(channel=web, code="shop")
    make_listing(shelf.variant, account=account)
    return account


def test_a_report_is_kept_and_compared_later(writer, account):
    response = writer.post(URL, REPORT)

    assert response.status_code == 202
    assert response.json() == {"report_id": "r-1", "state": "accepted", "lines": 1}
    assert InboundEvent.objects.get().event_id == "report:r-1"
    assert JobRun.objects.get(task="inventory.read_report").arguments == {"event": InboundEvent.objects.get().pk}


def test_what_differs_becomes_a_discrepancy(writer, account):
    writer.post(URL, REPORT)
    event = InboundEvent.objects.get()

    assert reports.read_report(event=event, at=NOON, keep_going=no_guard) == 1
    run = ReconciliationRun.objects.get()
    reconciliation.compare(run=run, at=NOON, keep_going=no_guard)
    found = Discrepancy.objects.get()
    assert (found.ours, found.theirs) == (10, 4)
    assert reports.read_report(event=event, at=NOON, keep_going=no_guard) == 0


def test_a_report_waits_for_the_comparison_before_it(writer, account):
    writer.post(URL, REPORT)
    ReconciliationRun.objects.create(account=account, full=True, started_at=NOON)

    with pytest.raises(reports.Busy):
        reports.read_report(event=InboundEvent.objects.get(), at=NOON, keep_going=no_guard)


def test_the_same_report_is_compared_once_and_another_of_its_name_refused(writer, account):
    writer.post(URL, REPORT)

    assert writer.post(URL, REPORT).json()["state"] == "repeated"
    other = writer.post(URL, {**REPORT, "lines": [{"sku": "TEA-250", "quantity": 5}]})
    assert (other.status_code, other.json()["code"]) == (409, "report_id_reused")
    assert InboundEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"lines": []},
        {"lines": REPORT["lines"] * 2},
        {"lines": [{"sku": "TEA-250", "quantity": 1.5}]},
        {"taken_at": "2126-01-01T00:00:00Z"},
        {"taken_at": "2026-03-02T12:00:00"},
        {"full": "true"},
        {"channel": "web"},
    ],
)
def test_a_report_that_does_not_fit_is_refused(writer, account, change):
    assert writer.post(URL, {**REPORT, **change}).status_code == 400
    assert not InboundEvent.objects.exists()


def test_a_channel_or_account_that_is_not_known_is_422(writer, account):
    assert writer.post("/api/v1/channels/fax/stock-reports/", REPORT).json()["code"] == "unknown_channel"
    make_account(channel=account.channel, code="second")
    assert writer.post(URL, REPORT).json()["code"] == "unknown_account"
    assert writer.post(URL, {**REPORT, "account": "second"}).status_code == 202


def test_a_key_reports_for_its_own_channel_only(reader, account):
    till = caller_of("channels:report", account=make_account(channel=make_channel("till")))

    assert till.post(URL, REPORT).json()["code"] == "other_channel"
    assert reader.post(URL, REPORT).status_code == 403


SECRET = "hush"


@pytest.fixture
def shop(db):
    config = {"url": "http://127.0.0.1:9/admin-api", "username": "u"}
    secrets = {"password": "p", "webhook_secret": SECRET}
    return make_account(kind="vendure", channel=make_channel("shop"), config=config, secrets=secrets)


def hint(account, event: dict, secret: str = SECRET):
    body = json.dumps(event).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return Client().post(
        f"/api/v1/inbound/{account.public_id}/", body, content_type="application/json",
        headers={"x-signature": signature, "authorization": "Basic c2VjcmV0"},
    )  # fmt: skip


EVENT = {"id": "e-1", "type": "order.placed", "at": "2026-03-02T12:00:00Z", "data": {"note": "4111 1111 1111 1111"}}


def test_a_signed_hint_is_kept_once_and_the_shop_is_read_again(shop):
    first, again = hint(shop, EVENT), hint(shop, EVENT)

    assert (first.status_code, first.json()) == (200, {"state": "accepted"})
    assert again.json() == {"state": "repeated"}
    event = InboundEvent.objects.get()
    assert b"4111 1111" not in bytes(event.body)
    assert "Basic" not in str(event.headers)
    assert JobRun.objects.filter(task="inventory.exchange").count() == 1


@pytest.mark.parametrize("secret", ["", "another", "hush "])
def test_a_forged_hint_is_401_and_nothing_is_kept(shop, secret):
    response = hint(shop, EVENT, secret)

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert not InboundEvent.objects.exists()
    assert not JobRun.objects.exists()


def test_an_account_without_a_secret_takes_no_hint(shop):
    shop.secrets = {"password": "p"}
    shop.save()

    assert hint(shop, EVENT, "").status_code == 401


def test_nobody_listens_for_an_account_that_is_none_or_takes_no_webhooks(shop, account):
    shop.public_id = "NOBODY"
    assert hint(shop, EVENT).status_code == 404
    assert hint(account, EVENT).status_code == 404
