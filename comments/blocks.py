"""Blocks: somebody may not take part, for a time or for ever, in one discussion or on the whole site.

The desk sets and lifts them. Whether one holds is a question for `comments.screening.holds`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.errors import InvalidFields, Refusal
from comments.models import Block, Comment, Commenter, ModerationEvent
from comments.retrying import once_more
from comments.screening import holds
from comments.texts import clean_body

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_DAYS = 3_650
MAX_REASON = 300


def block(comment: Comment, *, by: User, days: int | None, everywhere: bool, reason: str = "") -> Block:
    """Block whoever posted a comment, and log it.

    Args:
        by: the moderator.
        days: for how long; None for ever.
        everywhere: on the whole site, or in this discussion alone.
        reason: for the log and the desk; 300 characters at most.

    Raises:
        InvalidFields: `days` or `reason` is not acceptable.
        Refusal: a member of staff posted it (403), or nobody knows any more who did (409).
    """
    reason = clean_body(reason)
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise InvalidFields({"days": [_("Choose between 1 and %(most)d days, or for ever.") % {"most": MAX_DAYS}]})
    if len(reason) > MAX_REASON:
        raise InvalidFields({"reason": [_("Shorten the reason to %(most)d characters.") % {"most": MAX_REASON}]})
    expires_at = None if days is None else timezone.now() + timedelta(days=days)
    # A merge of two rows of one address may take the commenter away at this moment.
    made = once_more(lambda: _block(comment.pk, by=by, expires_at=expires_at, everywhere=everywhere, reason=reason))
    holds.forget()
    return made


def lift(block: Block, *, by: User) -> Block:
    """End a block before its time, and log it; twice is once."""
    now = timezone.now()
    with transaction.atomic():
        # The filter lets one of two who lift it at once write the log.
        if Block.objects.filter(pk=block.pk, lifted_at__isnull=True).update(lifted_at=now):
            _log(block, ModerationEvent.Action.LIFT, by=by)
    block.refresh_from_db()
    return block


def standing() -> QuerySet[Block]:
    """The blocks that hold now, newest first, with what a page shows of them."""
    rows = Block.objects.filter(lifted_at__isnull=True).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    )
    return rows.select_related("thread", "comment", "by").order_by("-pk")


def of_commenter(comment: Comment) -> QuerySet[Block]:
    """Every block of whoever posted a comment, over ones among them, newest first."""
    whose = Q(pk__in=())
    if comment.commenter_id is not None:
        whose |= Q(commenter=comment.commenter_id)
        # Of one who was erased since.
        digest = Commenter.objects.filter(pk=comment.commenter_id, address_digest__isnull=False)
        whose |= Q(address_digest__in=digest.values("address_digest"))
    if comment.reader_id is not None:
        whose |= Q(reader=comment.reader_id)
    return Block.objects.filter(whose).select_related("thread", "by").order_by("-pk")


def _block(pk: int, *, by: User, expires_at: datetime | None, everywhere: bool, reason: str) -> Block:
    with transaction.atomic():
        current = Comment.objects.get(pk=pk)
        if current.user_id is not None:
            raise Refusal("staff", _("A member of staff posted this. Staff cannot be blocked here."), status=403)
        if current.commenter_id is None and current.reader_id is None:
            raise Refusal(
                "nobody", _("Nobody knows any more who posted this, so there is nobody to block."), status=409
            )
        made = Block.objects.create(
            commenter_id=current.commenter_id,
            reader_id=current.reader_id,
            thread_id=None if everywhere else current.thread_id,
            comment=current,
            reason=reason,
            by=by,
            expires_at=expires_at,
        )
        _log(made, ModerationEvent.Action.BLOCK, by=by)
        transaction.on_commit(holds.forget)
    return made


def _log(block: Block, action: str, *, by: User) -> None:
    ModerationEvent.objects.create(
        comment_id=block.comment_id,
        thread_id=None if block.comment_id else block.thread_id,
        action=action,
        actor=ModerationEvent.Actor.MODERATOR,
        by=by,
        note=block.reason if action == ModerationEvent.Action.BLOCK else "",
        block=block,
    )
