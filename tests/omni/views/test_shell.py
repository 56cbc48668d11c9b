import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from omni import navigation
from omni.access import ROLES
from omni.models import LoadedData
from omni.navigation import page_exists, sections_for
from omni.services.work import close_work, open_work
from tests.factories.omni import make_location, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


@pytest.mark.parametrize("role", sorted(ROLES))
def test_home_leads_each_role_to_a_page_that_it_may_open(client, role):
    staff = make_staff(role, locations=[make_location()])
    client.force_login(staff)

    first = client.get("/")

    wanted = ROLES[role].home
    if page_exists(wanted):
        assert first.url == reverse(wanted)
    assert first.status_code in (200, 302)


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("page", ["help", "about_data", "preferences", "search", "alerts"])
def test_everybody_opens_the_common_pages(client, role, page, django_assert_max_num_queries):
    client.force_login(make_staff(role, locations=[make_location()]))

    with django_assert_max_num_queries(12):
        response = client.get(reverse(page))

    assert response.status_code == 200
    assert b"style=" not in response.content
    assert b"onclick" not in response.content


@pytest.mark.parametrize("role", sorted(ROLES))
def test_navigation_and_palette_hide_what_a_role_may_not_see(client, role):
    staff = make_staff(role)
    client.force_login(staff)

    page = client.get("/help/").content.decode()
    found = client.get("/search/", headers={"HX-Request": "true"}).content.decode()

    shown = re.findall(r'class="o-nav-item" href="([^"]+)"', page)
    assert shown == [reverse(section.url_name) for section in sections_for(staff)]
    for section in navigation.SECTIONS:
        if page_exists(section.url_name) and not staff.has_perm(section.right):
            assert f'href="{reverse(section.url_name)}"' not in found
    for action in navigation.ACTIONS:
        if page_exists(action.url_name) and action.right and not staff.has_perm(action.right):
            assert f'href="{reverse(action.url_name)}"' not in found


def test_search_finds_only_places_that_one_may_see(client):
    mine, other = make_location("mine", name="Harbour one"), make_location("other", name="Harbour two")
    client.force_login(make_staff("store_staff", locations=[mine]))

    hits = client.get("/search/", {"q": "harbour"}, headers={"HX-Request": "true"}).content.decode()

    assert other.name not in hits
    assert (mine.name in hits) is page_exists("stock")


def test_the_switcher_keeps_the_store_in_the_url(client):
    make_location("east"), make_location("west")
    client.force_login(make_staff("administrator"))

    page = client.get("/settings/", {"store": "west", "after": "x"}).content.decode()

    assert 'href="/settings/?store=east"' in page
    assert re.search(r'class="o-nav-item" href="/settings/\?store=west"', page)
    assert re.search(r'href="/settings/"[^>]*>All stores', page)


def test_store_people_cannot_switch_to_a_store_that_is_not_theirs(client):
    mine = make_location("mine", name="My store")
    make_location("other", name="Other store")
    client.force_login(make_staff("store_staff", locations=[mine]))

    page = client.get("/help/", {"store": "other"}).content.decode()

    assert "Other store" not in page
    assert "My store" in page


def test_the_band_names_the_data_that_figures_rest_on(client):
    client.force_login(make_staff("marketing"))
    assert b"o-band" not in client.get("/help/").content

    LoadedData.objects.create(
        code="x", title="A real grocer", source="s", licence="CC0", shift_weeks=465, finished_at=timezone.now()
    )

    assert b"A real grocer" in client.get("/help/").content


def test_the_bell_is_silent_until_new_work_comes_and_rings_then(client):
    place = make_location()
    client.force_login(make_staff("store_staff", locations=[place]))
    known = mark_of(client.get("/bell/"))
    assert client.get("/bell/", {"known": known}).status_code == 204

    item = open_work("test", subject="thing:1", url="/", at=timezone.now(), location=place)
    rings = client.get("/bell/", {"known": known})

    assert rings.status_code == 200
    assert '"ring": true' in rings.headers["HX-Trigger"]
    assert client.get("/bell/", {"known": mark_of(rings)}).status_code == 204
    client.get("/alerts/")
    seen = client.get("/bell/", {"known": mark_of(rings)})
    assert '"new": 0' in seen.headers["HX-Trigger"]
    close_work("test", subject="thing:1", at=timezone.now())
    assert item.public_id not in client.get("/alerts/").content.decode()


def test_the_work_of_another_store_rings_no_bell_here(client):
    client.force_login(make_staff("store_staff", locations=[make_location()]))
    known = mark_of(client.get("/bell/"))

    open_work("test", subject="thing:1", url="/", at=timezone.now() - timedelta(hours=1), location=make_location())

    assert client.get("/bell/", {"known": known}).status_code == 204


def mark_of(response) -> str:
    return re.search(r"known=([^\"&]+)", response.content.decode())[1]


def test_preferences_change_language_theme_and_keys(client):
    staff = make_staff("store_staff")
    client.force_login(staff)

    client.post("/preferences/", {"language": "ms", "time_zone": "Asia/Singapore", "theme": "dark"})
    page = client.get("/help/").content.decode()

    assert 'lang="ms"' in page
    assert 'data-theme="dark" data-keys="off"' in page


def test_the_language_is_changed_before_signing_in_and_goes_nowhere_else(client):
    make_staff()
    back = client.post("/language/", {"language": "zh-hans", "next": "https://evil.example/"})

    assert back.url == "/"
    assert 'lang="zh-hans"' in client.get("/account/login/").content.decode()


def test_an_unknown_address_is_a_page_of_ours(client):
    client.force_login(make_staff("store_staff"))

    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert b"There is nothing here" in answer.content


def test_a_page_of_another_role_says_whom_to_ask(client):
    client.force_login(make_staff("store_staff"))

    answer = client.get("/settings/")

    assert answer.status_code == 403
    assert b"ask an administrator" in answer.content


def test_work_whose_page_one_may_not_open_is_not_offered(client):
    store = make_location()
    open_work("count", subject="count:1", url="/counts/1/", at=timezone.now(), location=store, name="Milk 1 l")

    client.force_login(make_staff("store_staff", locations=[store]))
    assert "Milk 1 l" in client.get("/alerts/").content.decode()
    client.force_login(make_staff("marketing"))
    assert "Milk 1 l" not in client.get("/alerts/").content.decode()


def test_what_was_loaded_is_said_in_sentences(client):
    LoadedData.objects.create(
        code="complete_journey", title="Grocer", source="s", licence="l", options={}, shift_weeks=1,
        summary={"stores": 2, "left_out_fuel": 17}, finished_at=timezone.now(),
    )  # fmt: skip
    client.force_login(make_staff("store_staff", locations=[make_location()]))

    page = client.get("/about-data/").content.decode()

    assert "lines left out of the ledger: fuel" in page
    assert "left_out_fuel" not in page
