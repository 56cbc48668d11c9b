"""Every URL, for every role, with every method: what permissions.txt says, and nothing else."""

import re

import pytest
from django.db import transaction
from django.test import Client

from tests.access import matrix
from tests.access.world import make_members, make_world

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROWS = matrix.read()
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
REFUSED = {401, 403, 404}
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]


def test_every_url_stands_in_the_reviewed_file_and_nothing_else_does():
    assert set(matrix.patterns()) == set(ROWS)


def test_every_page_carries_the_mark_of_a_staff_page_or_of_an_open_one():
    ours = {route: part for route, part in matrix.patterns().items() if not route.startswith(("/account/", "/api/v1/"))}

    unmarked = [route for route, part in ours.items() if not hasattr(part.callback, "staff_right")]

    assert unmarked == ["/api/"], "the answer to what is not there is open on purpose"


@pytest.fixture
def world(settings, tmp_path):
    settings.DEMO = True  # the second factor is tested by itself
    settings.FEED_ROOT = settings.MEDIA_ROOT = tmp_path
    return make_world()


def address(route: str, arguments: dict) -> str:
    return ARGUMENT.sub(lambda match: str(arguments[match.group(1)]), route)


def ask(client: Client, method: str, url: str):
    """One request whose effects are undone, so that the next one finds the same world."""
    with transaction.atomic():
        answer = client.generic(method, url)
        transaction.set_rollback(True)
    return answer


def is_sent_away(answer) -> bool:
    return answer.status_code in REFUSED or (answer.status_code == 302 and "/account/login" in answer.url)


def wrong(row: matrix.Row, role: str | None, method: str, answer) -> bool:
    """Whether an answer is not what the file says."""
    status = answer.status_code
    if status >= 500:
        return True
    if method not in row.methods | {"HEAD", "OPTIONS"}:
        return not (status == 405 or is_sent_away(answer))
    if method == "OPTIONS" and "OPTIONS" not in row.methods:
        return not (status in {200, 405} or is_sent_away(answer))
    if method == "HEAD" and "GET" not in row.methods:
        return not (status == 405 or is_sent_away(answer))
    if not row.allows(role):
        return not is_sent_away(answer)
    if row.own_locations_only and role in {"store_staff", "store_manager"}:
        return status != 404
    return status in {401, 403, 405} or (status == 302 and "/account/login" in answer.url)


def test_each_role_reaches_what_the_file_says_and_nothing_more(world):
    members = make_members(world)
    clients = {None: Client()} | {role: Client() for role in members}
    for role, member in members.items():
        clients[role].force_login(member)
    found = []
    for route, part in matrix.patterns().items():
        row = ROWS[route]
        if route.startswith("/account/") or row.who & matrix.OUTSIDERS:
            continue
        names = set(ARGUMENT.findall(route))
        url = address(route, world.arguments(part.name or "", names))
        for role, client in clients.items():
            for method in METHODS if role in {None, "administrator"} else sorted(row.methods):
                answer = ask(client, method, url)
                if wrong(row, role, method, answer):
                    found.append(f"{method} {url} as {role or 'nobody'}: {answer.status_code}")
    assert found == []


def test_nobody_comes_through_the_api_without_a_key_or_a_signature(world):
    found = []
    for route, part in matrix.patterns().items():
        if ROWS[route].who & matrix.OUTSIDERS:
            names = set(ARGUMENT.findall(route))
            arguments = world.arguments(part.name or "", names)
            for method in METHODS:
                answer = ask(Client(), method, address(route, arguments))
                if answer.status_code not in ({401, 405} if "by-key" in ROWS[route].who else {401, 404, 405}):
                    found.append(f"{method} {route}: {answer.status_code}")
    assert found == []
