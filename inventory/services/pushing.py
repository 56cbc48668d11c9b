"""
Telling channels what they should show.

One worker at a time writes to an account (its job's key), in bulks of what the channel takes. A write carries the
version that was read before its figure, so that the newest wins; where the channel compares versions or figures, it
carries those, too, and nothing that changed there meanwhile is overwritten.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import F, Q, QuerySet

from inventory.models import Listing, ListingEvent, ListingState
from inventory.queries.listings import shown_on
from inventory.queries.places import Places, places_of, ref_of
from inventory.queries.prices import Quote, prices_of
from inventory.services import answers, findings, memory
from omni.connectors.base import ChannelConnector, ListingRef, ListingWrite, StockWrite, WriteResult
from omni.connectors.errors import Conflict, ConnectorError, Rejected
from omni.db import update_many
from omni.models import ConnectorAccount
from omni.queue import enqueue
from omni.services.health import conversation

Guard = Callable[[], None]
ANSWER_WITHIN = timedelta(seconds=20)
OFFERS_AT_ONCE = 1000
CLOCKS_DIFFER_BY = timedelta(seconds=5)


@dataclass(frozen=True)
class Plan:
    """One listing with what it should show now."""

    state: ListingState
    listing: Listing
    ref: ListingRef
    target: int

    @property
    def known_there(self) -> bool:
        """
        The channel has this figure for all we know, and no answer is awaited.

        Never sure at one of several places without versions: a shop may sell without saying from where.
        """
        awaited = self.state.sent_version > self.state.pushed_version
        sure = self.listing.location_id is None or bool(self.state.seen_version)
        return sure and self.state.seen_quantity == self.target and not awaited and bool(self.listing.remote_id)


def owed(accounts: Iterable[ConnectorAccount] | None = None, *, at: datetime) -> QuerySet[ListingState]:
    """Listings that should be told something now: changed, or told and not answered in time."""
    ready = Q(next_try_at=None) | Q(next_try_at__lte=at)
    awaited = Q(sent_version__gt=F("pushed_version"))
    changed = Q(dirty=True) & (~awaited | Q(sent_at__lte=at - ANSWER_WITHIN))
    unanswered = awaited & Q(sent_at__lte=at - ANSWER_WITHIN)
    rows = ListingState.objects.filter(changed | unanswered, ready, given_up=False, held=False)
    rows = rows.filter(listing__ended_at=None, listing__account__enabled=True)
    return rows if accounts is None else rows.filter(listing__account__in=accounts)


def schedule(*, at: datetime) -> int:
    """Ask for a push to every account that is owed something and may be called. Returns how many."""
    rows = owed(at=at).filter(Q(listing__account__closed_until=None) | Q(listing__account__closed_until__lte=at))
    accounts = sorted(set(rows.values_list("listing__account_id", flat=True).distinct()))
    for pk in accounts:
        enqueue("inventory.push", key=f"push:{pk}", at=at, account=pk)
    return len(accounts)


def push(*, account: ConnectorAccount, at: datetime, now: Callable[[], datetime], keep_going: Guard) -> dict[str, int]:
    """
    Tell an account everything it is owed. now: the clock, because a long push must not stamp what it sends too early.

    keep_going: called inside every transaction; raises when this worker must stop. Raises AccountAway, ConnectorError.
    """
    places, told, same = places_of(account), 0, 0
    with conversation(account, at=at) as connector:
        offer(account, connector, places, at=at, keep_going=keep_going)
        while plans := choose(account, places, limit=connector.capabilities.bulk_limit, at=now()):
            asked = ask_about_lost_answers(account, connector, places, plans, at=now(), keep_going=keep_going)
            known = [plan for plan in plans if plan.known_there]
            same += leave_alone(known, at=now(), keep_going=keep_going)
            rest = [plan for plan in plans if not plan.known_there and plan.state.pk not in asked]
            told += tell(account, connector, places, rest, now=now, keep_going=keep_going)
    return {"told": told, "same": same}


def choose(account: ConnectorAccount, places: Places, *, limit: int, at: datetime) -> list[Plan]:
    """The next listings to tell, oldest debt first. Versions are read before figures: a newer figure may only gain."""
    states = list(owed([account], at=at).select_related("listing").order_by("dirty_since", "pk")[:limit])
    late = at + CLOCKS_DIFFER_BY  # whatever made a version that was read above must be in the figure
    shown = shown_on(account, at=late, listing_ids=[state.pk for state in states]) if states else []
    figures = {row.listing_id: row.quantity for row in shown}
    return [
        Plan(state, state.listing, ref_of(state.listing, places), max(0, figures.get(state.pk, 0))) for state in states
    ]


def leave_alone(plans: Sequence[Plan], *, at: datetime, keep_going: Guard) -> int:
    """What the channel has already need not be told."""
    if not plans:
        return 0
    with transaction.atomic():
        keep_going()
        states = memory.lock_states(plan.state.pk for plan in plans)
        settled = []
        for plan in plans:
            state = states[plan.state.pk]
            if (state.version, state.seen_quantity) == (plan.state.version, plan.target):
                state.dirty, state.dirty_since, state.in_step = False, None, True
                state.sent_version = state.pushed_version = state.version
                state.sent_quantity = state.pushed_quantity = plan.target
                state.attempts, state.next_try_at, state.last_error = 0, None, ""
                settled.append(state)
        update_many(settled, [*answers.SETTLED, "sent_quantity"])
        findings.close_confirmed([state.pk for state in settled], at=at)
    return len(settled)


def tell(
    account: ConnectorAccount,
    connector: ChannelConnector,
    places: Places,
    plans: Sequence[Plan],
    *,
    now: Callable[[], datetime],
    keep_going: Guard,
) -> int:
    """Write one bulk: noted before it leaves, so that a worker killed in between is known to have perhaps sent it."""
    if not plans:
        return 0
    cas = "cas" in connector.capabilities.stock_write
    writes = [write_of(plan, cas=cas) for plan in plans]
    with transaction.atomic():
        keep_going()
        note_sent(plans, at=now())
    try:
        results = send(connector, writes, account)
    except ConnectorError as error:
        with transaction.atomic():
            keep_going()
            note_not_sent(plans, error, at=now())
        raise
    with transaction.atomic():
        keep_going()
        answers.settle(account=account, places=places, results=results, at=now())
    return len(plans)


def write_of(plan: Plan, *, cas: bool) -> StockWrite:
    state = plan.state
    return StockWrite(
        plan.ref,
        plan.target,
        state.version,
        expected=state.seen_quantity if cas else None,
        if_version=(state.seen_version or None) if cas else None,
        document=f"listing:{state.pk}",
    )


def send(connector: ChannelConnector, writes: Sequence[StockWrite], account: ConnectorAccount) -> list[WriteResult]:
    """Write, halving a bulk that is refused as a whole until the one at fault stands alone."""
    try:
        return list(connector.write_stock(writes, key_of(account, writes)))
    except (Rejected, Conflict) as error:
        if len(writes) > 1:
            half = len(writes) // 2
            return send(connector, writes[:half], account) + send(connector, writes[half:], account)
        only = writes[0]
        if isinstance(error, Conflict):
            return [WriteResult(only.ref, "conflict", only.version, error.actual, error.actual_version, error.code)]
        return [WriteResult(only.ref, "rejected", only.version, code=error.code, detail=error.detail)]


def key_of(account: ConnectorAccount, writes: Sequence[StockWrite]) -> UUID:
    """The same for a repeat of the same writes after a lost answer, another for anything else."""
    content = [(write.document, write.version, write.target, write.if_version, write.expected) for write in writes]
    return uuid5(NAMESPACE_URL, f"omni:{account.public_id}:{content!r}")


def note_sent(plans: Sequence[Plan], *, at: datetime) -> None:
    states = memory.lock_states(plan.state.pk for plan in plans)
    for plan in plans:
        state = states[plan.state.pk]
        state.sent_version, state.sent_quantity, state.sent_at = plan.state.version, plan.target, at
    update_many(list(states.values()), ["sent_version", "sent_quantity", "sent_at"])
    ListingEvent.objects.bulk_create(
        [
            ListingEvent(
                listing_id=plan.state.pk, kind=ListingEvent.Kind.TOLD, quantity=plan.target,
                version=plan.state.version, remote_version=plan.state.seen_version, at=at,
            )
            for plan in plans
        ]
    )  # fmt: skip


def note_not_sent(plans: Sequence[Plan], error: ConnectorError, *, at: datetime) -> None:
    """The call failed: nothing was written, or (unknown) we shall ask. The failure is the account's, not the row's."""
    states = memory.lock_states(plan.state.pk for plan in plans)
    for state in states.values():
        if error.outcome_unknown:
            answers.try_again(state, error.code, at=at)
        else:
            answers.stop_awaiting(state)
            state.last_error = error.code
    update_many(list(states.values()), answers.SETTLED)


def ask_about_lost_answers(
    account: ConnectorAccount,
    connector: ChannelConnector,
    places: Places,
    plans: Sequence[Plan],
    *,
    at: datetime,
    keep_going: Guard,
) -> set[int]:
    """
    Look before repeating: where a channel can be asked, what may have been written is read back first.

    Returns the listings whose write turned out to have happened.
    """
    lost = {plan.ref: plan for plan in plans if plan.state.sent_version > plan.state.pushed_version}
    if not lost or not connector.capabilities.stock_query:
        return set()
    shown = connector.stock(list(lost)).items
    done = [
        WriteResult(item.ref, "applied", lost[item.ref].state.sent_version, item.available, item.version)
        for item in shown
        if item.ref in lost and item.available == lost[item.ref].state.sent_quantity
    ]
    with transaction.atomic():
        keep_going()
        answers.settle(account=account, places=places, results=done, at=at)
    return {lost[result.ref].state.pk for result in done}


def offer(
    account: ConnectorAccount, connector: ChannelConnector, places: Places, *, at: datetime, keep_going: Guard
) -> int:
    """Tell a channel that takes our listings which ones there are; it must know them before it can show stock."""
    if not connector.capabilities.listing_write:
        return 0
    told = 0
    fresh = Listing.objects.live().filter(account=account, remote_id="").order_by("pk")
    while some := list(fresh.select_related("variant__product")[:OFFERS_AT_ONCE]):
        quotes = prices_of([listing.variant_id for listing in some], channel=account.channel, at=at)
        writes = [offer_of(listing, places, quotes.get(listing.variant_id)) for listing in some]
        connector.write_listings(writes)
        with transaction.atomic():
            keep_going()
            Listing.objects.filter(pk__in=[listing.pk for listing in some]).update(remote_id=F("remote_sku"))
        told += len(some)
    return told


def offer_of(listing: Listing, places: Places, quote: Quote | None) -> ListingWrite:
    place = places.theirs(listing.location_id)
    if quote is None:
        return ListingWrite(listing.remote_sku, str(listing.variant), place)
    return ListingWrite(listing.remote_sku, str(listing.variant), place, quote.amount_minor, quote.currency)
