"""The description of the API, and the answer to addresses that do not exist."""

from django.urls import path, re_path

from omni.api.documents import document, reference
from omni.api.views import NothingHere

urlpatterns = [
    path("schema/", document, name="api_schema"),
    path("docs/", reference, name="api_docs"),
    re_path("", NothingHere.as_view(), name="api_nothing_here"),
]
