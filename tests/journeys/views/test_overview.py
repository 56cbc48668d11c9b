"""Overview and campaigns, as people see them."""

from datetime import date

import pytest
from django.urls import reverse

from journeys.models import Campaign, CampaignTarget, Redemption
from tests.factories.journeys import make_sales_day
from tests.factories.omni import make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db
MARCH = {"period": "custom", "from": "2026-03-02", "to": "2026-03-08"}


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


def page(client, staff, name, *args, **query):
    client.force_login(staff)
    return client.get(reverse(name, args=args), query)


def test_head_office_sees_every_store_and_a_manager_their_own(client):
    mine, theirs, tills = make_location(name="Mine"), make_location(name="Theirs"), make_channel("tills")
    for store in (mine, theirs):
        make_sales_day(store, tills, date(2026, 3, 3), paid_minor=123_400)

    everything = page(client, make_staff("head_office"), "overview", **MARCH).content.decode()
    own = page(client, make_staff("store_manager", locations=[mine]), "overview", **MARCH).content.decode()

    assert "$2,468" in everything
    assert "Theirs" in everything
    assert "$1,234" in own
    assert "Theirs" not in own


def test_an_empty_installation_says_so_and_does_not_fail(client):
    answer = page(client, make_staff("head_office"), "overview")

    assert answer.status_code == 200
    assert "Nothing was sold in these weeks." in answer.content.decode()


@pytest.mark.parametrize("query", [{"period": "x"}, {"period": "custom", "from": "tomorrow"}, {"currency": "QQQ"}])
def test_an_address_that_cannot_be_read_shows_the_last_week(client, query):
    assert page(client, make_staff("head_office"), "overview", **query).status_code == 200


def test_days_the_wrong_way_round_are_refused_in_words(client):
    answer = page(client, make_staff("head_office"), "overview", **{**MARCH, "to": "2026-03-01"})

    assert "The last day lies before the first." in answer.content.decode()


@pytest.mark.parametrize("figure", ["sales", "baskets", "average", "in_step"])
def test_every_figure_says_what_it_means(client, figure):
    make_sales_day(make_location(), make_channel("tills"), date(2026, 3, 3))

    assert page(client, make_staff("head_office"), "overview_why", figure, **MARCH).status_code == 200


def test_the_rows_behind_a_figure_can_be_taken_out_as_a_file(client):
    make_sales_day(make_location(name="Mine"), make_channel("tills"), date(2026, 3, 3), paid_minor=1234)

    answer = page(client, make_staff("head_office"), "overview_days", export="csv", since="2026-03-02")

    assert b"Mine" in b"".join(answer.streaming_content)


def test_a_campaign_shows_its_rate_with_n_and_interval_and_claims_no_lift(client):
    campaign = Campaign.objects.create(
        code="c-1", name="Spring", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 20), cut_off=True, coupons=4
    )
    for home in range(50):
        CampaignTarget.objects.create(campaign=campaign, customer_ref=f"household:{home}")
    for day in (3, 4):
        Redemption.objects.create(
            campaign=campaign, customer_ref="household:7", coupon="1", redeemed_on=date(2026, 3, day)
        )

    listed = page(client, make_staff("marketing"), "campaigns").content.decode()
    shown = page(client, make_staff("marketing"), "campaign", campaign.public_id).content.decode()

    assert "2.0 %" in listed
    assert "[0.4–10.5], n 50" in listed
    assert "cut off" in listed
    assert "no control group" in shown
    assert page(client, make_staff("store_staff"), "campaigns").status_code == 403
