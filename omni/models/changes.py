"""Change sets: imports and bulk edits with a diff, an author and an undo."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from omni.ids import public_id


class ChangeSetQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("omni.view_changeset") else self.filter(author=staff)


class ChangeSet(models.Model):
    """What a file or a bulk edit changes: previewed, confirmed by a person, undone if nothing later depends on it."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being checked")
        PREVIEW = "preview", _("waiting for you")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        DROPPED = "dropped", _("dropped")
        REFUSED = "refused", _("could not be read")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECKING)
    file_name = models.CharField(max_length=120, blank=True)
    file_hash = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20, blank=True, help_text=_("chosen by the person; empty: as the file says"))
    columns = models.JSONField(default=list, help_text=_("columns of the file that were read, in its order"))
    unread = models.JSONField(default=list, help_text=_("columns of the file that nothing is called"))
    problem = models.JSONField(default=dict, help_text=_("why the whole file, or its undoing, was refused"))
    counts = models.JSONField(default=dict, help_text=_("rows: new, changed, same, wrong; done, refused"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="change_sets")
    created_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    objects = ChangeSetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["kind", "file_hash"], name="omni_changeset_file")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class ChangeRow(models.Model):
    """
    One row of a change set: what was sent, what it would change, what was wrong with which cell.

    ``outcome`` is empty until the set is applied; a new or changed row whose outcome is empty is still to be done.
    """

    class Verdict(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        SAME = "same", _("as it is")
        WRONG = "wrong", _("wrong")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        UNDONE = "undone", _("undone")

    change_set = models.ForeignKey(ChangeSet, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text=_("line in the file, the header being 1"))
    verdict = models.CharField(max_length=7, choices=Verdict.choices)
    values = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    errors = models.JSONField(default=dict, help_text=_("column: code of the problem and what it says"))
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True, db_default="", default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change_set", "number"], name="omni_changerow_once")]
        indexes = [
            models.Index(
                fields=["change_set", "verdict", "number"],
                name="omni_changerow_verdict",
            )
        ]

    def __str__(self) -> str:
        return f"{self.change_set_id} row {self.number}"
