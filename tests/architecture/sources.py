"""The product's own files as syntax trees, for the tests of this folder."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
APPS = ["omni", "inventory", "customers", "orders", "journeys"]
INNER_ROOMS = ["models", "queries", "services"]
EDGES = ["forms", "tables", "filters", "resources", "api", "views", "tasks", "subscribers", "admin", "management"]


@dataclass(frozen=True)
class Source:
    """One Python file of an app; ``path`` is relative to the project."""

    path: str
    text: str

    @property
    def app(self) -> str:
        return PurePosixPath(self.path).parts[0]

    @property
    def room(self) -> str:
        """The first folder or file under the app: models, services, views, or a module of the kernel."""
        return PurePosixPath(self.path).parts[1].removesuffix(".py")

    @property
    def noun(self) -> str:
        return PurePosixPath(self.path).stem

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def imports(self) -> Iterator[tuple[ast.AST, str]]:
        """Yield every imported module, and every name imported from one as ``module.name``."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


Rule = Callable[[Source], Iterator[str]]


def app_sources() -> list[Source]:
    """Every Python file of the five apps but their migrations."""
    paths = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
    return [
        Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths if "migrations" not in path.parts
    ]


def page_sources() -> list[Source]:
    """Every Django template of the project."""
    folders = [ROOT / "templates", *(ROOT / app / "templates" for app in APPS)]
    paths = sorted(path for folder in folders for path in folder.rglob("*.html"))
    return [Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths]


def violations(rule: Rule, sources: list[Source]) -> list[str]:
    return [line for source in sources for line in rule(source)]


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for a chain of names, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
