"""When inventory works: exchanges with channels, pushes, reconciliation, and the care of the ledger."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from inventory.models import ChannelBuffer, ReconciliationRun, SafetyStockRule
from inventory.queries.integrity import as_said
from inventory.services import exchange as exchanging
from inventory.services import integrity, pushing, reports, reservations, rules
from inventory.services import reconciliation as reconciling
from omni.connectors.errors import ConnectorError, Throttled
from omni.jobs import Run, TryLater, job
from omni.models import ConnectorAccount, InboundEvent
from omni.queue import enqueue
from omni.services.health import AccountAway, retry_at

RULES = {"safetystockrule": SafetyStockRule, "channelbuffer": ChannelBuffer}
AFTER_A_FAILURE = timedelta(seconds=5)
KEPT_FINDINGS = 100


@job("inventory.exchange", lease=timedelta(seconds=60))
def exchange(run: Run, *, account: int) -> dict:
    """Read what one account has for us."""
    row = ConnectorAccount.objects.select_related("channel").get(pk=account)
    try:
        return exchanging.exchange(account=row, at=timezone.now(), keep_going=keeping(run))
    except (AccountAway, ConnectorError) as away:
        raise later(away) from away


@job("inventory.push", lease=timedelta(seconds=30))
def push(run: Run, *, account: int) -> dict:
    """Tell one account what it is owed."""
    row = ConnectorAccount.objects.select_related("channel").get(pk=account)
    try:
        return pushing.push(account=row, at=timezone.now(), now=timezone.now, keep_going=keeping(run))
    except (AccountAway, ConnectorError) as away:
        raise later(away) from away


@job("inventory.reconcile", lease=timedelta(seconds=90))
def reconcile(run: Run, *, reconciliation: int) -> dict:
    """Compare the shards of a run that nobody else does."""
    row = ReconciliationRun.objects.select_related("account__channel").get(pk=reconciliation)
    return {"shards": reconciling.compare(run=row, at=timezone.now(), keep_going=keeping(run))}


@job("inventory.read_report", lease=timedelta(seconds=120))
def read_report(run: Run, *, event: int) -> dict:
    """Compare with the ledger what a channel reported of itself."""
    row = InboundEvent.objects.get(pk=event)
    try:
        return {"lines": reports.read_report(event=row, at=timezone.now(), keep_going=keeping(run))}
    except reports.Busy:
        raise TryLater(timezone.now() + AFTER_A_FAILURE, "Another reconciliation is under way.") from None


@job("inventory.refresh_rule", lease=timedelta(seconds=120))
def refresh_rule(run: Run, *, kind: str, rule: int) -> dict:
    """Have the listings asked again that a stock rule is about, at the moment in which it begins or ends."""
    row = RULES[kind].objects.filter(pk=rule).first()
    return {"listings": rules.refresh_listings(rule=row, at=timezone.now()) if row else 0}


def keeping(run: Run):
    """What a service calls first in each of its transactions: still mine, lease renewed."""

    def keep_going() -> None:
        run.guard()
        run.progress()

    return keep_going


def later(error: AccountAway | ConnectorError) -> TryLater:
    """When a job that met a closed door should knock again."""
    now = timezone.now()
    if isinstance(error, AccountAway):
        return TryLater(error.retry_at, "The channel is left alone for now.")
    if isinstance(error, Throttled):
        return TryLater(retry_at(error, at=now), str(error))
    return TryLater(now + AFTER_A_FAILURE, f"{type(error).__name__}: {error}")


@shared_task(name="inventory.schedule_exchange")
def schedule_exchange() -> int:
    """Ask for an exchange with every account that has something for us. Every second; safe to run twice."""
    accounts = ConnectorAccount.objects.working().select_related("channel")
    return exchanging.schedule(accounts=list(accounts), at=timezone.now())


@shared_task(name="inventory.schedule_push")
def schedule_push() -> int:
    """Ask for a push to every account that is owed something. Every second, and when stock moved."""
    return pushing.schedule(at=timezone.now())


@shared_task(name="inventory.schedule_reconciliation")
def schedule_reconciliation() -> int:
    """Begin to compare what changed, at every account; look after runs that nobody works on. Every minute."""
    now = timezone.now()
    reconciling.tend(at=now)
    return reconciling.start_all(full=False, at=now)


@shared_task(name="inventory.schedule_full_reconciliation")
def schedule_full_reconciliation() -> int:
    """Begin to compare everything, at every account. Every night."""
    now = timezone.now()
    reconciling.forget_old(at=now)
    return reconciling.start_all(full=True, at=now)


@shared_task(name="inventory.release_lapsed_reservations")
def release_lapsed_reservations(*, limit: int = 500) -> int:
    """Free stock promised past its deadline. Every minute; safe to run twice."""
    return reservations.release_lapsed(at=timezone.now(), limit=limit)


@job("inventory.verify_ledger", lease=timedelta(minutes=15))
def verify_ledger(run: Run) -> dict:
    """Prove the ledger and the audit log whole; what is broken becomes work for head office."""
    found = integrity.check(at=timezone.now(), tell=run.progress)
    broken = integrity.check_audit(at=timezone.now())
    said = [as_said(finding) for finding in found[:KEPT_FINDINGS]]
    return {"findings": len(found), "said": said, "audit": {"broken": broken}}


@shared_task(name="inventory.schedule_ledger_check")
def schedule_ledger_check() -> None:
    """Ask for a proof of the ledger. Every six hours, once per hour at most, however many schedulers there are."""
    now = timezone.now()
    enqueue("inventory.verify_ledger", key="ledger", at=now, slot=f"verify_ledger:{now:%Y-%m-%dT%H}")
