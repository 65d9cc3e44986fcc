"""Answering as staff, from the desk: what is answered is published first, and the log says who answered.

The desk calls it; a member of staff who answers on the article page simply posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from comments import drafts, moderation, posting
from comments.errors import InvalidFields
from comments.models import Comment, ModerationEvent, Status
from comments.posting import Origin, Posted
from comments.retrying import said_if_busy
from comments.texts import clean_body

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Answer:
    """What answering did. `decision` is None where the comment was public already."""

    posted: Posted
    decision: moderation.Decision | None


def answer(comment: Comment, *, by: User, name: str, body: str, seen: moderation.Seen, origin: Origin) -> Answer:
    """Post a reply as staff to a comment as the moderator saw it; one that waits is approved before that. All of it
    happens, the row of the log included, or nothing.

    Args:
        name: under which the member of staff posts.
        seen: the status and the revision that the moderator was looking at.
        origin: of the request; its `user` is `by`.

    Raises:
        InvalidFields: the text is wrong.
        Refusal: a screen refuses the reply, the discussion is closed to it, or the decision is refused.
        StaleDecision: the comment has another status or revision by now.
    """
    body = clean_body(body)
    if faults := drafts.body_faults(body):
        raise InvalidFields({"body": faults})
    with said_if_busy(), transaction.atomic():
        decision = None
        if comment.status != Status.APPROVED or (comment.status, comment.revision) != (seen.status, seen.revision):
            decision = moderation.decide(comment, to=Status.APPROVED, by=by, seen=seen)
        posted = posting.post(comment.thread, drafts.Draft(body=body, name=name, parent=comment.pk), origin)
        if posted.is_new:
            ModerationEvent.objects.create(
                comment=comment,
                action=ModerationEvent.Action.REPLY,
                actor=ModerationEvent.Actor.MODERATOR,
                by=by,
                revision=comment.revision,
            )
    return Answer(posted, decision)
