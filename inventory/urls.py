"""The pages of inventory."""

from django.urls import path

from inventory.views import counts, stock, stock_changes, till, today, transfers

urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/scan/", today.today_scan, name="today_scan"),
    path("today/round/", today.today_round, name="today_round"),
    path("counts/<str:public_id>/", counts.count, name="count"),
    path("stock/", stock.stock_list, name="stock"),
    path("stock/<str:public_id>/", stock.stock_item, name="stock_item"),
    path("stock/<str:public_id>/why/", stock.stock_why, name="stock_why"),
    path("stock/<str:public_id>/movements/", stock.stock_movements, name="stock_movements"),
    path("stock/<str:public_id>/count/", stock_changes.count_request, name="count_request"),
    path("stock/<str:public_id>/change/<slug:change>/", stock_changes.stock_change, name="stock_change"),
    path("transfers/", transfers.transfer_list, name="transfers"),
    path("transfers/<str:public_id>/", transfers.transfer, name="transfer"),
    path("transfers/<str:public_id>/receive/", transfers.transfer_receive, name="transfer_receive"),
    path("till/", till.till, name="till"),
    path("till/sell/", till.till_sell, name="till_sell"),
]
