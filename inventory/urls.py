"""The pages of inventory."""

from django.urls import path

from inventory.views import stock, till

urlpatterns = [
    path("stock/", stock.stock_list, name="stock"),
    path("stock/<str:public_id>/", stock.stock_item, name="stock_item"),
    path("stock/<str:public_id>/why/", stock.stock_why, name="stock_why"),
    path("stock/<str:public_id>/movements/", stock.stock_movements, name="stock_movements"),
    path("till/", till.till, name="till"),
    path("till/sell/", till.till_sell, name="till_sell"),
]
