import pytest
from django.core.management import CommandError, call_command

from omni.models import Activity, ApiKey
from omni.queries.api_keys import of_token
from omni.services import api_keys
from tests.omni.api.helpers import NOON

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_found_by_its_token():
    key, token = api_keys.create(name="Shop", scopes=["stock:write", "stock:read"], at=NOON)

    assert of_token(token) == key
    assert key.scopes == ["stock:read", "stock:write"]
    assert token.startswith(f"omni_{key.prefix}_")
    assert Activity.objects.get(verb="api_key.created").data == {"scopes": ["stock:read", "stock:write"]}


@pytest.mark.parametrize("scopes", [[], ["stock:all"], ["stock:read", "*"]])
def test_a_scope_that_does_not_exist_is_refused(scopes):
    with pytest.raises(api_keys.UnknownScope):
        api_keys.create(name="Shop", scopes=scopes, at=NOON)
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_once_and_for_good():
    key, token = api_keys.create(name="Shop", scopes=["stock:read"], at=NOON)
    api_keys.revoke(key=key, at=NOON)
    api_keys.revoke(key=key, at=NOON)

    assert of_token(token) is None
    assert Activity.objects.filter(verb="api_key.revoked").count() == 1


def test_the_command_prints_a_token_that_works(capsys):
    call_command("create_api_key", "Shop", "--scope", "stock:read")

    assert of_token(capsys.readouterr().out.strip()).name == "Shop"


def test_the_command_refuses_what_does_not_exist():
    with pytest.raises(CommandError, match="no scope"):
        call_command("create_api_key", "Shop", "--scope", "all")
    with pytest.raises(CommandError, match="no account"):
        call_command("create_api_key", "Shop", "--scope", "stock:read", "--account", "none")
