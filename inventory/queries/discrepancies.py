"""One discrepancy with its evidence: what happened between Omni and the channel, and on the shelf, in between."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.models import Bucket, Discrepancy, ListingEvent, StockLevel, StockMovement
from omni.connectors.versions import number
from omni.models import Location, User
from omni.work_words import Badge

Cause = Discrepancy.Cause
Kind = ListingEvent.Kind
LOOK_BACK = timedelta(hours=24)
MOST_EVENTS = 12
MOST_IN_BADGE = 1000
NEEDS_A_PERSON = ~Q(cause=Cause.IN_FLIGHT) & Q(outcome="")
TONES = {
    Cause.IN_FLIGHT: ("idle", "send"), Cause.DRIFT: ("warn", "circle-question-mark"),
    Cause.EDITED_THERE: ("bad", "pencil"),
    Cause.CONFLICT: ("bad", "git-merge"), Cause.UNKNOWN_SKU: ("bad", "tag"), Cause.NOT_LISTED: ("warn", "eye-off"),
    Cause.OVERSOLD: ("bad", "triangle-alert"), Cause.FOUND: ("warn", "package-search"),
}  # fmt: skip
WORDS = {
    Cause.IN_FLIGHT: gettext_lazy("In flight"), Cause.DRIFT: gettext_lazy("Drift, unexplained"),
    Cause.EDITED_THERE: gettext_lazy("Edited there"), Cause.CONFLICT: gettext_lazy("Changed while we wrote"),
    Cause.UNKNOWN_SKU: gettext_lazy("Unknown SKU"), Cause.NOT_LISTED: gettext_lazy("Not listed there"),
    Cause.OVERSOLD: gettext_lazy("Oversold"), Cause.FOUND: gettext_lazy("Sold though the ledger had none"),
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One entry of the timeline. tone: ok, warn, bad or empty."""

    at: datetime
    words: str
    more: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Choice:
    """A location where the gap could be booked, with what the ledger has there."""

    location: Location
    on_hand: int
    available: int


@dataclass(frozen=True)
class Case:
    """What a person needs to decide."""

    found: Discrepancy
    because: str
    steps: list[Step]
    choices: list[Choice]
    alike: int

    @property
    def gap(self) -> int | None:
        if self.found.ours is None or self.found.theirs is None:
            return None
        return self.found.theirs - self.found.ours

    @property
    def place(self) -> Choice | None:
        """Where an answer would be booked, unless the person chooses another place."""
        return self.choices[0] if self.choices else None

    @property
    def waits_for_channel(self) -> bool:
        return self.found.outcome == Discrepancy.Outcome.KEPT_OURS and self.found.settled_at is None


def channels_badge(staff: User, *, location: Location | None, at: datetime) -> Badge:
    """Open discrepancies that need a person, counted no further than a badge shows; at one location when given."""
    found = Discrepancy.objects.visible_to(staff).open().filter(NEEDS_A_PERSON)
    if location:
        found = found.filter(location=location)
    return Badge(open=found.order_by()[:MOST_IN_BADGE].count())


def case_of(found: Discrepancy, *, staff: User) -> Case:
    """Read everything about one discrepancy: a handful of queries."""
    events = events_around(found)
    moved = movements_around(found)
    same = Discrepancy.objects.visible_to(staff).open().filter(account=found.account, cause=found.cause, outcome="")
    return Case(
        found=found,
        because=reason_of(found, moved),
        steps=steps_of(found, events, moved),
        choices=choices_of(found),
        alike=same.exclude(pk=found.pk).count(),
    )


def events_around(found: Discrepancy) -> list[ListingEvent]:
    if found.listing_id is None:
        return []
    told = parse_datetime(found.evidence.get("told_at") or "")
    since = max(told or found.found_at - LOOK_BACK, found.found_at - LOOK_BACK)
    rows = ListingEvent.objects.filter(listing_id=found.listing_id, at__gte=since)
    return list(rows.order_by("-at", "-pk")[:MOST_EVENTS])[::-1]


def movements_around(found: Discrepancy) -> list[StockMovement]:
    """What the ledger booked between the last confirmation and the last look."""
    told = found.evidence.get("told_at")
    start = parse_datetime(told) if told else None
    start = start or (found.snapshot_at or found.found_at) - timedelta(hours=1)
    rows = StockMovement.objects.filter(
        level__variant=found.variant_id, occurred_at__gt=start, occurred_at__lte=found.last_seen_at,
        bucket__in=(Bucket.ON_HAND, Bucket.RESERVED),
    )  # fmt: skip
    if found.location_id:
        rows = rows.filter(level__location=found.location_id)
    elif found.account:
        rows = rows.filter(level__location__channels=found.account.channel_id)
    return list(rows.select_related("level__location").order_by("-occurred_at", "-pk")[:MOST_EVENTS])[::-1]


def steps_of(found: Discrepancy, events: list[ListingEvent], moved: list[StockMovement]) -> list[Step]:
    pictures = [event for event in events if event.kind == Kind.SHOWN]
    steps = [step_of(event) for event in events] + [
        Step(
            row.occurred_at,
            _("%(what)s: %(units)+d at %(place)s")
            % {"what": row.get_kind_display().capitalize(), "units": row.quantity, "place": row.level.location.name},
            _("now %(balance)d %(bucket)s")
            % {"balance": row.balance, "bucket": row.get_bucket_display()},
        )
        for row in moved
        if row.kind not in ("opening",)
    ]  # fmt: skip
    if edit := edit_of(found):
        steps.append(edit)
    if found.snapshot_at and not any(event.at == found.snapshot_at for event in pictures):
        steps.append(Step(found.snapshot_at, _("Snapshot taken by the channel")))
    if compared := parse_datetime(found.evidence.get("compared_at") or ""):
        steps.append(compared_step(found, compared, moved))
    return sorted(steps, key=lambda step: step.at)


def step_of(event: ListingEvent) -> Step:
    words = {
        Kind.TOLD: _("Omni told the channel: %(n)s"),
        Kind.APPLIED: _("The channel confirmed: %(n)s"),
        Kind.CONFLICT: _("Refused: the channel had %(n)s by then"),
        Kind.REJECTED: _("Refused by the channel"),
        Kind.SOLD: _("Sold there: %(n)s"),
        Kind.SHOWN: _("Snapshot taken by the channel: it shows %(n)s"),
    }[Kind(event.kind)]
    tones = {Kind.APPLIED: "ok", Kind.CONFLICT: "bad", Kind.REJECTED: "bad", Kind.SHOWN: "warn"}
    more = _("their version %(version)s") % {"version": event.remote_version} if event.remote_version else ""
    shown = "–" if event.quantity is None else event.quantity
    return Step(event.at, words % {"n": shown}, more, tones.get(Kind(event.kind), ""))


def edit_of(found: Discrepancy) -> Step | None:
    """The change that nobody told us about, placed just before the snapshot that shows it."""
    before, after = found.evidence.get("thought_version", ""), found.their_version
    if found.cause != Cause.EDITED_THERE or found.snapshot_at is None:
        return None
    counted = number(before or "") is not None and number(after) is not None
    more = (
        _("version %(before)s → %(after)s, not one of our writes and no sale") % {"before": before, "after": after}
        if counted
        else _("not one of our writes and no sale")
    )
    words = _("Set to %(n)s in the shop, before this snapshot") % {"n": found.theirs}
    return Step(found.snapshot_at - timedelta(microseconds=1), words, more, "bad")


def compared_step(found: Discrepancy, at: datetime, moved: list[StockMovement]) -> Step:
    then = found.evidence.get("ours_then", found.ours)
    words = _("Compared as of the snapshot: ours %(ours)s, theirs %(theirs)s") % {
        "ours": "–" if then is None else then,
        "theirs": "–" if found.theirs is None else found.theirs,
    }
    since = sum(1 for row in moved if found.snapshot_at and row.occurred_at > found.snapshot_at)
    more = (
        ngettext("%(n)d movement of ours since", "%(n)d movements of ours since", since) % {"n": since}
        if since
        else _("no sale, return or receipt since")
    )
    return Step(at, words, more, "warn")


def reason_of(found: Discrepancy, moved: list[StockMovement]) -> str:
    """The likely cause as a sentence, resting on what was found."""
    gap = (found.theirs or 0) - (found.ours or 0)
    told = found.evidence.get("told")
    sentences = {
        Cause.IN_FLIGHT: _("They show what they were told; the newer figure is on its way."),
        Cause.DRIFT: _("No sale, return or receipt explains %(gap)+d, and the channel keeps no versions to look at."),
        Cause.EDITED_THERE: _("No sale, return or receipt explains %(gap)+d: somebody set it in the shop."),
        Cause.CONFLICT: _("The channel changed to %(theirs)s while Omni wrote %(ours)s, and no sale explains it."),
        Cause.UNKNOWN_SKU: _("The channel shows %(theirs)s of a SKU that Omni does not know."),
        Cause.NOT_LISTED: _("A full snapshot of the channel does not name it, though it was told %(told)s."),
        Cause.OVERSOLD: _("More was sold there than there was to sell."),
        Cause.FOUND: _("More was sold than the ledger had here; the rest was booked as found. A count would tell."),
    }
    if found.cause == Cause.UNKNOWN_SKU and found.variant_id:
        return _("The channel shows %(theirs)s of it, but it is not listed there by Omni.") % {"theirs": found.theirs}
    named = {"gap": gap, "ours": found.ours, "theirs": found.theirs, "told": "–" if told is None else told}
    return sentences[Cause(found.cause)] % named


def choices_of(found: Discrepancy) -> list[Choice]:
    """Where the gap could be booked: the shelf itself, or (pooled) the channel's locations, fullest first."""
    levels = StockLevel.objects.filter(variant=found.variant_id).select_related("location")
    if found.location_id:
        levels = levels.filter(location=found.location_id)
    elif found.account:
        levels = levels.filter(location__channels=found.account.channel_id)
    else:
        return []
    rows = levels.order_by("-on_hand", "location_id")
    return [Choice(row.location, row.on_hand, row.available) for row in rows] if found.variant_id else []
