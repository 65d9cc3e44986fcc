"""What the author of a rejected comment can do: ask for another look, or send a revised text. Nothing of it publishes
anything: the comment waits for a moderator again. The author's pages call it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from comments import appeals, moderation, posting, tallies
from comments.appeals import Answer
from comments.errors import InvalidFields, Refusal
from comments.models import Appeal, Comment, ModerationEvent, Reader, Status
from comments.rewriting import checked, rewrite
from comments.screening import Outcome
from comments.texts import clean_body

RESUBMITTED = "resubmitted"
"""Why a revised comment is held, whatever the screens say of it."""


def appeal(comment: Comment, *, reader: Reader | None, text: str = "") -> Appeal:
    """Ask that a rejection be looked at again; the comment waits for a moderator. Asking twice is asking once.

    Args:
        text: what the author wants to say; 1,000 characters at most.

    Raises:
        InvalidFields: `text` is too long.
        Refusal: not one's own (404), not rejected (409), or there is nothing (more) to ask for (403).
    """
    text = clean_body(text)
    if len(text) > appeals.MAX_TEXT:
        over = {"most": appeals.MAX_TEXT}
        raise InvalidFields({"text": [_("Please shorten what you say to %(most)d characters.") % over]})
    with transaction.atomic():
        current = _own(comment, reader)
        if current.status == Status.PENDING and appeals.is_marked(current):
            made = Appeal.objects.filter(comment=current, settled_at__isnull=True).first()
            if made is not None:
                return made
        answer = _rejected(current)
        if answer.can_revise:
            raise Refusal(
                "no_appeal", _("The moderators asked you to revise this comment. Send them the new text."), status=403
            )
        if not answer.can_appeal:
            raise Refusal(
                "no_appeal",
                _("This rejection has been looked at again, or it was too long ago. It stands."),
                status=403,
            )
        # One that no log tells of is written down now: there has to be a row to appeal against.
        moved_at = current.edited_at or current.created_at
        rejection = answer.event or moderation.log_rejection(current, at=moved_at)
        seen = moderation.Seen(current.status, current.revision)
        entries = [entry for entry in current.screening if entry.get("code") != appeals.CODE]
        current.screening = [*entries, {"code": appeals.CODE, "detail": ""}]
        Comment.objects.filter(pk=current.pk).update(screening=current.screening)
        moderation.move(
            current,
            to=Status.PENDING,
            actor=ModerationEvent.Actor.AUTHOR,
            action=ModerationEvent.Action.APPEAL,
            seen=seen,
        )
        return Appeal.objects.create(comment=current, event=rejection, text=text)


def resubmit(comment: Comment, *, reader: Reader | None, body: str) -> Comment:
    """Send a revised text for a comment that was rejected with an invitation to do so. The screens are asked, and
    whatever they say, it is not published before a moderator has looked.

    Raises:
        InvalidFields: the text is wrong, or the same as before.
        Refusal: not one's own (404), not rejected (409), not invited or too late (403), or blocked (403).
    """
    body, html = checked(body)
    _owned(comment, reader)
    screening = posting.screen_again(comment, html, reader=reader)
    with transaction.atomic():
        current = _own(comment, reader)
        if not _rejected(current).can_revise:
            raise Refusal(
                "not_invited", _("This comment cannot be sent again: you were not asked to, or too late."), status=403
            )
        if current.body == body:
            raise InvalidFields(
                {"body": [_("This is the text that was rejected. Change it before you send it again.")]}
            )
        entries = [{"code": RESUBMITTED, "detail": ""}, *screening.stored()]
        seen = moderation.Seen(current.status, current.revision + 1)
        rewrite(current, body=body, html=html, screening=entries, risk=screening.per_mille)
        moderation.move(
            current,
            to=Status.PENDING,
            actor=ModerationEvent.Actor.AUTHOR,
            action=ModerationEvent.Action.RESUBMIT,
            seen=seen,
        )
        to = posting.STATUS[max(screening.outcome, Outcome.HOLD)]
        if to != Status.PENDING:
            seen = moderation.Seen(current.status, current.revision)
            reason = posting.reason_of(screening)
            moderation.move(current, to=to, actor=ModerationEvent.Actor.SCREEN, seen=seen, reason=reason)
    return current


def _own(comment: Comment, reader: Reader | None) -> Comment:
    """Return the comment as it stands, held until the transaction ends."""
    tallies.lock(comment.thread_id)
    current = Comment.objects.select_related("thread", "commenter").get(pk=comment.pk)
    _owned(current, reader)
    return current


def _owned(comment: Comment, reader: Reader | None) -> None:
    if not comment.is_owned_by(reader):
        raise Refusal("not_found", _("There is no such comment of yours."), status=404)


def _rejected(comment: Comment) -> Answer:
    answer = appeals.answer(comment)
    if answer is None:
        raise Refusal("not_rejected", _("This comment is not rejected (any more)."), status=409)
    return answer
