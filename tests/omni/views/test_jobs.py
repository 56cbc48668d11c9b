from datetime import timedelta

import pytest
from django.utils import timezone

from omni.models import JobRun
from omni.queries.jobs import progress_of
from tests.factories.omni import NOON, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings):
    settings.DEMO = True


def make_job(**values) -> JobRun:
    said = {"task": "omni.demo", "key": "demo", "run_at": NOON, "created_at": NOON, "state": "running", **values}
    return JobRun.objects.create(**said)


def test_rate_and_time_left_follow_from_what_is_done():
    job = make_job(started_at=NOON, done_units=200, total_units=500)

    progress = progress_of(job, at=NOON + timedelta(seconds=10))

    assert (progress.rate, progress.left) == (20, timedelta(seconds=15))


def test_nothing_is_guessed_before_the_first_unit():
    progress = progress_of(make_job(), at=NOON)

    assert (progress.rate, progress.left) == (None, None)


def test_a_running_job_asks_for_itself_until_it_is_over(client):
    staff = make_staff("online_staff")
    client.force_login(staff)
    job = make_job(started_at=timezone.now(), done_units=3, total_units=9, progress={"agreed": 2})
    address = f"/jobs/{job.public_id}/"

    page = client.get(address).content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    JobRun.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    over = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert "<html" in page
    for text in (page, part):
        assert 'hx-trigger="every 1s"' in text
        assert 'max="9" value="3"' in text
        assert "2 agree" in text
    assert "every 1s" not in over
    assert "<html" not in part


def test_cancelling_asks_a_running_job_to_stop(client):
    client.force_login(make_staff("online_staff"))
    job = make_job()

    answer = client.post(f"/jobs/{job.public_id}/cancel/", headers={"HX-Request": "true"})

    job.refresh_from_db()
    assert (answer.status_code, job.cancel_asked, job.state) == (200, True, "running")


def test_a_job_that_is_over_cannot_be_cancelled(client):
    client.force_login(make_staff("online_staff"))
    job = make_job(state="done")

    client.post(f"/jobs/{job.public_id}/cancel/")

    job.refresh_from_db()
    assert (job.state, job.cancel_asked) == ("done", False)


def test_people_see_the_jobs_that_they_asked_for_and_no_others(client):
    staff = make_staff("store_staff")
    client.force_login(staff)
    own, other = make_job(key="own", requested_by=staff), make_job(key="other")

    assert client.get(f"/jobs/{own.public_id}/").status_code == 200
    assert client.get(f"/jobs/{other.public_id}/").status_code == 404
    assert client.post(f"/jobs/{other.public_id}/cancel/").status_code == 404
    assert client.get("/settings/jobs/").status_code == 403


def test_a_job_that_was_given_up_is_tried_again_by_an_administrator(client):
    client.force_login(make_staff("administrator"))
    job = make_job(task="omni.sweep", state="dead", arguments={})

    client.post(f"/jobs/{job.public_id}/again/")

    assert JobRun.objects.filter(task="omni.sweep", state="pending").count() == 1
