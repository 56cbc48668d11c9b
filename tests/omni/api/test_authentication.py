from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from omni.models import ApiKey, User
from omni.services import api_keys
from tests.factories.omni import make_staff
from tests.omni.api.helpers import NOON, caller_of

pytestmark = pytest.mark.django_db


def test_a_key_with_the_scope_gets_in(reader):
    assert reader.get("/api/v1/notes/").status_code == 200


def test_a_key_without_the_scope_of_the_method_is_refused(reader):
    response = reader.post("/api/v1/notes/", {"verb": "seen"})

    assert response.status_code == 403
    assert response.json()["code"] == "permission_denied"


def test_a_view_that_names_no_scope_is_for_nobody(writer):
    assert writer.get("/api/v1/unscoped/").status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Bearer omni_",
        "Bearer omni_AAAAAAAAAA_BBBB",
        "Basic YTpi",
        "Bearer omni_Ä_ö",
        "Bearer \x00",
    ],
)
def test_no_key_or_a_wrong_one_is_401_and_says_what_is_wanted(header):
    response = Client().get("/api/v1/notes/", headers={"authorization": header})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="omni"'
    assert response["Content-Type"] == "application/problem+json"


def test_the_right_prefix_with_another_secret_is_refused(reader):
    token = f"omni_{reader.key.prefix}_{'0' * 40}"

    assert Client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/notes/").status_code == 401


def test_a_revoked_key_is_refused(reader):
    api_keys.revoke(key=reader.key, at=NOON)

    assert reader.get("/api/v1/notes/").status_code == 401


def test_the_last_use_is_written_down_at_most_once_a_minute(reader, django_assert_num_queries):
    with time_machine.travel(NOON, tick=False) as clock:
        reader.get("/api/v1/unscoped/")
        clock.shift(timedelta(seconds=59))
        with django_assert_num_queries(1):
            reader.get("/api/v1/unscoped/")
        assert ApiKey.objects.get().last_used_at == NOON
        clock.shift(timedelta(seconds=1))
        reader.get("/api/v1/unscoped/")

    assert ApiKey.objects.get().last_used_at == NOON + timedelta(minutes=1)


def test_staff_with_the_right_may_read_and_never_write():
    staff = make_staff("store_staff")
    client = Client()
    client.force_login(staff)

    assert client.get("/api/v1/notes/").status_code == 200
    assert client.post("/api/v1/notes/", "{}", content_type="application/json").status_code == 403


def test_staff_without_the_right_may_not_read():
    client = Client()
    client.force_login(User.objects.create_user("mei"))

    assert client.get("/api/v1/notes/").status_code == 403


def test_staff_who_still_owe_a_second_factor_may_not_read(settings):
    settings.DEMO = False
    staff = User.objects.create_user("mei")
    staff.groups.add(*staff.groups.model.objects.filter(name="head_office"))
    client = Client()
    client.force_login(staff)

    assert client.get("/api/v1/notes/").status_code == 403


def test_only_a_hash_of_the_secret_is_kept():
    caller = caller_of("stock:read")

    kept = " ".join(str(value) for value in ApiKey.objects.values_list().get())
    assert caller.token.rpartition("_")[2] not in kept
