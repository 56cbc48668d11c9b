"""The set-up of an empty installation: the retailer, the first administrator, the first store and channel."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omni.activity import record
from omni.errors import RuleBroken
from omni.models import Retailer, User
from omni.services import channels, locations, staff


class SetUpAlready(RuleBroken):
    code = "set_up_already"
    status = 409


@transaction.atomic
def set_up(
    *,
    name: str,
    currency: str,
    time_zone: str,
    username: str,
    password: str,
    store_code: str,
    store_name: str,
    channel_code: str,
    channel_name: str,
    at: datetime,
) -> User:
    """
    Make everything that an empty installation needs to begin. Returns the administrator.

    Raises SetUpAlready when somebody was faster, or when there are people here already.
    """
    if User.objects.exists():
        raise SetUpAlready(_("Omni is set up already. Sign in."))
    try:
        with transaction.atomic():
            retailer = Retailer.objects.create(pk=1, name=name, currency=currency, time_zone=time_zone, set_up_at=at)
    except IntegrityError:
        raise SetUpAlready(_("Omni is set up already. Sign in.")) from None
    chief, _unused = staff.add(
        username=username, password=password, roles=["administrator"], locations=[], by=None, at=at
    )
    store = locations.add(code=store_code, name=store_name, time_zone=time_zone, by=chief, at=at)
    channels.add(
        code=channel_code, name=channel_name, hue="till", sells=True, serves=True, pooled=False,
        locations=[store], by=chief, at=at,
    )  # fmt: skip
    record("retailer.set_up", subject=retailer, at=at, by=chief)
    return chief
