"""Hears what happens in the discussion and queues the work. The queue is a hint; the truth is the database: where a
broker is down, the sweep finds the comment later."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver

from analysis import tasks
from comments.models import Comment, Thread
from comments.signals import comment_edited, comment_posted, tags_defined

log = logging.getLogger(__name__)


@receiver(comment_posted, dispatch_uid="analysis.posted")
@receiver(comment_edited, dispatch_uid="analysis.edited")
def queue_tagging(comment: Comment, **_: Any) -> None:
    """Queue the tagging of a new or changed comment."""
    _queue(tasks.tag_comment, comment.pk)


@receiver(tags_defined, dispatch_uid="analysis.defined")
def queue_retagging(thread: Thread, **_: Any) -> None:
    """Queue the tagging of a thread whose tags changed."""
    _queue(tasks.retag_thread, thread.pk)


def _queue(task: Any, pk: int) -> None:
    try:
        tasks.enqueue(task, pk)
    except Exception as error:  # whatever a broker's client raises: the comment is stored, only the hint is lost
        log.warning("%s(%s) was not queued and is left to the sweep: %s", task.name, pk, error)
