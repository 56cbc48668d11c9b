"""
The API tells the truth: requests made from the OpenAPI document, and answers that the document must have foretold.

Bounded here; ``pytest -m soak`` asks two hundred times per operation.
"""

import pytest
import schemathesis
from django.core.cache import caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from omni.access import SCOPES
from omni.wsgi import application
from tests.factories.inventory import make_reservation, make_stock, make_variant
from tests.factories.omni import make_channel, make_location
from tests.omni.api.helpers import caller_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    ignored_auth,
]
REFUSES = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]  # no 5xx, and 413 for too much
CI, SOAK = 12, 200
QUIET = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "phases": [Phase.explicit, Phase.generate],
}


@pytest.fixture(autouse=True)
def _one_connection():
    """Requests end inside the test's own transaction: they must not close its connection (nor does Django's client)."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api(db, settings):
    """The document, as the application serves it."""
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"key": "1000000/s", "stranger": "1000000/s"},
    }
    caches["limits"].clear()
    level = make_stock(variant=make_variant("TEA-250"), location=make_location("store-367"), on_hand=100)
    make_channel("web", locations=[level.location])
    make_reservation(variant=level.variant, location=level.location, quantity=2)
    found = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
    found.config.checks.negative_data_rejection.expected_statuses = REFUSES
    return found


def ask(operation, caller, examples: int) -> None:
    """Ask one operation with good and with bad data, and check every answer."""
    headers = {"Authorization": f"Bearer {caller.token}"}

    @settings(max_examples=examples, **QUIET)
    @schemathesis_given(operation)
    def run(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()


def schemathesis_given(operation):
    from hypothesis import given
    from hypothesis import strategies as st

    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])
    return given(case=cases)


def operations(api) -> list:
    return [result.ok() for result in api.get_all_operations()]


def test_every_operation_says_who_may_use_it_and_how_it_refuses(api):
    named = {(operation.method.upper(), operation.path) for operation in operations(api)}

    assert ("POST", "/api/v1/stock-movements/bulk/") in named
    for operation in operations(api):
        responses = operation.definition.raw["responses"]
        assert {"400", "401", "403", "406", "429"} <= set(responses), operation.path
        if operation.method == "post":
            assert {"409", "413", "415", "422"} <= set(responses), operation.path
        refusals = [response for status, response in responses.items() if status >= "400"]
        assert all(set(response["content"]) == {"application/problem+json"} for response in refusals)
        assert operation.definition.raw["security"]


def test_a_key_that_may_everything_is_answered_as_the_document_says(api):
    caller = caller_of(*SCOPES)
    for operation in operations(api):
        ask(operation, caller, CI)


def test_a_key_that_may_only_read_is_answered_as_the_document_says(api):
    caller = caller_of("stock:read", "reservations:read", "system:read")
    for operation in operations(api):
        ask(operation, caller, CI // 2)


@pytest.mark.parametrize("token", [None, "omni_0000000000_" + "0" * 40], ids=["no key", "a wrong key"])
def test_nothing_is_answered_without_a_key(api, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for operation in operations(api):
        case = operation.Case(path_parameters=PATHS, headers=headers)
        response = case.call()
        assert response.status_code == 401, operation.path


PATHS = {"public_id": "NOTHING", "code": "web", "account": "none"}


@pytest.mark.soak
@pytest.mark.parametrize("scopes", [list(SCOPES), ["stock:read", "reservations:read"]], ids=["all", "read"])
def test_two_hundred_times_each(api, scopes):
    caller = caller_of(*scopes)
    for operation in operations(api):
        ask(operation, caller, SOAK)
