"""A small API of its own, so that the kernel is tested without any retail word."""

import pytest
from django.urls import include, path

from omni.api.fields import Moment, QueryText, StrictSerializer, Text, WholeNumber, query_of
from omni.api.pagination import PageQuery, page
from omni.api.views import ApiView
from omni.errors import RuleBroken
from omni.models import Activity
from tests.omni.api.helpers import caller_of


class Full(RuleBroken):
    code = "full"
    status = 409


class NoteQuery(PageQuery):
    verb = QueryText(max_length=20)


class NoteBody(StrictSerializer):
    verb = Text(max_length=20)
    units = WholeNumber(min_value=0, max_value=100, required=False)
    at = Moment(required=False)


class Notes(ApiView):
    scopes = {"GET": "stock:read", "POST": "stock:write"}
    body_limit = 2000

    def get(self, request):
        query = query_of(request, NoteQuery)
        rows, following = page(request, Activity.objects.visible_to(request.user), query)
        return self.answer_page([{"id": row.pk, "verb": row.verb} for row in rows], following)

    def post(self, request):
        body = self.body_as(NoteBody)

        def act():
            from django.utils import timezone

            from omni.activity import record

            note = record(body["verb"], subject="note:1", at=timezone.now())
            if body["verb"] == "full":
                raise Full("There is no room.", errors=[{"field": "verb", "code": "full", "detail": "Full."}], left=0)
            if body["verb"] == "broken":
                raise ZeroDivisionError
            return 201, {"id": note.pk}

        return self.once(act)


class Unscoped(ApiView):
    def get(self, request):
        return self.answer_page([], None)


urlpatterns = [
    path("api/v1/notes/", Notes.as_view()),
    path("api/v1/unscoped/", Unscoped.as_view()),
    path("", include("omni.urls")),
]


@pytest.fixture(autouse=True)
def _small_api(settings):
    from django.core.cache import caches

    settings.ROOT_URLCONF = __name__
    caches["limits"].clear()


@pytest.fixture
def reader(db):
    return caller_of("stock:read")


@pytest.fixture
def writer(db):
    return caller_of("stock:read", "stock:write")
