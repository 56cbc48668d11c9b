"""Permissions live in the queryset: an edge reads rows through visible_to or findable_by, or not at all."""

import ast
from collections.abc import Iterator

from tests.architecture import allowed
from tests.architecture.sources import Source, app_sources, dotted, violations

ANSWERS_PEOPLE = {"views", "api", "resources", "tables", "filters"}
DOORS = {"visible_to", "findable_by", "none"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}


def unscoped_lookups(source: Source) -> Iterator[str]:
    if source.room not in ANSWERS_PEOPLE:
        return
    through_a_door = {id(node.value) for node in source.nodes if isinstance(node, ast.Attribute) and node.attr in DOORS}
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            model = dotted(node.value).split(".")[-1]
            if id(node) not in through_a_door and model not in allowed.UNSCOPED:
                yield f"{source.at(node)} reads {ast.unparse(node)} unscoped"
        elif isinstance(node, ast.Call) and dotted(node.func) in SHORTCUTS and node.args:
            model = dotted(node.args[0])
            if model[:1].isupper() and "." not in model and model not in allowed.UNSCOPED:
                yield f"{source.at(node)} looks up {model} unscoped"


def test_edges_read_only_what_the_reader_may_see():
    assert violations(unscoped_lookups, app_sources()) == []


def test_an_unscoped_lookup_is_caught():
    for text in (
        "Order.objects.get(pk=pk)",
        "Order.objects.all()",
        "queryset = Order.objects",
        "get_object_or_404(Order, pk=pk)",
        "get_object_or_404(Order.objects.filter(open=True), pk=pk)",
    ):
        assert violations(unscoped_lookups, [Source("orders/views/orders.py", text)]), text


def test_a_scoped_lookup_is_let_through():
    for text in (
        "Order.objects.visible_to(staff).get(pk=pk)",
        "get_object_or_404(Order.objects.visible_to(staff), pk=pk)",
        "Order.objects.findable_by(staff, code)",
        "queryset = Order.objects.none()",
    ):
        assert not violations(unscoped_lookups, [Source("orders/api/orders.py", text)]), text


def test_every_unscoped_model_is_still_read_somewhere():
    text = "\n".join(source.text for source in app_sources() if source.room in ANSWERS_PEOPLE)
    unused = [m for m in allowed.UNSCOPED if f"{m}.objects" not in text and f"_or_404({m}" not in text]
    assert unused == []
