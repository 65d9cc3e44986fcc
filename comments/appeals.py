"""What the author of a rejected comment is told and may do, and who may decide on it after that.

The author's pages read `answers`; `comments.appealing` writes what they choose; `comments.moderation` asks
`may_decide` and calls `settle`, and `comments.erasing` calls `end`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import conf, reasons
from comments.errors import Sentence
from comments.models import Appeal, Comment, ModerationEvent, Reason, Status

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

CODE = "appeal"
"""Stands in `Comment.screening` while an appeal waits: why it is held, and the sign that makes a decision look."""

MAX_TEXT = 1_000

_PERMISSION = "comments.change_comment"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rejection says to the author, and what they may do about it.

    Args:
        reason: its sentence; may be empty.
        message: what the moderator wrote to them; may be empty.
        can_revise: whether they may send another text.
        can_appeal: whether they may ask for another look.
        has_appealed: whether they have asked, and this is what came of it.
        until: when both end.
        event: the rejection; None where a screen rejected the comment as it came.
    """

    reason: str
    message: str = ""
    can_revise: bool = False
    can_appeal: bool = False
    has_appealed: bool = False
    until: datetime | None = None
    event: ModerationEvent | None = None


def answers(comments: Iterable[Comment]) -> dict[int, Answer]:
    """What is said to the authors of those of these comments that stand rejected, by id. One query, two where a screen
    rejected one of them."""
    rejected = {comment.pk: comment for comment in comments if comment.status == Status.REJECTED}
    if not rejected:
        return {}
    last = {event.comment_id: event for event in _rejections(rejected)}
    # Only what a screen rejected as it came has no row in the log.
    said = reasons.sentences() if rejected.keys() - last.keys() else {}
    return {pk: _answer(comment, last.get(pk), said) for pk, comment in rejected.items()}


def _rejections(ids: Collection[int]) -> QuerySet[Any]:
    """The rejections of these comments, oldest first, with what the site says of the reason and whether its author has
    appealed against one of this very text."""
    asked = Appeal.objects.filter(comment=OuterRef("comment"), event__revision=OuterRef("comment__revision"))
    worded = Reason.objects.filter(code=OuterRef("comment__reason")).values("sentence")[:1]
    rows = ModerationEvent.objects.filter(
        comment__in=ids, action=ModerationEvent.Action.STATUS, to_status=Status.REJECTED
    )
    return rows.annotate(has_appealed=Exists(asked), said=Subquery(worded)).order_by("pk")


def answer(comment: Comment) -> Answer | None:
    """What is said to the author of a rejected comment; None where it stands otherwise."""
    return answers([comment]).get(comment.pk)


def is_marked(comment: Comment) -> bool:
    """Whether an appeal may wait for a decision on this comment; no query."""
    return comment.status == Status.PENDING and any(entry.get("code") == CODE for entry in comment.screening)


def may_decide(comment: Comment, user: AbstractBaseUser) -> Sentence | None:
    """Why somebody may not decide on a comment: its author appeals against their own decision, and the site has
    another moderator. None where they may, which costs no query but where an appeal waits."""
    if not is_marked(comment):
        return None
    mine = Appeal.objects.filter(comment=comment, settled_at__isnull=True, event__by=user.pk)
    if not mine.exists():
        return None
    others = ModelBackend().with_perm(_PERMISSION).exclude(pk=user.pk)
    if not others.exists():
        return None
    return _("You rejected this comment, and its author asks for another look. Another moderator has to decide.")


def settle(comment: Comment) -> None:
    """A decision answers the appeal; inside its transaction."""
    Appeal.objects.filter(comment=comment, settled_at__isnull=True).update(settled_at=timezone.now())


def reopen(comment: Comment, *, since: datetime) -> None:
    """A decision was undone: the appeal that it answered waits again; inside the transaction that undoes it.

    Args:
        since: when the decision was made.
    """
    if is_marked(comment):
        Appeal.objects.filter(comment=comment, settled_at__gte=since).update(settled_at=None)


def end(comments: Collection[int]) -> None:
    """Nobody asks for another look at these comments any more, and what was said is deleted; inside the transaction
    that takes their words or their authors away."""
    rows = Appeal.objects.filter(comment__in=comments)
    rows.filter(settled_at__isnull=True).update(settled_at=timezone.now())
    rows.exclude(text="").update(text="")


def _answer(comment: Comment, event: Any, said: dict[str, str]) -> Answer:
    # Where a screen rejected it there is no row; then the time runs from when it came.
    at = event.at if event else comment.edited_at or comment.created_at
    until = at + timedelta(days=conf.APPEAL_DAYS)
    # Where its time is over, the text is gone, and there is nothing left that could be published.
    is_open = timezone.now() < until and bool(comment.html)
    is_invited = event is not None and event.is_invitation
    has_appealed = event is not None and event.has_appealed
    return Answer(
        reason=reasons.worded(comment.reason, {comment.reason: event.said or ""} if event else said),
        message=event.message if event else "",
        can_revise=is_open and is_invited,
        can_appeal=is_open and not is_invited and not has_appealed,
        has_appealed=has_appealed,
        until=until if is_open else None,
        event=event,
    )
