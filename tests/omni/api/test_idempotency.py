import threading

import pytest
from django.db import connection, connections

from omni.models import Activity, IdempotencyKey

SEEN = {"verb": "seen"}


def notes() -> int:
    return Activity.objects.filter(subject="note:1").count()


@pytest.mark.django_db
def test_the_same_key_and_body_do_it_once_and_get_the_first_answer(writer):
    first = writer.post("/api/v1/notes/", SEEN, key="a")
    again = writer.post("/api/v1/notes/", SEEN, key="a")

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert notes() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_422(writer):
    writer.post("/api/v1/notes/", SEEN, key="a")
    response = writer.post("/api/v1/notes/", {"verb": "other"}, key="a")

    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert notes() == 1


@pytest.mark.django_db
def test_a_refusal_is_kept_too_and_without_its_effects(writer):
    first = writer.post("/api/v1/notes/", {"verb": "full"}, key="a")
    again = writer.post("/api/v1/notes/", {"verb": "full"}, key="a")

    assert first.status_code == again.status_code == 409
    assert first.content == again.content
    assert again["Content-Type"] == "application/problem+json"
    assert again["Idempotency-Replayed"] == "true"
    assert notes() == 0


@pytest.mark.django_db
def test_what_was_never_valid_does_not_use_up_the_key(writer):
    assert writer.post("/api/v1/notes/", {"verb": 5}, key="a").status_code == 400
    assert writer.post("/api/v1/notes/", SEEN, key="a").status_code == 201


@pytest.mark.django_db
def test_two_programmes_may_use_the_same_key(writer):
    from tests.omni.api.helpers import caller_of

    writer.post("/api/v1/notes/", SEEN, key="a")
    assert caller_of("stock:write").post("/api/v1/notes/", {"verb": "other"}, key="a").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "ä"])
def test_a_key_that_is_no_key_is_400(writer, key):
    assert writer.post("/api/v1/notes/", SEEN, key=key).status_code == 400
    assert notes() == 0


@pytest.mark.django_db
def test_a_key_of_255_characters_is_a_key(writer):
    assert writer.post("/api/v1/notes/", SEEN, key="x" * 255).status_code == 201


@pytest.mark.django_db
def test_without_a_key_every_request_counts(writer):
    writer.post("/api/v1/notes/", SEEN)
    writer.post("/api/v1/notes/", SEEN)

    assert notes() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_have_one_effect_and_equal_answers(writer):
    """Each tries again while it is told 409; in the end all have the same answer."""
    answers, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        for _attempt in range(50):
            response = writer.post("/api/v1/notes/", SEEN, key="same")
            if response.status_code != 409:
                break
            assert response["Retry-After"] == "1"
        answers.append((response.status_code, response.content))
        connections.close_all()

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert notes() == 1
    connection.close()
