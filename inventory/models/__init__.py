"""What exists and where, one file per noun."""

from inventory.models.catalogue import (
    Category,
    Gtin,
    KitComponent,
    Product,
    ProductImage,
    ProductText,
    Variant,
)
from inventory.models.counts import Count
from inventory.models.listings import Listing, ListingEvent, ListingState
from inventory.models.pace import WINDOW, VariantPace
from inventory.models.prices import Price, PriceList
from inventory.models.reconciliation import Discrepancy, ReconciliationRun, ReconciliationShard, StagedStock
from inventory.models.reservations import Reservation
from inventory.models.rules import ChannelBuffer, SafetyStockRule
from inventory.models.stock import SOLD, Bucket, StockLevel, StockMovement
from inventory.models.transfers import Transfer, TransferLine

__all__ = [
    "SOLD",
    "WINDOW",
    "Bucket",
    "Category",
    "ChannelBuffer",
    "Count",
    "Discrepancy",
    "Gtin",
    "KitComponent",
    "Listing",
    "ListingEvent",
    "ListingState",
    "Price",
    "PriceList",
    "Product",
    "ProductImage",
    "ProductText",
    "ReconciliationRun",
    "ReconciliationShard",
    "Reservation",
    "SafetyStockRule",
    "StagedStock",
    "StockLevel",
    "StockMovement",
    "Transfer",
    "TransferLine",
    "Variant",
    "VariantPace",
]
