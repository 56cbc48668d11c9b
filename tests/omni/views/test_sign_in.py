import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from omni.access import ROLES
from tests.factories.omni import make_location, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Argon2 is slow on purpose; here it would only be slow."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


PASSWORD = "a long password 1"
LOGIN = "/account/login/"


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra):
    return client.post(LOGIN, {"login": username, "password": password}, **extra)


def test_staff_sign_in_and_come_to_their_first_page(client):
    staff = make_staff("administrator", password=PASSWORD)

    response = sign_in(client, staff.username)

    assert (response.status_code, response.url) == (302, "/")


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(client):
    staff = make_staff("store_staff", password=PASSWORD)

    known = sign_in(client, staff.username, "wrong")
    unknown = sign_in(client, "nobody-of-that-name", "wrong")

    def answer(response, name):
        return response.status_code, response.content.decode().split("</form>")[0].replace(name, "NAME").split("<form")[
            1
        ]

    assert known.status_code == unknown.status_code == 200
    assert b"do not fit together" in known.content
    assert strip_token(answer(known, staff.username)[1]) == strip_token(answer(unknown, "nobody-of-that-name")[1])


def strip_token(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("exists", [True, False])
def test_eight_wrong_passwords_lock_the_name_at_this_address_and_say_how_long(client, exists):
    name = make_staff("store_staff", password=PASSWORD).username if exists else "nobody-of-that-name"

    answers = [sign_in(client, name, "wrong").status_code for _try in range(8)]
    locked = sign_in(client, name)

    assert answers[:7] == [200] * 7
    assert answers[7] == locked.status_code == 429
    assert locked.headers["Retry-After"] == "900"
    assert b"Too many wrong passwords" in locked.content


def test_the_lock_is_for_one_name_at_one_address(client):
    mei, ali = make_staff("store_staff", password=PASSWORD), make_staff("store_staff", password=PASSWORD)
    for _try in range(8):
        sign_in(client, mei.username, "wrong")

    assert sign_in(Client(), ali.username).status_code == 302
    assert sign_in(Client(), mei.username, REMOTE_ADDR="10.1.1.9").status_code == 302
    assert sign_in(Client(), mei.username).status_code == 429


def test_disabling_somebody_ends_every_session_at_once():
    staff = make_staff("store_staff", locations=[make_location()], password=PASSWORD)
    till, tablet = Client(), Client()
    for client in (till, tablet):
        sign_in(client, staff.username)
        assert client.get("/help/").status_code == 200

    staff.is_active = False
    staff.save()

    for client in (till, tablet):
        assert client.get("/help/").headers["Location"].startswith(LOGIN)


def test_a_new_password_ends_every_other_session():
    staff = make_staff("store_staff", password=PASSWORD)
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client, staff.username)

    new = {"oldpassword": PASSWORD, "password1": "another long one 2", "password2": "another long one 2"}
    assert here.post("/account/password/change/", new).status_code == 302

    assert here.get("/help/").status_code == 200
    assert there.get("/help/").status_code == 302


def test_a_password_that_somebody_else_made_must_be_changed_first(client):
    staff = make_staff("store_staff", password=PASSWORD, must_change_password=True)
    sign_in(client, staff.username)

    assert client.get("/help/").url == "/account/password/change/"

    new = {"oldpassword": PASSWORD, "password1": "another long one 2", "password2": "another long one 2"}
    client.post("/account/password/change/", new)
    assert client.get("/help/").status_code == 200


@pytest.mark.parametrize("role", sorted(ROLES))
def test_the_second_factor_is_asked_of_those_who_can_do_most(client, settings, role):
    settings.DEMO = False
    client.force_login(make_staff(role))

    response = client.get("/help/")

    if role in settings.TOTP_ROLES:
        assert response.url == "/account/2fa/totp/activate/"
    else:
        assert response.status_code == 200


def test_the_second_factor_is_set_up_and_then_asked_for(client, settings):
    settings.DEMO = False
    staff = make_staff("head_office", password=PASSWORD)
    sign_in(client, staff.username)
    asked = client.get("/account/2fa/totp/activate/")
    page = client.post(asked.url, {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))

    done = client.post("/account/2fa/totp/activate/", {"code": code})

    assert done.status_code == 302
    assert client.get("/help/").status_code == 200
    again = sign_in(Client(), staff.username)
    assert again.url.startswith("/account/2fa/authenticate/")


@pytest.mark.parametrize("path", ["/account/signup/", "/account/email/", "/account/password/set/"])
def test_nobody_signs_up_and_no_mail_is_asked_for(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_the_pages_of_the_door_carry_no_inline_style_and_a_strict_policy(client):
    for path in (LOGIN, "/account/password/reset/", "/nowhere/"):
        response = client.get(path)
        assert b"style=" not in response.content
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
