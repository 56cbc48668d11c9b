"""The demo around the loaded retailer: channels, stand-in accounts and one sign-in per role, all marked as made up."""

import os
import secrets
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from omni.access import ROLES
from omni.errors import RuleBroken
from omni.models import Channel, ChannelLocation, ConnectorAccount, Department, LoadedData, Location, Origin, User
from omni.services import loading
from omni.services.loading import CODE, TILLS, Cut, Load, Progress, Shard

REMOVED = "removed"
MAIL = "@demo.invalid"  # a domain that cannot exist (RFC 2606)
WEB, PHONE = "web-shop", "phone"
WEB_ACCOUNT, TILL_ACCOUNT = "demo-web-shop", "demo-tills"
WEB_STORES = 5
MADE_UP = ["web shop, phone, rules, staff: made up"]
DEPARTMENTS = {"stores": "Stores", "online": "Online", "service": "Customer service", "marketing": "Marketing",
               "head-office": "Head office"}  # fmt: skip
STAFF = {  # role: (user name, department)
    "head_office": ("office", "head-office"),
    "store_manager": ("manager", "stores"),
    "store_staff": ("store", "stores"),
    "online_staff": ("online", "online"),
    "customer_service": ("service", "service"),
    "marketing": ("marketing", "marketing"),
    "administrator": ("admin", "head-office"),
}


class NotEmpty(RuleBroken):
    """There is other data here, into which a demo must not be mixed."""

    code = "not_empty"
    status = 409


class DemoRemoved(RuleBroken):
    """Somebody removed the demo data on purpose."""

    code = "demo_removed"
    status = 409


def load_demo(*, at: datetime, progress: Progress, again: bool = False, cut: Cut | None = None) -> LoadedData:
    """
    Load the retailer and set the demo up around it. Complete already: changes nothing.

    again: load it even though somebody removed it. Raises NotEmpty and DemoRemoved.
    """
    if again:
        LoadedData.objects.filter(code=REMOVED).delete()
    data = LoadedData.objects.filter(code=CODE).first()
    if data is None:
        check_empty()
    data = loading.load(cut=cut or cut_of(data), weeks=None, at=at, progress=progress)
    if not data.options.get("demo"):
        loading.run_steps(data, settings.LOADER_STEPS["demo"], at=at, progress=progress)
        data.refresh_from_db()
        options = data.options | {"demo": True, "made_up": MADE_UP}
        LoadedData.objects.filter(pk=data.pk).update(options=options)
    return data


def check_empty() -> None:
    if LoadedData.objects.filter(code=REMOVED).exists():
        raise DemoRemoved(_("The demo data was removed from this installation on purpose."))
    if Location.objects.exists() or Channel.objects.exists():
        raise NotEmpty(_("This installation holds other data: the demo is not mixed into it."))


def cut_of(data: LoadedData | None) -> Cut:
    """The cut that is there already, else the demo's own."""
    if data is None:
        return Cut()
    return Cut(data.options["stores"], date.fromisoformat(data.options["from"]), date.fromisoformat(data.options["to"]))


def load_office(task: Load) -> list[Shard]:
    return [Shard("channels", 100, partial(make_channels, task)), Shard("staff", 1000, partial(make_staff, task))]


def make_channels(task: Load) -> dict[str, int]:
    """A web shop and a phone line over some of the stores, and the accounts of the two stand-ins."""
    web = make_pooled(WEB, "Web shop", Channel.Hue.WEB, 20)
    make_pooled(PHONE, "Phone", Channel.Hue.PHONE, 30)
    served = web_stores(task)
    for channel in Channel.objects.filter(code__in=[WEB, PHONE]):
        ChannelLocation.objects.bulk_create(ChannelLocation(channel=channel, location=place) for place in served)
    tills = Channel.objects.get(code=TILLS)
    make_account(tills, TILL_ACCOUNT, "Tills' back office (stand-in)")
    make_account(web, WEB_ACCOUNT, "Demo web shop (stand-in)")
    return {}


def make_pooled(code: str, name: str, hue: str, position: int) -> Channel:
    return Channel.objects.create(
        code=code, name=name, hue=hue, sells=True, serves=True, position=position, origin=Origin.MADE_UP
    )


def make_account(channel: Channel, code: str, name: str) -> ConnectorAccount:
    return ConnectorAccount.objects.create(
        channel=channel, code=code, name=name, kind="feed", config={"folder": code}, is_stand_in=True
    )


def web_stores(task: Load) -> list[Location]:
    """The stores whose stock the web shop sells: that of the demo's store people, who see it follow, and four more."""
    numbers = [*task.stores[:1], *task.stores[2 : 1 + WEB_STORES]]
    return list(Location.objects.filter(code__in=[f"store-{number}" for number in numbers]))


def make_staff(task: Load) -> dict[str, int]:
    """One person per role, without a password until ``write_sign_ins`` gives them one. Known by their mail domain."""
    departments = {
        code: Department.objects.get_or_create(code=code, defaults={"name": name})[0]
        for code, name in DEPARTMENTS.items()
    }
    home = Location.objects.get(code=f"store-{task.stores[0]}")
    for role, (wanted, department) in STAFF.items():
        taken = User.objects.filter(username=wanted).exclude(email__endswith=MAIL).exists()
        username = f"demo-{wanted}" if taken else wanted
        person, _fresh = User.objects.get_or_create(
            username=username, email=wanted + MAIL, defaults={"first_name": str(ROLES[role].name)}
        )
        User.objects.filter(pk=person.pk).update(department=departments[department])
        person.groups.set([Group.objects.get(name=role)])
        if role.startswith("store_"):
            person.locations.set([home])
    return {"staff": len(STAFF)}


def sign_ins_file() -> Path:
    return Path(settings.VAR_DIR) / "demo-sign-ins.txt"


@transaction.atomic
def write_sign_ins() -> str:
    """The page of sign-ins; passwords are made once, and kept in a file that only its owner may read."""
    path = sign_ins_file()
    if path.exists():
        return path.read_text()
    rows = []
    for person in User.objects.filter(email__endswith=MAIL).order_by("pk"):
        password = secrets.token_urlsafe(9)
        person.set_password(password)
        person.save(update_fields=["password"])
        rows.append(f"  {person.first_name:<18} {person.username:<14} {password}")
    text = "\n".join(["Sign in to the demo as (role, user name, password):", *rows, ""])
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return text
