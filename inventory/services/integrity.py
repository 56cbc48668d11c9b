"""
Repairs of the ledger: previewed, booked as movements, audited. No row of the ledger is ever edited.

A balance that somebody changed past the ledger follows the ledger again; a reserved figure follows the open
reservations, units on their way follow the transfers, stock of a kit is booked out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from inventory.models import Bucket, StockLevel
from inventory.queries.integrity import Finding, findings
from inventory.services import listings, shortages
from inventory.services.ledger import Kind, Posting, booked_once, post
from omni.activity import first_broken_link, record
from omni.errors import RuleBroken
from omni.models import User
from omni.services.work import close_work, open_work

SOURCE = "repair"
REASON = "repair"
WORK = "ledger.broken"
AUDIT_WORK = "audit.broken"
PAGE = "/settings/integrity/"


class CannotRepair(RuleBroken):
    """This finding is not one that a movement can put right; its cause says what to do. data: code."""

    code = "cannot_repair"


@dataclass(frozen=True)
class Repair:
    """What a repair would do, in one sentence, with the figures before and after."""

    finding: Finding
    sentence: str
    before: dict[str, int]
    after: dict[str, int]


def preview_repair(finding: Finding) -> Repair:
    """Say what ``repair`` would do; changes nothing. Raises CannotRepair."""
    if not finding.repairable or finding.level_id is None or finding.code not in REPAIRS:
        raise CannotRepair(
            _("%(code)s cannot be repaired by booking a movement. %(cause)s")
            % {"code": finding.code, "cause": finding.cause},
            code=finding.code,
        )
    return REPAIRS[finding.code][0](finding, StockLevel.objects.get(pk=finding.level_id))


@booked_once
def repair(*, finding: Finding, by: User | None, at: datetime) -> Repair:
    """
    Put one finding right and write down who did it. Nothing happens to what has been put right meanwhile.

    Raises CannotRepair.
    """
    plan = preview_repair(finding)
    assert finding.level_id is not None
    level = StockLevel.objects.get(pk=finding.level_id)
    posting = post(
        [(level.variant_id, level.location_id)], source=SOURCE, at=at, by=by, document=f"finding:{finding.code}"
    )
    level = posting.levels[level.variant_id, level.location_id]
    plan = REPAIRS[finding.code][0](finding, level)
    if plan.before != plan.after:
        REPAIRS[finding.code][1](plan, posting, level)
        posting.write()
        record(
            "ledger.repaired", subject=level, at=at, by=by, location=level.location, code=finding.code,
            before=plan.before, after=plan.after,
        )  # fmt: skip
    return plan


def check(*, at: datetime, tell: Callable[[int, int], None] = lambda done, total: None) -> list[Finding]:
    """Prove the ledger; open work for head office when something is broken, and close it when all is whole."""
    found = findings(tell=tell)
    with transaction.atomic():
        if found:
            open_work(
                WORK, subject="ledger:all", url=PAGE, at=at, role="head_office", findings=len(found),
                codes=sorted({finding.code for finding in found}),
            )  # fmt: skip
        else:
            close_work(WORK, subject="ledger:all", at=at, outcome="whole")
    return found


def check_audit(*, at: datetime) -> int | None:
    """Prove the chain of the audit log; return the first entry that no longer fits it. Opens and closes work."""
    broken = first_broken_link()
    with transaction.atomic():
        if broken:
            open_work(AUDIT_WORK, subject="audit:all", url=PAGE, at=at, role="head_office", entry=broken)
        else:
            close_work(AUDIT_WORK, subject="audit:all", at=at, outcome="whole")
    return broken


def plan_balance(finding: Finding, level: StockLevel) -> Repair:
    """I1: the balance follows the ledger."""
    before = {bucket.value: getattr(level, bucket.value) for bucket in Bucket}
    sums = {bucket.value: 0 for bucket in Bucket}
    for row in level.movements.values_list("bucket", "quantity"):
        sums[row[0]] += row[1]
    words = _("Set the balance of %(place)s back to what its ledger adds up to.") % {"place": finding.place}
    return Repair(finding, words, before, sums)


def follow_ledger(plan: Repair, posting: Posting, level: StockLevel) -> None:
    last = level.movements.aggregate(last=Max("sequence"))["last"] or 0
    StockLevel.objects.filter(pk=level.pk).update(**plan.after, sequence=last)
    listings.mark_dirty({(level.variant_id, level.location_id)}, at=posting.at)


def plan_reserved(finding: Finding, level: StockLevel) -> Repair:
    """I3: the reserved figure follows the open reservations, as far as there are units to promise."""
    promised = sum(level.reservations.open().values_list("open_units", flat=True))
    words = _("Book what is reserved at %(place)s to the sum of its open reservations.") % {"place": finding.place}
    return Repair(finding, words, {"reserved": level.reserved}, {"reserved": promised})


def follow_reservations(plan: Repair, posting: Posting, level: StockLevel) -> None:
    """Promises for which there are no units become short, the youngest first."""
    name = repair_name(level)
    promised = plan.after["reserved"]
    posting.move(level, Bucket.RESERVED, promised - level.reserved, Kind.ADJUSTMENT, external_id=name, leg="reserved",
                 reason=REASON)  # fmt: skip
    gone = max(0, level.reserved + level.unavailable - level.on_hand)
    shortages.shorten(posting, level, min(gone, level.reserved), external_id=name, leg="short")


def plan_in_transit(finding: Finding, level: StockLevel) -> Repair:
    """I5: what is on its way follows the transfers."""
    words = _("Book what is on its way to %(place)s to what its transfers say.") % {"place": finding.place}
    return Repair(finding, words, {"in_transit": level.in_transit}, {"in_transit": int(finding.figures["units"])})


def follow_transfers(plan: Repair, posting: Posting, level: StockLevel) -> None:
    change = plan.after["in_transit"] - level.in_transit
    posting.move(level, Bucket.IN_TRANSIT, change, Kind.ADJUSTMENT, external_id=repair_name(level), reason=REASON)


def plan_kit(finding: Finding, level: StockLevel) -> Repair:
    """Kits hold no stock of their own."""
    words = _("Book the stock of %(place)s out: it is sold by its components.") % {"place": finding.place}
    before = {"on_hand": level.on_hand, "unavailable": level.unavailable}
    return Repair(finding, words, before, {"on_hand": 0, "unavailable": 0})


def book_out(plan: Repair, posting: Posting, level: StockLevel) -> None:
    name = repair_name(level)
    apart, all_of_it = -level.unavailable, -level.on_hand
    posting.move(level, Bucket.UNAVAILABLE, apart, Kind.ADJUSTMENT, external_id=name, leg="apart", reason=REASON)
    posting.move(level, Bucket.ON_HAND, all_of_it, Kind.ADJUSTMENT, external_id=name, reason=REASON)


def repair_name(level: StockLevel) -> str:
    return f"level-{level.pk}-after-{level.sequence}"


Planner = Callable[[Finding, StockLevel], Repair]
Booker = Callable[[Repair, Posting, StockLevel], None]
REPAIRS: dict[str, tuple[Planner, Booker]] = {
    "I1": (plan_balance, follow_ledger),
    "I3": (plan_reserved, follow_reservations),
    "I5": (plan_in_transit, follow_transfers),
    "kits": (plan_kit, book_out),
}
