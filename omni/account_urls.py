"""Signing in and out: allauth's pages, as far as staff need them. The names are allauth's."""

from allauth.account import views as account
from django.urls import include, path

from omni.views import sign_in

urlpatterns = [
    path("login/", sign_in.SignIn.as_view(), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", sign_in.forgotten, name="account_reset_password"),
    path("password/set/", sign_in.closed, name="account_set_password"),
    path("signup/", sign_in.closed, name="account_signup"),
    path("email/", sign_in.closed, name="account_email"),
    path("2fa/", include("allauth.mfa.urls")),
]
