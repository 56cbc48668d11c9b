import re

import pytest
from django.test import Client
from django.urls import reverse

from omni.access import ROLES
from omni.models import (
    Activity,
    ApiKey,
    Channel,
    ConnectorAccount,
    Department,
    Flag,
    Location,
    RemoteLocationLink,
    Retailer,
    User,
)
from tests.factories.omni import make_account, make_channel, make_location, make_staff

pytestmark = pytest.mark.django_db
PASSWORD = "a long password 1"
LISTS = ["staff", "locations", "channels", "accounts", "keys", "jobs", "audit", "departments", "flags"]


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def administrator(client) -> User:
    """Signed in, and asked a moment ago whether it is really them."""
    staff = make_staff("administrator", password=PASSWORD)
    client.force_login(staff)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return staff


@pytest.mark.parametrize("name", LISTS)
def test_an_administrator_opens_every_list_with_few_questions(
    client, administrator, name, django_assert_max_num_queries
):
    make_staff("store_staff", locations=[make_location()])
    make_account(channel=make_channel(locations=[make_location()]))

    with django_assert_max_num_queries(12):
        response = client.get(reverse(f"settings_{name}"))

    assert response.status_code == 200
    assert b"style=" not in response.content


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator", "head_office", "online_staff"}))
@pytest.mark.parametrize("name", ["staff", "locations", "accounts", "keys", "flags"])
def test_others_do_not(client, role, name):
    client.force_login(make_staff(role))

    assert client.get(reverse(f"settings_{name}")).status_code == 403


def new_person(**changes):
    return {"username": "mei", "first_name": "Mei", "roles": ["store_staff"], **changes}


def test_somebody_is_added_with_a_password_for_one_use(client, administrator):
    place = make_location()

    answer = client.post("/settings/staff/add/", new_person(locations=[place.pk]))

    mei = User.objects.get(username="mei")
    once = re.search(r'class="o-secret">([^<]+)<', answer.content.decode())[1]
    assert (mei.roles, list(mei.locations.all()), mei.must_change_password) == ({"store_staff"}, [place], True)
    assert mei.check_password(once)
    assert Activity.objects.get(verb="staff.added").actor == administrator
    assert once not in str(list(Activity.objects.values_list("data", flat=True)))


def test_a_name_that_is_taken_is_refused_and_nobody_is_made(client, administrator):
    make_staff(username="mei")

    answer = client.post("/settings/staff/add/", new_person())

    assert answer.status_code == 422
    assert User.objects.filter(username="mei").count() == 1


def test_changing_rights_asks_who_one_is_once_more(client):
    client.force_login(make_staff("administrator", password=PASSWORD))

    answer = client.post("/settings/staff/add/", new_person())

    assert answer.url.startswith("/account/reauthenticate/")
    assert not User.objects.filter(username="mei").exists()


def test_nobody_promotes_themselves(client, administrator):
    answer = client.post(
        f"/settings/staff/{administrator.public_id}/", {"roles": ["administrator", "head_office"], "first_name": "A"}
    )

    assert answer.status_code == 422
    assert User.objects.get(pk=administrator.pk).roles == {"administrator"}


def test_roles_and_stores_of_others_change_and_the_audit_says_so(client, administrator):
    mei, place = make_staff("store_staff"), make_location()

    client.post(f"/settings/staff/{mei.public_id}/", {"roles": ["store_manager"], "locations": [place.pk]})

    mei = User.objects.get(pk=mei.pk)
    assert (mei.roles, list(mei.locations.all())) == ({"store_manager"}, [place])
    assert Activity.objects.get(verb="staff.changed").data == {
        "roles": ["store_manager"], "roles_before": ["store_staff"],
    }  # fmt: skip


def test_shutting_somebody_out_ends_their_session(client, administrator):
    mei, there = make_staff("store_staff"), Client()
    there.force_login(mei)

    client.post(f"/settings/staff/{mei.public_id}/active/")

    assert there.get("/help/").status_code == 302
    client.post(f"/settings/staff/{administrator.public_id}/active/")
    assert User.objects.get(pk=administrator.pk).is_active


def test_a_new_password_works_once_and_must_be_changed(client, administrator):
    mei = make_staff("store_staff", password=PASSWORD)

    answer = client.post(f"/settings/staff/{mei.public_id}/password/")

    once = re.search(r'class="o-secret">([^<]+)<', answer.content.decode())[1]
    there = Client()
    assert there.post("/account/login/", {"login": mei.username, "password": once}).status_code == 302
    assert there.get("/help/").url == "/account/password/change/"


def test_a_store_is_opened_changed_and_retired(client, administrator):
    said = {
        "code": "s-9",
        "name": "Store 9",
        "kind": "store",
        "time_zone": "Asia/Singapore",
        "hours_mon": "07:00-22:00",
    }
    client.post("/settings/locations/add/", said)
    place = Location.objects.get(code="s-9")
    assert place.hours == {"mon": [["07:00", "22:00"]]}

    client.post(f"/settings/locations/{place.public_id}/", {**said, "name": "Harbour", "hours_mon": ""})
    place.refresh_from_db()
    assert (place.name, place.hours) == ("Harbour", {})

    client.post(f"/settings/locations/{place.public_id}/retire/")
    place.refresh_from_db()
    assert place.retired_at is not None


@pytest.mark.parametrize(
    "wrong", [{"hours_mon": "7 to 9"}, {"latitude": "1.3"}, {"time_zone": "Mars/Base"}, {"name": ""}]
)
def test_what_does_not_fit_a_store_is_shown_beside_its_field(client, administrator, wrong):
    said = {"code": "s-9", "name": "Store 9", "kind": "store", "time_zone": "UTC", **wrong}

    answer = client.post("/settings/locations/add/", said)

    assert answer.status_code == 422
    assert b'aria-invalid="true"' in answer.content
    assert not Location.objects.filter(code="s-9").exists()


def test_a_new_channel_is_data(client, administrator):
    place = make_location()
    said = {"code": "kiosk", "name": "Kiosk", "hue": "web", "position": 3, "sells": "on", "locations": [place.pk]}

    client.post("/settings/channels/add/", said)

    kiosk = Channel.objects.get(code="kiosk")
    assert list(kiosk.locations.all()) == [place]
    client.post("/settings/channels/kiosk/", {**said, "locations": [], "pooled": "on"})
    kiosk.refresh_from_db()
    assert (kiosk.pooled, kiosk.locations.count()) == (True, 0)


def test_a_channel_without_a_use_is_refused(client, administrator):
    answer = client.post("/settings/channels/add/", {"code": "x", "name": "X", "hue": "web", "position": 0})

    assert answer.status_code == 422
    assert not Channel.objects.filter(code="x").exists()


def vendure(**changes):
    return {
        "code": "shop", "name": "Shop", "policy": "ask", "set_url": "https://shop.example/admin-api",
        "set_username": "omni", "set_password": "s3cret-pass", "set_webhook_header": "X-Signature", **changes,
    }  # fmt: skip


def test_secrets_of_a_connection_are_kept_and_never_shown(client, administrator):
    channel = make_channel()
    client.post("/settings/connections/add/vendure/", vendure(channel=channel.pk))
    account = ConnectorAccount.objects.get(code="shop")

    page = client.get(f"/settings/connections/{account.public_id}/").content.decode()
    client.post(f"/settings/connections/{account.public_id}/", vendure(set_password="", name="Renamed"))

    account.refresh_from_db()
    assert (account.name, account.secrets["password"], account.enabled) == ("Renamed", "s3cret-pass", False)
    assert "s3cret-pass" not in page
    assert "s3cret-pass" not in str(list(Activity.objects.values_list("data", flat=True)))


def test_a_connection_is_tested_switched_and_its_places_are_linked(client, administrator, settings, tmp_path):
    settings.FEED_ROOT = tmp_path
    account = make_account(kind="feed", config={"folder": "till"}, enabled=False)
    place = make_location()
    link = RemoteLocationLink.objects.create(account=account, remote_id="7", remote_name="Shop 7")
    address = f"/settings/connections/{account.public_id}/"

    said = client.post(f"{address}test/", follow=True).content.decode()
    client.post(f"{address}enable/")
    client.post(f"{address}places/", {f"place_{link.pk}": place.pk})

    account.refresh_from_db(), link.refresh_from_db()
    assert 'class="o-note' in said
    assert (account.enabled, link.location) == (True, place)
    assert Activity.objects.filter(verb="account.tried").exists()


def test_a_key_is_shown_once_and_taken_back(client, administrator):
    answer = client.post("/settings/keys/add/", {"name": "Till bridge", "scopes": ["stock:read"]})
    key = ApiKey.objects.get()
    token = re.search(r'class="o-secret">([^<]+)<', answer.content.decode())[1]

    assert key.prefix in token
    assert token not in client.get("/settings/keys/").content.decode()
    client.post(f"/settings/keys/{key.public_id}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_departments_and_switches_change(client, administrator):
    client.post("/settings/departments/add/", {"code": "ops", "name": "Operations"})
    client.post("/settings/departments/ops/", {"name": "Stores"})
    Flag.objects.create(code="new-till", salt="x")
    client.post("/settings/switches/new-till/", {"share": 25})
    too_much = client.post("/settings/switches/new-till/", {"share": 125})

    assert Department.objects.get(code="ops").name == "Stores"
    assert Flag.objects.get(code="new-till").share == 25
    assert too_much.status_code == 422


def set_up(**changes):
    return {
        "name": "A grocer", "currency": "SGD", "time_zone": "Asia/Singapore", "username": "admin", "password": PASSWORD,
        "store_name": "Harbour", "store_code": "harbour", "channel_name": "Tills", "channel_code": "tills", **changes,
    }  # fmt: skip


def test_an_empty_installation_is_set_up_once(client):
    assert client.get("/account/login/").url == "/set-up/"

    done = client.post("/set-up/", set_up())

    assert done.url.startswith("/account/login/")
    assert Retailer.objects.get().currency == "SGD"
    assert User.objects.get(username="admin").roles == {"administrator"}
    assert Channel.objects.get(code="tills").locations.get().code == "harbour"
    assert client.get("/set-up/").status_code == 404
    assert client.post("/set-up/", set_up(username="second")).status_code == 404
    assert User.objects.count() == 1


def test_the_set_up_is_for_the_machine_itself_and_asks_for_a_good_password(client):
    assert client.get("/set-up/", REMOTE_ADDR="10.1.1.9").status_code == 404
    assert client.post("/set-up/", set_up(password="short")).status_code == 422
    assert not User.objects.exists()
