"""The tree stays a tree, in order, and its rules follow it."""

import pytest

from inventory.models import Category
from inventory.services import categories
from inventory.services.catalogue import InvalidValue, StillInUse
from inventory.services.categories import DEEPEST, TreeRefused
from tests.factories.inventory import make_listing, make_product, make_variant
from tests.factories.omni import NOON

pytestmark = pytest.mark.django_db
SAID = {"by": None, "at": NOON}


def grow(name, parent=None):
    return categories.add_category(name=name, parent=parent, **SAID)


def outline():
    return [f"{'.' * (one.depth - 1)}{one.name}" for one in Category.objects.get_tree()]


def test_branches_stand_in_alphabetical_order_wherever_they_are_added_renamed_or_moved():
    dairy, bakery = grow("Dairy"), grow("Bakery")
    grow("Milk", dairy)
    cheese = grow("Cheese", dairy)
    assert outline() == ["Bakery", "Dairy", ".Cheese", ".Milk"]

    categories.rename_category(category=cheese, name="Yoghurt", **SAID)
    assert outline() == ["Bakery", "Dairy", ".Milk", ".Yoghurt"]

    categories.move_category(category=cheese, parent=bakery, **SAID)
    categories.rename_category(category=bakery, name="Fresh", **SAID)
    assert outline() == ["Dairy", ".Milk", "Fresh", ".Yoghurt"]
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_branch_moves_to_the_top_and_a_root_into_a_branch():
    dairy, other = grow("Dairy"), grow("Other")
    milk = grow("Milk", dairy)

    categories.move_category(category=milk, parent=None, **SAID)
    categories.move_category(category=other, parent=milk, **SAID)

    assert outline() == ["Dairy", "Milk", ".Other"]
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_branch_does_not_hang_on_itself():
    dairy = grow("Dairy")
    milk = grow("Milk", dairy)

    for parent in (dairy, milk):
        with pytest.raises(TreeRefused):
            categories.move_category(category=dairy, parent=parent, **SAID)
    assert outline() == ["Dairy", ".Milk"]


def test_siblings_have_different_names_and_codes_never_clash():
    dairy = grow("Dairy")
    with pytest.raises(TreeRefused):
        grow(" dairy ")
    codes = {grow(name, dairy).code for name in ("Milk & Co", "Milk Co", "牛奶", "奶")}
    assert len(codes) == 4


def test_a_category_has_a_name_of_sensible_length():
    with pytest.raises(TreeRefused):
        grow("  ")
    with pytest.raises(InvalidValue):
        grow("x" * 121)
    assert not Category.objects.exists()


def test_the_tree_is_not_deeper_than_people_can_follow():
    tip = None
    for level in range(DEEPEST):
        tip = grow(f"Level {level}", tip)
    with pytest.raises(TreeRefused):
        grow("Too deep", tip)
    branch = grow("Branch")
    with pytest.raises(TreeRefused):
        categories.move_category(category=branch, parent=tip, **SAID)


def test_only_what_nothing_hangs_on_is_removed():
    dairy = grow("Dairy")
    milk = grow("Milk", dairy)
    make_product(category=milk)

    for category in (dairy, milk):
        with pytest.raises(StillInUse):
            categories.remove_category(category=category, **SAID)
    bare = grow("Bare")
    categories.remove_category(category=bare, **SAID)
    assert outline() == ["Dairy", ".Milk"]


def test_moving_a_branch_asks_its_listings_again_and_no_others():
    dairy, chilled = grow("Dairy"), grow("Chilled")
    inside, outside = make_listing(make_variant(category=dairy)), make_listing(make_variant(category=chilled))

    categories.move_category(category=dairy, parent=chilled, **SAID)

    inside.state.refresh_from_db()
    outside.state.refresh_from_db()
    assert (inside.state.dirty, outside.state.dirty) == (True, False)
