"""Celery tasks of the add-on: each takes an id, loads, calls a verb. Lost or doubled, they do no harm."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from kombu.pools import producers

from analysis import conf, runs
from comments.models import Thread


@shared_task(name="analysis.tasks.tag_comment")
def tag_comment(comment_id: int) -> bool:
    """Tag one comment."""
    return runs.tag_comment(comment_id)


@shared_task(name="analysis.tasks.retag_thread")
def retag_thread(thread_id: int) -> int:
    """Tag what is untagged in a thread, some at a time, so that new comments of other threads get their turn."""
    thread = Thread.objects.filter(pk=thread_id).first()
    tagged = runs.tag_untagged(thread, limit=conf.SWEEP_BATCH) if thread else 0
    if tagged == conf.SWEEP_BATCH:
        retag_thread.apply_async((thread_id,), retry=False)
    return tagged


@shared_task(name="analysis.tasks.sweep")
def sweep() -> int:
    """Tag what no task has tagged. Runs by the clock; an empty sweep reads one empty index."""
    return runs.tag_untagged(limit=conf.SWEEP_BATCH)


def enqueue(task: Any, pk: int) -> None:
    """Queue a task, and give up at once where the broker is not there: a request is waiting.

    Left to its defaults, Celery tries for six seconds before it gives up, `retry=False` or not: that covers sending,
    and the time goes into connecting.

    Raises:
        Exception: whatever the broker's client raises.
    """
    connection = task.app.connection(
        connect_timeout=1, transport_options={"max_retries": 1, "interval_start": 0, "interval_step": 0}
    )
    with producers[connection].acquire(block=True) as producer:
        task.apply_async((pk,), producer=producer, retry=False)
