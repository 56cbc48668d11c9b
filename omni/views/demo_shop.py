"""
The demo's web shop: a stand-in for a shop that is not ours, open to everybody on the loopback demo.

It reads and changes the stand-in's own books only. Omni hears of it through files, as it would from a real shop.
"""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from omni.access import open_view
from omni.demo_shop import DemoShop, NotEnough, UnknownItem, buy
from omni.services.demo import WEB_ACCOUNT

SHELF = 24
EVENTS = 12
MOST_UNITS = 99_999


def shop_or_404() -> DemoShop:
    """The stand-in, where there is a demo and it was set up."""
    folder = Path(settings.FEED_ROOT) / WEB_ACCOUNT
    if not settings.DEMO or not (folder / "demo-shop" / "shop.sqlite3").exists():
        raise Http404
    return DemoShop(folder)


def shelf_of(shop: DemoShop, search: str, said: str = "", tone: str = "ok") -> dict:
    found = shop.items(search, limit=SHELF)
    return {"items": found, "events": shop.events(limit=EVENTS), "search": search, "said": said, "tone": tone}


def answer(request: HttpRequest, shop: DemoShop, said: str, tone: str) -> HttpResponse:
    """The shelf after something was done to it."""
    search = request.POST.get("q", "")
    if not getattr(request, "htmx", None):
        return redirect("demo_shop")
    context = shelf_of(shop, search, said, tone)
    return render(request, "omni/demo_shop/_shelf.html", context, status=200 if tone == "ok" else 422)


@open_view()
def demo_shop(request: HttpRequest) -> HttpResponse:
    """What the shop sells, with its stock; refreshes itself every second."""
    shop = shop_or_404()
    part = getattr(request, "htmx", None)
    page = "omni/demo_shop/_shelf.html" if part else "omni/demo_shop/page.html"
    return render(request, page, shelf_of(shop, request.GET.get("q", "")))


@open_view(methods=["POST"])
def demo_shop_buy(request: HttpRequest) -> HttpResponse:
    """A visitor buys one; Omni is told by a file."""
    shop = shop_or_404()
    try:
        order = buy(shop, request.POST.get("sku", ""))
    except NotEnough:
        return answer(request, shop, _("Sold out: somebody was faster."), "bad")
    except UnknownItem:
        return answer(request, shop, _("The shop does not sell that."), "bad")
    return answer(request, shop, _("Thank you! Order %(number)s.") % {"number": order.number}, "ok")


@open_view(methods=["POST"])
def demo_shop_change(request: HttpRequest) -> HttpResponse:
    """Somebody changes a figure in the shop's admin, and tells nobody."""
    shop, units = shop_or_404(), request.POST.get("quantity", "")
    if not (units.isascii() and units.isdigit() and int(units[:9]) <= MOST_UNITS):
        return answer(request, shop, _("A whole number of units, please."), "bad")
    try:
        item = shop.tamper(request.POST.get("sku", "").strip(), int(units))
    except UnknownItem:
        return answer(request, shop, _("The shop does not sell that."), "bad")
    said = _("%(title)s shows %(n)s now. Omni was not told.") % {"title": item.title, "n": item.quantity}
    return answer(request, shop, said, "ok")
