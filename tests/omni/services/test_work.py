"""Work items: opened once, closed once, seen by whom they concern."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group

from omni.models import Location, User, WorkItem
from omni.services import work

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make_store(code: str) -> Location:
    return Location.objects.create(code=code, name=f"Store {code}")


def make_clerk(store: Location) -> User:
    clerk = User.objects.create_user("clerk")
    clerk.groups.add(Group.objects.get(name="store_staff"))
    clerk.locations.add(store)
    return clerk


def test_the_same_work_is_open_only_once():
    store = make_store("367")
    first = work.open_work("count", subject="level:1", url="/counts/1", at=NOON, location=store)

    assert work.open_work("count", subject="level:1", url="/counts/1", at=NOON, location=store) == first
    assert work.close_work("count", subject="level:1", at=NOON)
    assert not work.close_work("count", subject="level:1", at=NOON)
    assert work.open_work("count", subject="level:1", url="/counts/2", at=NOON, location=store) != first


def test_a_clerk_sees_the_work_of_the_own_store_and_of_the_own_role_only():
    own, other = make_store("367"), make_store("406")
    clerk = make_clerk(own)
    mine = work.open_work("count", subject="level:1", url="/", at=NOON, location=own)
    ours = work.open_work("read", subject="note:1", url="/", at=NOON, role="store_staff")
    work.open_work("count", subject="level:2", url="/", at=NOON, location=other)
    work.open_work("read", subject="note:2", url="/", at=NOON, role="head_office")

    assert set(WorkItem.objects.visible_to(clerk)) == {mine, ours}
