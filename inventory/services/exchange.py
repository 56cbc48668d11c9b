"""
Reading what an account has for us: its sales, and its answers to what we told it.

A page is committed together with the place where the stream was left; only then may its source go (a file is
archived). No call is made inside a transaction.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import ReconciliationRun
from inventory.queries.places import places_of
from inventory.services import answers, reconciliation, remote_sales, snapshots, streams
from inventory.services.remote_sales import Shop
from omni.connectors.base import ChannelConnector
from omni.connectors.errors import ConnectorError
from omni.models import ConnectorAccount, SetAside, User
from omni.queue import enqueue
from omni.services.health import AccountAway, conversation
from omni.services.inbound import CannotRetry

ASKED_AGAIN_AFTER = timedelta(seconds=10)
Guard = Callable[[], None]


def exchange(*, account: ConnectorAccount, at: datetime, keep_going: Guard) -> dict[str, int]:
    """
    Read every stream of an account to its end. Safe to repeat: what was read before changes nothing.

    A picture that a reconciliation waits for is read first: what was sold before it is read after it, and so known.
    keep_going: called inside every transaction; raises when this worker must stop.
    Raises AccountAway and ConnectorError.
    """
    shop = Shop(account, places_of(account))
    run = waiting_run(account)
    with conversation(account, at=at) as connector:
        whole = run is not None and read_picture(shop, connector, run, at=at, keep_going=keep_going)
        sales = read_sales(shop, connector, at=at, keep_going=keep_going)
        acks = read_answers(shop, connector, at=at, keep_going=keep_going)
    if run is not None and whole:
        reconciliation.begin_comparing(run, at=at)
    return {"sales": sales, "answers": acks}


def waiting_run(account: ConnectorAccount) -> ReconciliationRun | None:
    """The reconciliation that waits for the account's picture."""
    reading = ReconciliationRun.objects.unfinished().filter(account=account, state=ReconciliationRun.State.READING)
    return reading.select_related("account").first()


def read_picture(
    shop: Shop, connector: ChannelConnector, run: ReconciliationRun, *, at: datetime, keep_going: Guard
) -> bool:
    try:
        return snapshots.read(shop, connector, run, at=at, keep_going=keep_going)
    except snapshots.NoSnapshot:
        reconciliation.fail(run, reason=_("The channel was asked for its stock and sent nothing for a minute."), at=at)
        return False


def read_sales(shop: Shop, connector: ChannelConnector, *, at: datetime, keep_going: Guard) -> int:
    booked, more = 0, True
    while more:
        page = connector.orders(streams.cursor_of(shop.account, "orders", connector, at=at))
        booked += remote_sales.book_page(shop, page.items, at=at, keep_going=keep_going)
        with transaction.atomic():
            keep_going()
            streams.leave(shop.account, "orders", page, at=at)
        connector.acknowledge(page)
        more = page.has_more
    return booked


def read_answers(shop: Shop, connector: ChannelConnector, *, at: datetime, keep_going: Guard) -> int:
    if not connector.capabilities.async_ack:
        return 0
    settled, more = 0, True
    while more:
        page = connector.write_results(streams.cursor_of(shop.account, "answers"))
        with transaction.atomic():
            keep_going()
            settled += answers.settle(account=shop.account, places=shop.places, results=page.items, at=at)
            streams.leave(shop.account, "answers", page, at=at)
        connector.acknowledge(page)
        more = page.has_more
    return settled


def retry_row(item: SetAside, by: User | None, at: datetime) -> None:
    """Book a line again that was set aside (its SKU or place may be known by now). Raises what still refuses it."""
    if "sale" not in item.payload or item.account is None:
        raise CannotRetry(item.reason)
    remote_sales.rebook(item, Shop(item.account, places_of(item.account)), at=at)


def schedule(*, accounts: Sequence[ConnectorAccount], at: datetime) -> int:
    """Ask for an exchange with every account that has something for us, or that must be asked to know."""
    asked = 0
    for account in accounts:
        if wanted(account, at=at):
            enqueue("inventory.exchange", key=f"exchange:{account.pk}", at=at, account=account.pk)
            asked += 1
    return asked


def wanted(account: ConnectorAccount, *, at: datetime) -> bool:
    """Whether an exchange is due: news lies there, somebody waits for a snapshot, or nobody asked for some time."""
    if waiting_run(account):
        return True
    try:
        with conversation(account, at=at) as connector:
            if not connector.has_news():
                return False
            must_ask = connector.capabilities.stock_query
    except (AccountAway, ConnectorError):
        return False
    asked = account.cursors.filter(stream="orders", read_at__gt=at - ASKED_AGAIN_AFTER)
    return not (must_ask and asked.exists())
