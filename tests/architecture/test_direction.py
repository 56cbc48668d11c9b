"""Apps import one way, rooms import inward, and edges do not lean on each other."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture import allowed
from tests.architecture.sources import APPS, EDGES, INNER_ROOMS, Source, app_sources, violations

MAY_IMPORT = {
    "omni": {"omni"},
    "inventory": {"omni", "inventory"},
    "customers": {"omni", "customers"},
    "orders": {"omni", "inventory", "customers", "orders"},
    "journeys": {"omni", "inventory", "customers", "orders", "journeys"},
}
OUTSIDE_WORLD = ("django.http", "django.shortcuts", "django.urls", "rest_framework", "celery")
PRESENTATION = {"forms", "tables", "filters", "resources"}


def imports_of_upper_apps(source: Source) -> Iterator[str]:
    for node, module in source.imports():
        app = module.split(".")[0]
        if app in APPS and app not in MAY_IMPORT[source.app]:
            yield f"{source.at(node)} imports {module}"


def names_of_upper_apps(source: Source) -> Iterator[str]:
    """Dotted strings such as "orders.services.carts" hide an import: only the project's own wiring may hold them."""
    upper = [app for app in APPS if app not in MAY_IMPORT[source.app]]
    pattern = re.compile(rf"^({'|'.join(upper)})\.[a-z_.]+$") if upper else None
    if pattern is None or source.path in allowed.NAME_OTHER_APPS:
        return
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.match(node.value):
            yield f"{source.at(node)} names {node.value}"


def imports_of_outer_rooms(source: Source) -> Iterator[str]:
    """models <- queries <- services <- edges, in the own app and in every lower one."""
    if source.room not in INNER_ROOMS:
        return
    outer = {*EDGES, *INNER_ROOMS[INNER_ROOMS.index(source.room) + 1 :]}
    for node, module in source.imports():
        parts = module.split(".")
        if module.startswith(OUTSIDE_WORLD) or (parts[0] in APPS and len(parts) > 1 and parts[1] in outer):
            yield f"{source.at(node)} imports {module}"


def imports_between_edges(source: Source) -> Iterator[str]:
    if source.room not in EDGES:
        return
    own = {source.room, *(PRESENTATION if source.room in {"views", "api", *PRESENTATION} else ())}
    for node, module in source.imports():
        parts = module.split(".")
        if parts[0] == source.app and len(parts) > 1 and parts[1] in set(EDGES) - own:
            yield f"{source.at(node)} imports {module}"


RULES = [imports_of_upper_apps, names_of_upper_apps, imports_of_outer_rooms, imports_between_edges]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_holds_the_direction(rule):
    assert violations(rule, app_sources()) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (imports_of_upper_apps, "omni/jobs.py", "from inventory.models import Variant"),
        (imports_of_upper_apps, "inventory/services/stock.py", "import customers.models"),
        (imports_of_upper_apps, "orders/tasks.py", "def run():\n    from journeys import queries"),
        (names_of_upper_apps, "inventory/services/stock.py", 'enqueue("orders.tasks.route")'),
        (imports_of_outer_rooms, "inventory/models/stock.py", "from inventory.queries import levels"),
        (imports_of_outer_rooms, "orders/services/carts.py", "from inventory.views import stock"),
        (imports_of_outer_rooms, "orders/queries/carts.py", "from orders.services import carts"),
        (imports_of_outer_rooms, "orders/services/carts.py", "from django.http import Http404"),
        (imports_between_edges, "orders/tasks.py", "from orders.views.carts import page"),
        (imports_between_edges, "orders/views/carts.py", "from orders.api import carts"),
        (imports_between_edges, "orders/forms/carts.py", "from orders.views import carts"),
    ],
)
def test_a_wrong_import_is_caught(rule, path, text):
    assert violations(rule, [Source(path, text)])


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (imports_of_upper_apps, "journeys/views/maps.py", "from orders.models import Order"),
        (imports_of_outer_rooms, "orders/services/carts.py", "from inventory.services import reservations"),
        (imports_between_edges, "orders/views/carts.py", "from orders.forms.carts import CartForm"),
    ],
)
def test_a_right_import_is_let_through(rule, path, text):
    assert not violations(rule, [Source(path, text)])
