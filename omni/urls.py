"""The URLs of Omni. Only this file, settings, celery and navigation name the other apps."""

from django.urls import URLPattern, URLResolver, include, path

from omni.views.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("inventory.api.urls")),
    path("api/", include("omni.api.urls")),  # last under api/: it answers what nobody else does
    path("account/", include("omni.account_urls")),
    path("", include("omni.page_urls")),
    path("", include("inventory.urls")),
    path("", include("journeys.urls")),
]
