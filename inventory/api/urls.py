"""The API of stock, under /api/v1/."""

from django.urls import path

from inventory.api.availability import Availability
from inventory.api.integrity import Integrity
from inventory.api.movement_bulk import MovementBulk
from inventory.api.movements import MovementList
from inventory.api.reports import Inbound, StockReports
from inventory.api.reservations import ReservationCommit, ReservationDetail, ReservationList, ReservationRelease
from inventory.api.stock import StockList

urlpatterns = [
    path("channels/<slug:code>/stock-reports/", StockReports.as_view(), name="api_stock_reports"),
    path("inbound/<slug:account>/", Inbound.as_view(), name="api_inbound"),
    path("system/integrity/", Integrity.as_view(), name="api_integrity"),
    path("stock/", StockList.as_view(), name="api_stock"),
    path("availability/", Availability.as_view(), name="api_availability"),
    path("reservations/", ReservationList.as_view(), name="api_reservations"),
    path("reservations/<slug:public_id>/", ReservationDetail.as_view(), name="api_reservation"),
    path("reservations/<slug:public_id>/commit/", ReservationCommit.as_view(), name="api_reservation_commit"),
    path("reservations/<slug:public_id>/release/", ReservationRelease.as_view(), name="api_reservation_release"),
    path("stock-movements/", MovementList.as_view(), name="api_movements"),
    path("stock-movements/bulk/", MovementBulk.as_view(), name="api_movements_bulk"),
]
