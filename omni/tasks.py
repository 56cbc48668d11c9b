"""When the kernel works: the sweep that carries what no nudge carried."""

from celery import shared_task
from django.utils import timezone

from omni import activity, idempotency, queue


@shared_task(name="omni.sweep")
def sweep() -> None:
    """Relay news, deliver it, and start jobs that wait. Every second; safe to run twice."""
    now = timezone.now()
    activity.relay(at=now)
    activity.deliver(at=now)
    queue.sweep(at=now)


@shared_task(name="omni.forget_old_keys")
def forget_old_keys() -> int:
    """Delete idempotency keys past their time. Every night."""
    return idempotency.forget_old(at=timezone.now())
