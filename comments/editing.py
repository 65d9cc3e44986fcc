"""Edits by staff: another text for somebody's comment. What its author typed stays in the log. The desk calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from comments import moderation, tallies
from comments.errors import IllegalTransition, InvalidFields
from comments.models import Comment, ModerationEvent, Status
from comments.rewriting import checked, rewrite
from comments.texts import clean_body

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def edit(comment: Comment, *, by: User, body: str, seen: moderation.Seen, note: str = "") -> Comment:
    """Give a comment another text, as the moderator saw it. Its status stays and no screen is asked; readers are told
    that the newsroom edited it. The same words again change nothing.

    Args:
        by: the moderator.
        seen: the status and the revision that the moderator was looking at.
        note: for the log; 500 characters at most.

    Raises:
        InvalidFields: `body` or `note` is not acceptable.
        StaleDecision: the comment has another status or revision by now.
        IllegalTransition: its words are gone.
    """
    body, html = checked(body)
    note = clean_body(note)
    if len(note) > 500:
        raise InvalidFields({"note": [_("Shorten the note to 500 characters.")]})
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        current = Comment.objects.select_related("thread").get(pk=comment.pk)
        if current.status == Status.WITHDRAWN or not current.html:
            raise IllegalTransition(_("The text of this comment is gone; there is nothing to edit."))
        if current.body == body:
            return current
        if (current.status, current.revision) != (seen.status, seen.revision):
            raise moderation.stale(current)
        original, revision = current.body, current.revision
        rewrite(current, body=body, html=html, is_by_staff=True)
        ModerationEvent.objects.create(
            comment=current,
            action=ModerationEvent.Action.EDIT,
            from_status=current.status,
            to_status=current.status,
            actor=ModerationEvent.Actor.MODERATOR,
            by=by,
            note=note,
            original=original,
            revision=revision,
        )
        if current.is_public:
            tallies.touch(current.thread_id)
    return current
