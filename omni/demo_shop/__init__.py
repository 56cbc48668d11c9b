"""
A stand-in for a shop that is not ours: it has its own stock, its own orders and its own file of data.

It plays a small web shop (one pool) or the back office of tills (stock per location). It talks to Omni only
through the files that ``omni.connectors.feed`` describes, and knows no model of Omni. Where Omni shows it, it is
labelled a stand-in.
"""

from omni.demo_shop.exchange import apply_inbox, buy, tell_sales, write_snapshot
from omni.demo_shop.serve import serve_forever
from omni.demo_shop.shop import DemoShop, Event, Item, NotEnough, Order, UnknownItem

__all__ = [
    "DemoShop",
    "Event",
    "Item",
    "NotEnough",
    "Order",
    "UnknownItem",
    "apply_inbox",
    "buy",
    "serve_forever",
    "tell_sales",
    "write_snapshot",
]
