"""Celery tasks of the discussion: each loads by id and calls a verb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from celery import Task, shared_task

from comments import posting


@shared_task(name="comments.tasks.forget_submissions")
def forget_submissions() -> int:
    """Delete records of submissions that have served their time. Runs by the clock."""
    return posting.forget_submissions()


@contextmanager
def kept_from_the_queue() -> Iterator[list[str]]:
    """Queue nothing; list what would have been queued, with its arguments. For the canary, and for tests."""
    kept: list[str] = []

    def keep(task: Task, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        options.pop("producer", None)
        kept.append(f"{task.name}{tuple(args or ())!r} {kwargs or {}!r} {options!r}")

    with patch.object(Task, "apply_async", keep):
        yield kept
