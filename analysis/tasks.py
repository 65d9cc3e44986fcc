"""Celery tasks of the add-on: each takes an id, loads, calls a verb. Lost or doubled, they do no harm.

`analysis.receivers` queues them: rare ones with `enqueue` of the discussion's tasks, new comments with `hint`, behind
the answer to the reader.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from queue import Empty, SimpleQueue

from celery import Task, shared_task
from django.core.cache import cache

from analysis import conf, learning, runs
from analysis.screening import learning as screen_learning
from comments.models import Thread
from comments.tasks import enqueue

log = logging.getLogger(__name__)

_APPLY_ASYNC = Task.apply_async
_FORGET_DELAY = 60
_LEARN_BATCH = 20
"""Threads from whose corrections one sweep learns."""


@shared_task(name="analysis.tasks.tag_comment")
def tag_comment(comment_id: int) -> bool:
    """Tag one comment."""
    return runs.tag_comment(comment_id)


@shared_task(name="analysis.tasks.tag_comments")
def tag_comments(comment_ids: list[int]) -> int:
    """Tag comments that were posted in one moment; return how many of them were not tagged before."""
    return sum(runs.tag_comment(pk) for pk in comment_ids)


@shared_task(name="analysis.tasks.retag_thread")
def retag_thread(thread_id: int) -> int:
    """Learn from what was corrected in a thread, and tag what is untagged there, some at a time, so that new comments
    of other threads get their turn."""
    thread = Thread.objects.filter(pk=thread_id).first()
    if thread is None:
        return 0
    learning.learn(thread)
    tagged = runs.tag_untagged(thread, limit=conf.SWEEP_BATCH)
    if tagged == conf.SWEEP_BATCH:
        retag_thread.apply_async((thread_id,), retry=False)
    return tagged


@shared_task(name="analysis.tasks.sweep")
def sweep() -> int:
    """Learn from corrections that no task has learned from, and tag what none has tagged. Runs by the clock; where
    there is nothing to do it reads a few index entries."""
    for thread in Thread.objects.filter(pk__in=learning.due_threads(limit=_LEARN_BATCH)).order_by("pk"):
        learning.learn(thread)
    return runs.tag_untagged(limit=conf.SWEEP_BATCH)


@shared_task(name="analysis.tasks.learn_screen")
def learn_screen() -> int | None:
    """Learn the screen anew where there are enough new decisions, and see whether it drifts. Runs by the clock; where
    there is nothing to do it reads a few index entries."""
    screen_learning.watch()
    return screen_learning.learn() if screen_learning.is_due() else None


@shared_task(name="analysis.tasks.forget_words")
def forget_words(comment_id: int = 0) -> int:
    """Take out of the learned screen what too few standing comments say, now that this one's words are erased. Runs by
    the clock as well, for what no hint told."""
    log.debug("The learned screen forgets the words of comment %s.", comment_id)
    return screen_learning.forget_words()


def forget_words_soon(comment_id: int) -> None:
    """Have that done in a minute, once for all that is erased until then; raises nothing. Where it is lost, the clock
    has it done."""
    guard = "analysis.forget_words"
    if not cache.add(guard, 1, timeout=_FORGET_DELAY):
        return
    try:
        enqueue(forget_words, comment_id, countdown=_FORGET_DELAY)
    except Exception as error:  # whatever a broker's client raises: only the hint is lost
        cache.delete(guard)
        log.warning("The learned screen was not told that words were erased: %s", error)


def learn_soon(thread_id: int) -> None:
    """Have a thread's corrections learned from in a moment; raises nothing.

    Who corrects goes on to the next comment: what follows within the moment is learned from at once, in one task. Where
    one reads just before the last correction is stored, the sweep finds that.
    """
    guard = f"analysis.learn.{thread_id}"
    if not cache.add(guard, 1, timeout=conf.LEARN_DELAY):
        return
    try:
        enqueue(retag_thread, thread_id, countdown=conf.LEARN_DELAY)
    except Exception as error:  # whatever a broker's client raises: only the hint is lost
        cache.delete(guard)
        log.warning("Learning in thread %s was not queued and is left to the sweep: %s", thread_id, error)


def hint(comment_id: int) -> None:
    """Say that a comment waits for its tags; costs whoever posted it next to nothing, and raises nothing.

    A message is made and handed to the broker behind the answer. Of comments that come faster than that, many go into
    one message: whoever floods the site does not flood the queue as well.
    """
    if Task.apply_async is not _APPLY_ASYNC or tag_comment.app.conf.task_always_eager:
        # Somebody watches what is queued (the canary does), or runs it on the spot; either way they want it now.
        _send([comment_id])
    else:
        _hints.add(comment_id)


class _Hints:
    """Comments to be queued, and the thread of this process that does it. `flush` waits until all are."""

    _FIRST_PAUSE = 0.01
    """Seconds, in which the answer is on its way before a message takes the processor from it."""
    _PAUSE = 0.05
    """Seconds between two messages."""
    _MOST = 100
    """Comments in one message."""
    _TOO_MANY = 5000
    """Where so many wait, the broker is not there or too slow, and the sweep will find them."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: in a fork the thread is gone, and a lock that it held is held for ever."""
        self._waiting: SimpleQueue[int] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._hurry = threading.Event()

    def add(self, comment_id: int) -> None:
        """Let the thread queue a comment."""
        if self._waiting.qsize() < self._TOO_MANY:
            self._waiting.put(comment_id)
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                    self._thread.start()

    def flush(self, seconds: float) -> None:
        """Queue what waits, without further pauses, and end the thread; give up after so many seconds."""
        thread = self._thread
        if thread is not None:
            self._hurry.set()
            self._waiting.put(_END)
            thread.join(seconds)
            self.forget()

    def _run(self) -> None:
        hurry, waiting, is_over = self._hurry, self._waiting, False
        while not is_over:
            found = [waiting.get()]
            hurry.wait(self._FIRST_PAUSE)
            while len(found) < self._MOST:
                try:
                    found.append(waiting.get_nowait())
                except Empty:
                    break
            is_over = _END in found
            if ids := [pk for pk in found if pk != _END]:
                _send(ids)
                hurry.wait(self._PAUSE)


def _send(ids: list[int]) -> None:
    try:
        if len(ids) == 1:
            enqueue(tag_comment, ids[0])
        else:
            enqueue(tag_comments, ids)
    except Exception as error:  # whatever a broker's client raises: the comments are stored, only the hint is lost
        log.warning("The tagging of %s was not queued and is left to the sweep: %s", ids, error)


_END = -1
_hints = _Hints()
os.register_at_fork(after_in_child=_hints.forget)
# A command that posts and ends at once; a broker that is gone must not hold it up.
atexit.register(_hints.flush, 2.0)
