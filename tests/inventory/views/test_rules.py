"""Stock rules in the browser's words: first seen, then done."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inventory.models import ChannelBuffer, SafetyStockRule
from inventory.services import rules
from tests.factories.inventory import make_category, make_listing, make_stock, make_variant
from tests.factories.omni import make_account, make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, settings):
    settings.DEMO = True  # no second factor
    staff = make_staff("head_office")
    client.force_login(staff)
    return staff


@pytest.fixture
def milk():
    """20 units of milk in one store, shown by a web shop."""
    place, variant = make_location(), make_variant("1029743", category=make_category("dairy"))
    make_stock(variant=variant, location=place, on_hand=20, at=timezone.now() - timedelta(days=2))
    make_listing(variant, account=make_account(channel=make_channel("web", locations=[place])))
    return variant


def hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"')[0]


def test_a_rule_is_seen_before_it_is_added(client, office, milk):
    there, said = reverse("rule_add", args=["safety"]), {"name": "Dairy", "units": "6", "category": "dairy"}

    page = client.post(there, said).content.decode()
    assert "Add it, change 1 listing" in page
    assert not SafetyStockRule.objects.exists()

    answer = client.post(there, {**said, "confirm": "1", "seen": hidden(page, "seen")})
    assert answer.url == reverse("rules")
    assert SafetyStockRule.objects.get().units == 6
    assert "Dairy" in client.get(reverse("rules")).content.decode()


def test_what_was_changed_after_it_was_seen_is_shown_again(client, office, milk):
    there, said = reverse("rule_add", args=["safety"]), {"name": "Dairy", "units": "6"}
    seen = hidden(client.post(there, said).content.decode(), "seen")

    answer = client.post(there, {**said, "units": "600", "confirm": "1", "seen": seen})

    assert answer.status_code == 200
    assert not SafetyStockRule.objects.exists()


def test_a_buffer_asks_for_units_or_percent(client, office, milk):
    channel = ChannelBuffer._meta.get_field("channel").remote_field.model.objects.get(code="web")
    there = reverse("rule_add", args=["buffer"])
    both = {"name": "Web", "channel": channel.pk, "units": "1", "percent": "10"}

    refused = client.post(there, both)
    assert refused.status_code == 422
    assert "not both" in refused.content.decode()

    said = {"name": "Web", "channel": channel.pk, "percent": "10"}
    seen = hidden(client.post(there, said).content.decode(), "seen")
    client.post(there, {**said, "confirm": "1", "seen": seen})
    assert "10" in client.get(reverse("buffers")).content.decode()
    assert ChannelBuffer.objects.get().percent == 10


def test_a_rule_is_ended_after_seeing_what_comes_back(client, office, milk):
    past = timezone.now() - timedelta(days=1)
    rule = rules.add_safety_stock(name="Dairy", units=6, by=None, at=past)
    there = reverse("rule_end", args=["safety", rule.pk])

    page = client.post(there, {"ends_at": ""}).content.decode()
    assert "End it, change 1 listing" in page
    client.post(there, {"ends_at": "", "confirm": "1", "seen": hidden(page, "seen")})

    rule.refresh_from_db()
    assert rule.ends_at <= timezone.now()
    assert client.post(there, {"ends_at": ""}).status_code == 422


def test_a_rule_of_the_past_is_refused_with_a_sentence(client, office):
    said = {"name": "Old", "units": "1", "starts_at": "2020-01-01T00:00"}
    answer = client.post(reverse("rule_add", args=["safety"]), said)
    assert answer.status_code == 422
    assert "what held in the past stays" in answer.content.decode()


def test_an_unknown_kind_is_not_there(client, office):
    assert client.get(reverse("rule_add", args=["magic"])).status_code == 404
    assert client.get(reverse("rule_end", args=["safety", 999])).status_code == 404


def test_a_name_that_is_a_script_shows_as_text(client, office, milk):
    past = timezone.now() - timedelta(days=1)
    rule = rules.add_safety_stock(name="<script>x</script>", units=1, by=None, at=past)
    for address in (reverse("rules"), reverse("rule_end", args=["safety", rule.pk])):
        page = client.get(address).content.decode()
        assert "<script>x" not in page
        assert "&lt;script&gt;x" in page


def test_who_may_not_change_rules_sees_them_without_ways_to(client):
    client.force_login(make_staff("online_staff"))
    rule = rules.add_safety_stock(name="Dairy", units=1, by=None, at=timezone.now() - timedelta(days=1))

    page = client.get(reverse("rules")).content.decode()
    assert "Dairy" in page
    assert reverse("rule_end", args=["safety", rule.pk]) not in page
    assert client.post(reverse("rule_add", args=["safety"]), {"name": "X", "units": "1"}).status_code == 403
