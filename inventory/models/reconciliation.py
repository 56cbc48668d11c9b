"""Reconciliation: what a channel showed, beside what the ledger said at that moment."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Variant
from inventory.models.listings import Listing
from omni.ids import public_id
from omni.models import ConnectorAccount, JobRun, Location, WorkItem


class ReconciliationRunQuerySet(models.QuerySet):
    def visible_to(self, staff):
        return self if staff.has_perm("omni.view_channel") else self.none()

    def unfinished(self):
        return self.filter(finished_at=None)


class ReconciliationRun(models.Model):
    """One comparison of one account with the ledger, in shards that survive a killed worker."""

    class State(models.TextChoices):
        READING = "reading", _("reading the channel")
        COMPARING = "comparing", _("comparing")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(ConnectorAccount, models.PROTECT, related_name="reconciliations")
    job = models.ForeignKey(JobRun, models.SET_NULL, null=True, related_name="+")
    full = models.BooleanField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.READING)
    started_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, help_text=_("when the channel was asked for its picture"))
    snapshot_at = models.DateTimeField(null=True, help_text=_("when the channel took its picture"))
    finished_at = models.DateTimeField(null=True)
    compared = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)
    in_flight = models.PositiveIntegerField(default=0)
    discrepancies = models.PositiveIntegerField(default=0)
    pushed = models.PositiveIntegerField(default=0)
    listings = models.PositiveIntegerField(default=0, help_text=_("live listings of the account when it ended"))
    in_step = models.PositiveIntegerField(default=0, help_text=_("of these, how many showed what we say"))
    error = models.TextField(blank=True)
    objects = ReconciliationRunQuerySet.as_manager()

    class Meta:
        permissions = [
            ("reconcile", "Starts a reconciliation"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(finished_at=None),
                name="inventory_reconciliationrun_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["account", "-started_at"], name="inventory_recon_of_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.started_at:%Y-%m-%d %H:%M}"


class ReconciliationShard(models.Model):
    """
    The part of a run that one worker compares: one location of the account, or its pool (no location).

    ``staged`` lines of the snapshot belong to it; ``covered``: the snapshot names everything that is there.
    """

    run = models.ForeignKey(ReconciliationRun, models.CASCADE, related_name="shards")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="+")
    staged = models.PositiveIntegerField(default=0)
    covered = models.BooleanField(default=False)
    compared = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)
    in_flight = models.PositiveIntegerField(default=0)
    discrepancies = models.PositiveIntegerField(default=0)
    pushed = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "location"],
                condition=Q(location__isnull=False),
                name="inventory_reconciliationshard_once",
            ),
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(location=None),
                name="inventory_reconciliationshard_one_pool",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} at {self.location_id}"


class StagedStock(models.Model):
    """
    One line of a channel's snapshot, staged for the set-based compare, emptied after.

    On PostgreSQL a migration makes it unlogged, without a key and with a block-range index only: it is written once,
    read once, and worth nothing after a crash (a run that lost its lines reads the channel again).
    """

    run = models.ForeignKey(ReconciliationRun, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    remote_sku = models.CharField(max_length=60)
    location_id = models.BigIntegerField(null=True)
    quantity = models.IntegerField()
    version = models.CharField(max_length=40, blank=True, default="")
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["run", "location_id", "remote_sku"],
                name="inventory_stagedstock_run",
            )
        ]

    def __str__(self) -> str:
        return f"{self.remote_sku} {self.quantity}"


class DiscrepancyQuerySet(models.QuerySet):
    def visible_to(self, staff):
        """Online staff see all; store people those of their own shelves."""
        if staff.has_perm("inventory.view_discrepancy") and staff.sees_all_locations:
            return self
        return self.filter(location__in=staff.locations.all())

    def open(self):
        return self.filter(settled_at=None)


class Discrepancy(models.Model):
    """A channel shows one figure, the ledger another. Settled by keeping ours, taking theirs, or counting."""

    class Cause(models.TextChoices):
        IN_FLIGHT = "in_flight", _("in flight")
        DRIFT = "drift", _("drift, unexplained")
        EDITED_THERE = "edited_there", _("edited there")
        CONFLICT = "conflict", _("changed there while we wrote")
        UNKNOWN_SKU = "unknown_sku", _("unknown SKU")
        NOT_LISTED = "not_listed", _("not listed there")
        OVERSOLD = "oversold", _("oversold")
        FOUND = "found", _("sold though the ledger had none")

    class Outcome(models.TextChoices):
        KEPT_OURS = "kept_ours", _("kept ours")
        TOOK_THEIRS = "took_theirs", _("took theirs")
        COUNTED = "counted", _("counted")
        VANISHED = "vanished", _("gone by itself")
        SKIPPED = "skipped", _("left as it is")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(ConnectorAccount, models.PROTECT, null=True, related_name="discrepancies")
    listing = models.ForeignKey(Listing, models.PROTECT, null=True, related_name="discrepancies")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, related_name="discrepancies")
    location = models.ForeignKey(Location, models.PROTECT, null=True, related_name="discrepancies")
    remote_sku = models.CharField(max_length=60, blank=True)
    ours = models.IntegerField(null=True)
    theirs = models.IntegerField(null=True)
    their_version = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    evidence = models.JSONField(
        default=dict,
        help_text=_("what was pushed and sold around the snapshot, with times"),
    )
    snapshot_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    first_run = models.ForeignKey(ReconciliationRun, models.SET_NULL, null=True, related_name="+")
    work_item = models.ForeignKey(WorkItem, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=11, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(settled_at=None, listing__isnull=False),
                name="inventory_discrepancy_one_open",
            ),
            models.UniqueConstraint(
                fields=["account", "remote_sku", "location"],
                condition=Q(settled_at=None, listing=None, location__isnull=False),
                name="inventory_discrepancy_one_strange_at_place",
            ),
            models.UniqueConstraint(
                fields=["account", "remote_sku"],
                condition=Q(settled_at=None, listing=None, location=None),
                name="inventory_discrepancy_one_strange_pooled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "-found_at"],
                name="inventory_discrepancy_open",
                condition=Q(settled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"D-{self.public_id}"
