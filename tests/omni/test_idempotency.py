"""The same key has the same effect: once."""

from datetime import UTC, datetime, timedelta

import pytest

from omni import idempotency
from omni.errors import RuleBroken
from omni.models import Department, IdempotencyKey

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def ask(act, key="k1", request=b"{}"):
    return idempotency.once(
        act, scope="api:till", key=key, request=request, at=NOON, refused=lambda broken: (422, {"code": broken.code})
    )


def make_department():
    Department.objects.create(code="it", name="IT")
    return 201, {"code": "it"}


def test_a_repeat_gets_the_first_answer_and_does_nothing():
    assert ask(make_department) == ((201, {"code": "it"}), False)
    assert ask(make_department) == ((201, {"code": "it"}), True)

    assert Department.objects.count() == 1


def test_another_request_with_the_same_key_is_refused():
    ask(make_department)

    with pytest.raises(idempotency.KeyReused):
        ask(make_department, request=b'{"other": 1}')


def test_a_refusal_is_kept_like_an_answer_and_its_effects_are_undone():
    def refuse():
        make_department()
        raise RuleBroken("No.")

    assert ask(refuse) == ((422, {"code": "rule_broken"}), False)
    assert ask(make_department) == ((422, {"code": "rule_broken"}), True)
    assert not Department.objects.exists()


def test_an_accident_keeps_nothing_so_that_the_request_can_be_repeated():
    def crash():
        make_department()
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        ask(crash)

    assert not IdempotencyKey.objects.exists()
    assert ask(make_department)[0][0] == 201


def test_a_request_in_flight_is_answered_409(monkeypatch):
    monkeypatch.setattr(idempotency, "try_lock", lambda name: False)

    with pytest.raises(idempotency.KeyInFlight) as refusal:
        ask(make_department)

    assert refusal.value.status == 409


def test_keys_are_forgotten_after_two_weeks_and_not_before():
    ask(make_department)

    assert idempotency.forget_old(at=NOON + timedelta(days=13)) == 0
    assert idempotency.forget_old(at=NOON + timedelta(days=15)) == 1
