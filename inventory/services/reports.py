"""
What a channel says of itself by API: a picture of the stock it shows, or a hint that something changed there.

Both are kept as they came and answered at once; the work is a job. A picture becomes a reconciliation; of a hint
nothing is believed, the channel is read again.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from inventory.models import ReconciliationRun
from inventory.queries.places import places_of
from inventory.services import reconciliation, snapshots
from inventory.services.remote_sales import Shop
from omni.connectors.base import Batch, ListingRef, Page, RawRequest, RemoteStock
from omni.connectors.errors import BadSignature, ConnectorError, Garbage
from omni.errors import RuleBroken
from omni.models import ConnectorAccount, InboundEvent
from omni.queue import enqueue
from omni.services.health import connector_of
from omni.services.inbound import keep_event, settle_event


class ReportIdReused(RuleBroken):
    """This account used this id for another report."""

    code = "report_id_reused"
    status = 409


class NobodyListens(RuleBroken):
    """There is no such account, or it takes no webhooks."""

    code = "not_found"
    status = 404


class NotTheirs(RuleBroken):
    """A webhook that its sender cannot have sent."""

    code = "bad_signature"
    status = 401


class NotUnderstood(RuleBroken):
    """A signed webhook that is not what the contract says."""

    code = "garbage"
    status = 400


class Busy(Exception):
    """Another reconciliation of this account is under way."""


@transaction.atomic
def take_report(*, account: ConnectorAccount, report_id: str, report: dict[str, Any], at: datetime) -> bool:
    """
    Keep what a channel shows and ask for its comparison. Returns whether it is new; a repeat changes nothing.

    report: {taken_at (ISO), full, location or None, lines: [{sku, location or None, quantity}]}.
    Raises ReportIdReused.
    """
    body = json.dumps(report, sort_keys=True).encode()
    event, fresh = keep_event(account=account, event_id=f"report:{report_id}", headers={}, body=body, at=at)
    if not fresh and bytes(event.body) != body:
        raise ReportIdReused(_("The report %(name)s was sent before with other lines.") % {"name": report_id})
    if fresh:
        enqueue("inventory.read_report", key=f"report:{event.pk}", at=at, event=event.pk)
    return fresh


def read_report(*, event: InboundEvent, at: datetime, keep_going: Callable[[], None]) -> int:
    """
    Compare a report with the ledger as of the time it was taken. Returns how many lines; safe to repeat.

    Raises Busy while another reconciliation of the account is under way.
    """
    report = json.loads(bytes(event.body))
    with transaction.atomic():
        keep_going()
        account = ConnectorAccount.objects.select_for_update(of=("self",)).get(pk=event.account_id)
        if InboundEvent.objects.filter(pk=event.pk, processed_at=None).count() == 0:
            return 0
        if ReconciliationRun.objects.unfinished().filter(account=account).exists():
            raise Busy
        page = page_of(event, report)
        taken_at = page.batch.taken_at if page.batch else at
        run = ReconciliationRun.objects.create(account=account, full=report["full"], started_at=taken_at, asked_at=at)
        snapshots.stage(Shop(account, places_of(account)), run, page, at=at)
        reconciliation.begin_comparing(run, at=at)
        settle_event(event=event, at=at)
    return len(page.items)


def page_of(event: InboundEvent, report: dict[str, Any]) -> Page[RemoteStock]:
    taken_at = parse_datetime(report["taken_at"]) or event.received_at
    items = tuple(
        RemoteStock(
            ref=ListingRef(line["sku"], line["sku"], line["location"]), on_hand=line["quantity"], allocated=0,
            available=line["quantity"], seen_at=taken_at,
        )
        for line in report["lines"]
    )  # fmt: skip
    batch = Batch(event.event_id, taken_at, full=report["full"], complete=True, location=report["location"])
    return Page(items, batch=batch)


def take_webhook(*, account_id: str, request: RawRequest, at: datetime) -> bool:
    """
    Take a signed hint: kept once per event, then the account is read again. Returns whether it is new.

    Raises NobodyListens, NotTheirs (nothing is kept) and NotUnderstood.
    """
    account = ConnectorAccount.objects.working().filter(public_id=account_id).first()
    if account is None:
        raise NobodyListens(_("Nobody listens here."))
    try:
        connector = connector_of(account)
        if not connector.capabilities.webhooks:
            raise NobodyListens(_("Nobody listens here."))
        event = connector.verify_webhook(request)
    except BadSignature:
        raise NotTheirs(_("The signature does not fit. Nothing was kept.")) from None
    except Garbage as error:
        raise NotUnderstood(_("The signature fits, the body does not: %(detail)s") % {"detail": error}) from None
    except ConnectorError:
        raise NobodyListens(_("Nobody listens here.")) from None
    return keep_hint(account, event.event_id, request, at=at)


@transaction.atomic
def keep_hint(account: ConnectorAccount, event_id: str, request: RawRequest, *, at: datetime) -> bool:
    event, fresh = keep_event(account=account, event_id=event_id, headers=request.headers, body=request.body, at=at)
    if fresh:
        enqueue("inventory.exchange", key=f"exchange:{account.pk}", at=at, account=account.pk)
        settle_event(event=event, at=at)
    return fresh
