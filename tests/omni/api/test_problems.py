import json

import pytest
from django.db import OperationalError
from django.test import Client

from omni.models import Activity

pytestmark = pytest.mark.django_db


def problem_of(response, status, code):
    """Check that this is a whole problem of this status and code, and return it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:omni:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nonsense",
        '{"verb": NaN}',
        '{"verb": "a", "verb": "b"}',
        "[" * 5000,
        '{"units": ' + "9" * 1990 + "}",
        b"\xff\xfe",
    ],
    ids=["empty", "cut", "words", "nan", "twice", "deep", "huge number", "bytes"],
)
def test_what_is_no_json_is_a_400(writer, body):
    settings_limit = writer.post("/api/v1/notes/", body)

    assert settings_limit.status_code in (400, 413)
    assert settings_limit["Content-Type"] == "application/problem+json"


def test_each_field_at_fault_is_named(writer):
    response = writer.post("/api/v1/notes/", {"verb": 5, "units": "3", "at": "2026-03-01", "vreb": "x"})

    errors = problem_of(response, 400, "invalid")["errors"]
    assert [error["field"] for error in errors] == ["vreb"]
    response = writer.post("/api/v1/notes/", {"verb": 5, "units": "3", "at": "2026-03-01T09:00:00"})
    assert [error["field"] for error in problem_of(response, 400, "invalid")["errors"]] == ["verb", "units", "at"]


@pytest.mark.parametrize("units", [1.0, 1.5, "1", True, -1, 101, None, [], 10**30])
def test_units_are_whole_numbers_within_bounds(writer, units):
    problem_of(writer.post("/api/v1/notes/", {"verb": "seen", "units": units}), 400, "invalid")
    assert not Activity.objects.filter(verb="seen").exists()


@pytest.mark.parametrize("verb", ["", " " * 21, "a\x00b", "a\nb", 3, None, "\ud800"])
def test_text_is_text(writer, verb):
    problem_of(writer.post("/api/v1/notes/", {"verb": verb}), 400, "invalid")


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01T00:00:00Z", "1999-12-31T00:00:00Z", "9999-12-31T23:59:59Z", 5])
def test_a_time_is_a_time_that_has_come(writer, at):
    problem_of(writer.post("/api/v1/notes/", {"verb": "seen", "at": at}), 400, "invalid")


def test_a_broken_rule_says_its_code_its_lines_and_its_data(writer):
    problem = problem_of(writer.post("/api/v1/notes/", {"verb": "full"}), 409, "full")

    assert problem["errors"] == [{"field": "verb", "code": "full", "detail": "Full."}]
    assert problem["data"] == {"left": 0}
    assert not Activity.objects.filter(verb="full").exists()


def test_an_address_that_does_not_exist_is_a_problem_and_no_page():
    for path in ("/api/nothing", "/api/v1/nothing/", "/api/v1/notes", "/api/", "/api/a%0Ab", "/api/%00"):
        problem_of(Client().get(path), 404, "not_found")
        problem_of(Client().delete(path), 404, "not_found")


def test_a_method_that_does_not_exist_is_405_and_names_those_that_do(writer):
    response = writer.client.delete("/api/v1/notes/")

    problem_of(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, POST"


def test_another_form_than_json_is_neither_taken_nor_given(writer):
    problem_of(writer.client.post("/api/v1/notes/", {"verb": "seen"}), 415, "unsupported_media_type")
    problem_of(writer.get("/api/v1/notes/", accept="text/html"), 406, "not_acceptable")


def test_a_body_that_is_too_large_is_413(writer):
    problem_of(writer.post("/api/v1/notes/", {"verb": "x" * 3000}), 413, "too_large")


def test_parameters_that_do_not_exist_or_come_twice_are_refused(reader):
    assert problem_of(reader.get("/api/v1/notes/?vreb=x"), 400, "invalid")["errors"][0]["field"] == "vreb"
    assert problem_of(reader.get("/api/v1/notes/?verb=a&verb=b"), 400, "invalid")["errors"][0]["field"] == "verb"


def test_a_fault_of_ours_is_a_problem_without_its_reason(writer):
    writer.client.raise_request_exception = False

    problem = problem_of(writer.post("/api/v1/notes/", {"verb": "broken"}), 500, "internal_error")
    assert "division" not in json.dumps(problem).lower()
    assert not Activity.objects.filter(verb="broken").exists()


def test_a_database_that_is_away_asks_to_try_again(reader, monkeypatch):
    def away(*args):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("omni.api.authentication.of_token", away)
    response = reader.get("/api/v1/notes/")

    problem_of(response, 503, "try_again")
    assert response["Retry-After"] == "5"
    assert b"server closed" not in response.content
