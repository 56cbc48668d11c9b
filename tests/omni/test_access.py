"""Roles and the mark that every staff page carries."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from omni import access
from omni.models import User

pytestmark = pytest.mark.django_db


def make_member(role: str) -> User:
    member = User.objects.create_user(role)
    member.groups.add(Group.objects.get(name=role))
    return member


def test_every_role_is_a_group_with_each_right_that_it_names():
    for role in access.ROLES.values():
        kept = set(Group.objects.get(name=role.code).permissions.values_list("content_type__app_label", "codename"))
        wanted = {tuple(right.split(".")) for right in role.rights if right != "*"}
        assert wanted <= kept, f"{role.code} misses {wanted - kept}"


def test_a_right_that_a_role_lost_is_taken_away_by_the_next_migrate():
    group = Group.objects.get(name="store_staff")
    group.permissions.set(access.permissions_of(["omni.change_settings"]))

    access.seed_roles()

    assert not group.permissions.filter(codename="change_settings").exists()


@access.staff_view("omni.view_overview")
def page(request):
    return HttpResponse("figures")


def visit(rf, member):
    request = rf.get("/")
    request.user = member
    return page(request)


def test_a_page_is_shown_to_those_who_have_its_right(rf, settings):
    settings.DEMO = True

    assert visit(rf, make_member("head_office")).content == b"figures"
    with pytest.raises(PermissionDenied):
        visit(rf, make_member("store_staff"))


def test_head_office_sets_up_a_second_factor_before_it_sees_anything(rf, settings):
    settings.DEMO = False

    answer = visit(rf, make_member("head_office"))

    assert (answer.status_code, answer.url) == (302, "/account/2fa/totp/activate/")


def test_a_page_takes_only_the_methods_it_names(rf):
    request = rf.post("/")
    request.user = make_member("head_office")

    assert page(request).status_code == 405
