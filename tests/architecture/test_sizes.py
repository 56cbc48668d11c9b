"""Nothing grows beyond what one can hold in mind: 50 lines a function, 400 a file, 150 a template."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source, app_sources, page_sources, violations

FUNCTION, FILE, TEMPLATE = 50, 400, 150


def long_functions(source: Source) -> Iterator[str]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION:
                yield f"{source.at(node)} {node.name} has {lines} lines"


def long_files(source: Source) -> Iterator[str]:
    lines, most = source.text.count("\n"), TEMPLATE if source.path.endswith(".html") else FILE
    if lines > most:
        yield f"{source.path} has {lines} lines"


def test_no_function_is_long():
    assert violations(long_functions, app_sources()) == []


def test_no_file_is_long():
    assert violations(long_files, app_sources()) == []


def test_no_template_is_long():
    assert violations(long_files, page_sources()) == []


def test_what_is_one_line_too_long_is_caught():
    body = "    x = 1\n" * FUNCTION
    assert violations(long_functions, [Source("omni/a.py", f"def f():\n{body}")])
    assert violations(long_files, [Source("omni/a.py", "\n" * (FILE + 1))])
    assert violations(long_files, [Source("templates/a.html", "\n" * (TEMPLATE + 1))])


def test_what_just_fits_is_let_through():
    body = "    x = 1\n" * (FUNCTION - 1)
    assert not violations(long_functions, [Source("omni/a.py", f"def f():\n{body}")])
    assert not violations(long_files, [Source("omni/a.py", "\n" * FILE)])
