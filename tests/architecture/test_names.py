"""A newcomer guesses the file: one noun, one filename, and every app says what it owns."""

import ast

import pytest

from tests.architecture import allowed
from tests.architecture.sources import APPS, ROOT, app_sources

MEANINGLESS = {"utils", "util", "helpers", "helper", "misc", "common", "tools", "stuff", "base_models", "functions"}


def nouns(app: str, room: str) -> set[str]:
    return {source.noun for source in app_sources() if source.app == app and source.room == room} - {"__init__"}


def homeless(inner: set[str], models: set[str]) -> set[str]:
    """Nouns that have a service or a query but no model of that name."""
    return inner - models - set(allowed.NOUNS)


@pytest.mark.parametrize("app", APPS)
def test_every_app_says_what_it_owns(app):
    docstring = ast.get_docstring(ast.parse((ROOT / app / "__init__.py").read_text()))

    assert docstring, f"{app}/__init__.py has no docstring"
    assert "import" in docstring.lower(), f"{app}/__init__.py does not say what it may import"


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("room", ["services", "queries"])
def test_services_and_queries_are_named_after_the_models(app, room):
    """What crosses nouns is named in the allow-list, with its reason."""
    assert homeless(nouns(app, room), nouns(app, "models")) == set()


def test_no_file_has_a_name_without_meaning():
    assert [source.path for source in app_sources() if source.noun in MEANINGLESS] == []


def test_a_noun_without_a_model_is_caught():
    assert homeless({"stock", "warehousing"}, {"stock"}) == {"warehousing"}


def test_every_noun_of_the_allow_list_is_still_used():
    used = {source.noun for source in app_sources() if source.room in {"services", "queries"}}
    assert set(allowed.NOUNS) - used == set()
