"""The URLs of Omni. Only this file, settings, celery and navigation name the other apps."""

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", lambda request: HttpResponse("ok"), name="healthz"),
    path("account/", include("allauth.urls")),
]
