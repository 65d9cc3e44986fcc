"""Pins: one public comment of a discussion stands above the others, of whatever age. The desk calls the verbs; whoever
takes a comment out of sight calls `release`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from comments import tallies
from comments.errors import Refusal
from comments.models import Comment, ModerationEvent, Thread

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def pin(comment: Comment, *, by: User) -> Thread:
    """Put a public comment above the others of its discussion, in place of the one that was there. Twice is once.

    Raises:
        Refusal: it is not public (409).
    """
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        if not current.is_public:
            raise Refusal("not_public", _("Only a published comment can be pinned."), status=409)
        if current.thread.pinned_id != current.pk:
            former = Comment.objects.filter(pk=current.thread.pinned_id or 0).first()
            if former is not None:
                _log(former, ModerationEvent.Action.UNPIN, by=by)
            _set(current.thread, current)
            _log(current, ModerationEvent.Action.PIN, by=by)
    return current.thread


def unpin(comment: Comment, *, by: User) -> Thread:
    """Put a pinned comment back into its place; one that is not pinned stays where it is."""
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        if current.thread.pinned_id == current.pk:
            _set(current.thread, None)
            _log(current, ModerationEvent.Action.UNPIN, by=by)
    return current.thread


def release(comment: Comment) -> None:
    """Let go of a comment that is not public any more, inside the transaction that holds its thread.

    It writes no log: the change of status that it follows from is logged.
    """
    if comment.thread.pinned_id == comment.pk:
        _set(comment.thread, None)


def _set(thread: Thread, comment: Comment | None) -> None:
    Thread.objects.filter(pk=thread.pk).update(pinned=comment)
    tallies.touch(thread.pk)
    thread.pinned = comment


def _log(comment: Comment, action: str, *, by: User) -> None:
    ModerationEvent.objects.create(
        comment=comment, action=action, actor=ModerationEvent.Actor.MODERATOR, by=by, revision=comment.revision
    )
