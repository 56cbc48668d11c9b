"""The pages of inventory."""

from django.urls import include, path

from inventory.views import channels, counts, discrepancies, integration, stock, stock_changes, till, today, transfers

urlpatterns = [
    path("", include("inventory.catalogue_urls")),
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
    path("channels/", channels.channel_list, name="channels"),
    path("channels/now/", channels.channels_now, name="channels_now"),
    path("channels/reconcile/", channels.reconcile_now, name="reconcile_now"),
    path("channels/reconcile/<slug:public_id>/cancel/", channels.reconcile_cancel, name="reconcile_cancel"),
    path("channels/<slug:code>/listings/", channels.channel, name="channel"),
    path("integration/", integration.integration_health, name="integration_health"),
    path("integration/items/<slug:public_id>/retry/", integration.set_aside_retry, name="set_aside_retry"),
    path("integration/items/<slug:public_id>/skip/", integration.set_aside_skip, name="set_aside_skip"),
    path("integration/<slug:code>/retry/", integration.push_retry, name="push_retry"),
    path("integration/<slug:code>/skip/", integration.push_skip, name="push_skip"),
    path("discrepancies/decide/", discrepancies.discrepancies_decide, name="discrepancies_decide"),
    path("discrepancies/<slug:public_id>/", discrepancies.discrepancy, name="discrepancy"),
    path("discrepancies/<slug:public_id>/keep/", discrepancies.discrepancy_keep, name="discrepancy_keep"),
    path("discrepancies/<slug:public_id>/take/", discrepancies.discrepancy_take, name="discrepancy_take"),
    path("discrepancies/<slug:public_id>/count/", discrepancies.discrepancy_count, name="discrepancy_count"),
    path("discrepancies/<slug:public_id>/leave/", discrepancies.discrepancy_leave, name="discrepancy_leave"),
    path("till/", till.till, name="till"),
    path("till/sell/", till.till_sell, name="till_sell"),
]
