"""Whoever follows the links that Omni shows meets no closed door, no missing page and no error."""

import re
from collections import deque
from html import unescape

import pytest
from django.test import Client

from inventory.services import stock
from omni.access import ROLES
from tests.access.world import make_members, make_world
from tests.factories.inventory import make_stock, make_variant
from tests.factories.omni import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
MOST_PAGES = 150
ALIKE = 1  # addresses of one page (its pattern), with one set of parameters, that are opened
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]+)"')


@pytest.fixture
def world(settings, tmp_path):
    settings.DEMO = True  # the second factor is tested by itself
    settings.FEED_ROOT = settings.MEDIA_ROOT = tmp_path
    world = make_world()
    level = make_stock(variant=make_variant(), location=world.own, on_hand=1, at=NOON)
    line = stock.SaleLine(level.variant, 3, "r-1")
    stock.sell(location=world.own, lines=[line], channel=None, source="till", document="", by=None, at=NOON)
    return world


def links_of(answer, at: str) -> list[str]:
    """The addresses on a page that lead to other pages of Omni."""
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    page = answer.content.decode()
    found = [unescape(address) for address in LINK.findall(page)]
    own = [f"{at.split('?')[0]}{one}" if one.startswith("?") else one for one in found]
    return [one for one in own if one.startswith("/") and not one.startswith(("//", "/static/", "/media/"))]


def shape(address: str) -> tuple[str, tuple[str, ...]]:
    """What makes two addresses alike: the page, and the names of its parameters."""
    path, _mark, query = address.partition("?")
    plain = re.sub(r"/[0-9A-Z][0-9A-Za-z]{7,}(?=/)|/\d+(?=/)", "/…", path)
    return plain, tuple(sorted(one.split("=")[0] for one in query.split("&")))


def walk(client: Client) -> list[str]:
    """Follow what is shown from the first page on; return what was refused, and where it was offered."""
    queue, known, alike, wrong = deque([("/", "")]), {"/"}, {}, []
    for _number in range(MOST_PAGES):
        if not queue:
            break
        address, offered_on = queue.popleft()
        answer = client.get(address)
        if answer.status_code >= 400:
            wrong.append(f"{answer.status_code} {address}, offered on {offered_on}")
        onward = [answer.url] if answer.status_code in (301, 302) else links_of(answer, address)
        for link in onward:
            kind = shape(link)
            if link not in known and alike.get(kind, 0) < ALIKE:
                known.add(link)
                alike[kind] = alike.get(kind, 0) + 1
                queue.append((link, address))
    return wrong


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_link_that_a_role_is_shown_is_closed_to_it(world, role):
    client, member = Client(), make_members(world)[role]
    member.set_password("a password that one may change")
    member.save()
    client.force_login(member)

    assert walk(client) == []
