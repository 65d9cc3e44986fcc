"""Hears what happens in the discussion and queues the work. The queue is a hint; the truth is the database: where a
broker is down, the sweep finds the comment later."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver

from analysis import learning, runs, tasks
from analysis.screening import learning as screen_learning
from comments.models import Comment, Thread
from comments.signals import comment_edited, comment_erased, comment_posted, tags_corrected, tags_defined
from comments.tasks import enqueue

log = logging.getLogger(__name__)


@receiver(comment_posted, dispatch_uid="analysis.posted")
@receiver(comment_edited, dispatch_uid="analysis.edited")
def queue_tagging(comment: Comment, **_: Any) -> None:
    """Queue the tagging of a new or changed comment."""
    tasks.hint(comment.pk)


@receiver(tags_defined, dispatch_uid="analysis.defined")
def queue_retagging(thread: Thread, **_: Any) -> None:
    """Queue the tagging of a thread whose tags changed."""
    try:
        enqueue(tasks.retag_thread, thread.pk)
    except Exception as error:  # whatever a broker's client raises: only the hint is lost
        log.warning("The tagging of thread %s was not queued and is left to the sweep: %s", thread.pk, error)


@receiver(comment_erased, dispatch_uid="analysis.erased")
def forget(comment: Comment, **_: Any) -> None:
    """Let go of what was decided about a text that is gone, and of what it taught."""
    runs.forget(comment)
    for thread_id in (comment.thread_id, *learning.heirs_of(comment.thread)):
        tasks.learn_soon(thread_id)
    if screen_learning.has_learned_from(comment):
        tasks.forget_words_soon(comment.pk)


@receiver(tags_corrected, dispatch_uid="analysis.corrected")
def queue_learning(comment: Comment, **_: Any) -> None:
    """Have the thread learned from, and tagged anew where that changes what the tagger says."""
    tasks.learn_soon(comment.thread_id)
