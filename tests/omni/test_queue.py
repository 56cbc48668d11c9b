"""Work for later: promised in the business transaction, run once at a time per key, never lost."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from omni import jobs, queue
from omni.models import JobRun

pytestmark = pytest.mark.django_db
DONE: list[str] = []


@jobs.job("tests.work")
def work(run, *, name="", fail="", later=False):
    if later:
        raise jobs.TryLater(timezone.now() + timedelta(minutes=5), "the channel asks for patience")
    if fail:
        raise RuntimeError(fail)
    run.progress(1, 2, agreed=1)
    DONE.append(name)
    return {"name": name}


@jobs.job("tests.strict")
def strict(run, *, needed):
    DONE.append(needed)


@pytest.fixture(autouse=True)
def nothing_done():
    DONE.clear()


def run_due() -> None:
    for pk in JobRun.objects.filter(state=JobRun.State.PENDING).order_by("pk").values_list("pk", flat=True):
        work(pk)


def promise(key="a", **kwargs):
    return queue.enqueue("tests.work", key=key, at=timezone.now(), **kwargs)


def test_a_name_that_no_task_has_fails_where_it_was_written():
    with pytest.raises(KeyError):
        queue.enqueue("tests.wrok", key="a", at=timezone.now())


def test_a_promise_made_twice_while_it_waits_is_one_run():
    assert promise(name="first") == promise(name="second")

    run_due()

    assert DONE == ["first"]


def test_a_promise_made_while_the_key_runs_waits_for_its_turn():
    first = jobs.claim(promise().pk, timedelta(minutes=1))
    second = promise(name="second")

    work(second.pk)
    assert DONE == []

    first.finish(JobRun.State.DONE)
    work(second.pk)
    assert DONE == ["second"]


def test_a_slot_of_a_schedule_runs_once_whoever_schedules_it():
    promise(slot="reconcile 10:42")
    run_due()

    assert promise(slot="reconcile 10:42") is None
    assert JobRun.objects.count() == 1


@transaction.atomic
def promise_and_fail():
    promise()
    raise RuntimeError("the sale fell through")


def test_a_promise_goes_with_the_transaction_that_made_it():
    with pytest.raises(RuntimeError):
        promise_and_fail()

    assert not JobRun.objects.exists()


def test_a_run_keeps_its_result_and_its_progress():
    job = promise(name="a")

    run_due()

    job.refresh_from_db()
    assert (job.state, job.result, job.done_units, job.total_units) == (JobRun.State.DONE, {"name": "a"}, 1, 2)
    assert job.progress == {"agreed": 1}


def test_a_failure_waits_longer_each_time_and_dies_after_five_attempts_in_sight():
    job = promise(fail="no such folder")

    for _attempt in range(7):
        JobRun.objects.filter(state=JobRun.State.PENDING).update(run_at=timezone.now())
        run_due()

    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobRun.State.DEAD, 5)
    assert "no such folder" in job.last_error


def test_a_throttled_run_waits_until_it_is_told_and_uses_up_no_attempt():
    job = promise(later=True)

    run_due()

    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobRun.State.PENDING, 0)
    assert job.run_at > timezone.now() + timedelta(minutes=4)


def test_a_worker_that_lost_its_lease_may_no_longer_write():
    job = promise()
    slow = jobs.claim(job.pk, timedelta(seconds=-1))

    queue.sweep(at=timezone.now())
    quick = jobs.claim(job.pk, timedelta(minutes=1))

    assert quick is not None
    with pytest.raises(jobs.LeaseLost):
        slow.progress(1)
    slow.finish(JobRun.State.DEAD)
    job.refresh_from_db()
    assert job.state == JobRun.State.RUNNING


def test_the_sweep_gives_up_on_a_job_that_killed_its_worker_five_times():
    job = promise()
    for _death in range(5):
        JobRun.objects.filter(pk=job.pk).update(run_at=timezone.now())
        jobs.claim(job.pk, timedelta(seconds=-1))
        queue.sweep(at=timezone.now())

    job.refresh_from_db()
    assert job.state == JobRun.State.DEAD


def test_a_person_can_stop_a_run():
    job = promise()
    run = jobs.claim(job.pk, timedelta(minutes=1))
    JobRun.objects.filter(pk=job.pk).update(cancel_asked=True)

    with pytest.raises(jobs.Cancelled):
        run.progress(1)


def test_a_job_may_ask_for_arguments_that_only_its_row_holds(monkeypatch):
    sent = []
    monkeypatch.setattr(type(strict._get_current_object()), "apply_async", lambda self, **kwargs: sent.append(kwargs))
    job = queue.enqueue("tests.strict", key="a", at=timezone.now(), needed="x")

    queue.nudge(job)
    strict.typing and strict.__header__(*sent[0]["args"])
    strict(job.pk)

    assert DONE == ["x"]


def test_a_broker_that_is_away_loses_nothing(monkeypatch):
    def away(*args, **kwargs):
        raise OSError("connection refused")

    monkeypatch.setattr(work, "apply_async", away)

    job = promise(name="a")
    queue.nudge(job)
    run_due()

    assert DONE == ["a"]
