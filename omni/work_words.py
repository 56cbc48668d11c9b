"""How work items read: the words of their kind, filled with their data."""

from dataclasses import dataclass

from omni.models import WorkItem
from omni.navigation import WORK_KINDS, Text, WorkKind


@dataclass(frozen=True)
class Badge:
    """Open work of a section, and how much of it is late."""

    open: int = 0
    late: int = 0


def kind_of(item: WorkItem) -> WorkKind:
    """Return the words of this kind of work; an unknown kind shows its own name."""
    return WORK_KINDS.get(item.kind) or WorkKind(item.kind.replace("%", "%%"), "list-checks", "")


def title_of(item: WorkItem) -> Text:
    """Return the item's sentence; what its data lacks stays empty rather than breaking the page."""
    return str(kind_of(item).title) % Blanks(item.data)


class Blanks(dict):
    """A mapping that answers what it does not know with nothing."""

    def __missing__(self, key: str) -> str:
        return ""
