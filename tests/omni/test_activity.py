"""News and audit: each row is chained once and handed to each subscriber once, whatever happens."""

from datetime import UTC, datetime, timedelta

import pytest

from omni import activity
from omni.models import Activity, ActivityDelivery, ActivityLink

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db
heard: list[int] = []


def listen(news, *, at):
    heard.append(news.pk)


def fail(news, *, at):
    heard.append(news.pk)
    raise RuntimeError("not today")


@pytest.fixture(autouse=True)
def subscribers(settings):
    heard.clear()
    settings.ACTIVITY_SUBSCRIBERS = {"ears": ("till.", f"{__name__}.listen")}


def test_a_reference_names_the_kind_and_the_public_id_of_a_row():
    link = ActivityLink(pk=7)

    assert activity.ref("basket:41") == "basket:41"
    assert activity.ref(link) == "activitylink:7"


def test_news_reaches_only_who_asked_for_it_and_only_once():
    sold = activity.record("till.sold", subject="basket:1", at=NOON)
    activity.record("work.opened", subject="workitem:1", at=NOON)

    for _again in range(3):
        activity.relay(at=NOON)
        activity.deliver(at=NOON)

    assert heard == [sold.pk]


def test_a_subscriber_that_fails_is_asked_again_later_and_the_reason_is_kept(settings):
    settings.ACTIVITY_SUBSCRIBERS = {"ears": ("till.", f"{__name__}.fail")}
    activity.record("till.sold", subject="basket:1", at=NOON)
    activity.relay(at=NOON)

    assert activity.deliver(at=NOON) == 0
    assert activity.deliver(at=NOON) == 0, "not before its time"

    delivery = ActivityDelivery.objects.get()
    assert (delivery.attempts, delivery.done_at) == (1, None)
    assert "not today" in delivery.last_error
    settings.ACTIVITY_SUBSCRIBERS = {"ears": ("till.", f"{__name__}.listen")}
    assert activity.deliver(at=NOON + timedelta(minutes=1)) == 1


def test_news_that_never_gets_through_is_given_up_after_twelve_tries(settings):
    settings.ACTIVITY_SUBSCRIBERS = {"ears": ("till.", f"{__name__}.fail")}
    activity.record("till.sold", subject="basket:1", at=NOON)
    activity.relay(at=NOON)

    for day in range(20):
        activity.deliver(at=NOON + timedelta(days=day))

    delivery = ActivityDelivery.objects.get()
    assert (delivery.attempts, delivery.next_try_at) == (12, None)


def test_the_chain_is_whole_until_somebody_edits_a_row():
    rows = [activity.record("till.sold", subject=f"basket:{n}", at=NOON, units=n) for n in range(4)]
    activity.relay(at=NOON)

    assert activity.first_broken_link() is None
    forged = activity.digest_of(Activity(**{**vars_of(rows[1]), "data": {"units": 9}}), first_digest())
    assert forged != ActivityLink.objects.get(activity=rows[1]).digest


def vars_of(row: Activity) -> dict:
    row.refresh_from_db()
    return {field.attname: getattr(row, field.attname) for field in Activity._meta.concrete_fields}


def first_digest() -> str:
    return ActivityLink.objects.order_by("pk").first().digest


def test_a_link_that_was_rewritten_is_named():
    rows = [activity.record("till.sold", subject=f"basket:{n}", at=NOON) for n in range(3)]
    activity.relay(at=NOON)

    ActivityLink.objects.filter(activity=rows[1]).update(digest="0" * 64)

    assert activity.first_broken_link() == rows[1].pk
