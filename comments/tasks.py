"""Celery tasks of the discussion: each loads by id and calls a verb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from celery import Task, shared_task
from kombu.pools import producers

from comments import alerting, confirming, mailing, retention, webhooks
from comments.models import Comment
from comments.screening import akismet
from comments.screening.exchange import ServiceFault

_BATCH = 200
"""Rows that one run of a sweep takes up."""


@shared_task(name="comments.tasks.forget")
def forget() -> dict[str, int]:
    """Delete and blank what has been kept for its time. Runs by the clock."""
    return retention.sweep()


@shared_task(name="comments.tasks.settle_request")
def settle_request(request_id: int) -> None:
    """Match the address of a request for confirmation, and queue its mail."""
    confirming.settle(request_id)


@shared_task(name="comments.tasks.send_mail")
def send_mail(mail_id: int) -> str:
    """Send one mail."""
    return mailing.send(mail_id)


@shared_task(name="comments.tasks.sweep_mail")
def sweep_mail() -> int:
    """Settle and send what is due, lost hints included. Runs by the clock; an empty sweep reads two empty indexes."""
    confirming.settle_waiting(limit=_BATCH)
    return mailing.send_due(limit=_BATCH)


@shared_task(name="comments.tasks.send_delivery")
def send_delivery(delivery_id: int) -> str:
    """Tell one webhook of one thing."""
    return webhooks.send(delivery_id)


@shared_task(name="comments.tasks.sweep_alerts")
def sweep_alerts() -> int:
    """Queue the digests whose hour has come, and send what webhooks are to be told. Runs by the clock."""
    alerting.queue_digests()
    return webhooks.send_due(limit=_BATCH)


@shared_task(
    name="comments.tasks.tell_akismet",
    autoretry_for=(ServiceFault,),
    retry_backoff=60,
    max_retries=5,
    ignore_result=True,
)
def tell_akismet(comment_id: int) -> bool:
    """Tell Akismet what a moderator decided, where it had said the reverse."""
    comment = Comment.objects.select_related("thread").filter(pk=comment_id).first()
    return comment is not None and akismet.report(comment)


def enqueue(task: Any, argument: int | list[int], *, countdown: float = 0) -> None:
    """Queue a task, and give up soon where the broker is not there. Both apps queue through this.

    Left to its defaults, Celery tries for six seconds before it gives up, `retry=False` or not: that covers sending,
    and the time goes into connecting.

    Args:
        argument: the id, or the ids, that the task takes.
        countdown: seconds for which it waits with the worker.

    Raises:
        Exception: whatever the broker's client raises.
    """
    connection = task.app.connection(
        connect_timeout=1, transport_options={"max_retries": 1, "interval_start": 0, "interval_step": 0}
    )
    with producers[connection].acquire(block=True) as producer:
        task.apply_async((argument,), producer=producer, retry=False, countdown=countdown or None)


@contextmanager
def kept_from_the_queue() -> Iterator[list[str]]:
    """Queue nothing; list what would have been queued, with its arguments. For the canary, and for tests."""
    kept: list[str] = []

    def keep(task: Task, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        options.pop("producer", None)
        kept.append(f"{task.name}{tuple(args or ())!r} {kwargs or {}!r} {options!r}")

    with patch.object(Task, "apply_async", keep):
        yield kept
