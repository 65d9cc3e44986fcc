"""Tells authors by mail of decisions on their comments. `comments.moderation` queues here, in the transaction of the
decision; `comments.letters` writes the mail, and drops it where another decision has come after."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from comments import conf, letters, mailing
from comments.models import Comment, ModerationEvent, Outbox, Status, Subscription
from comments.prepared import Select


def queue_decision(comment: Comment, event: ModerationEvent) -> None:
    """Tell an author of a decision on their comment, where they asked for mail about it; after the time in which the
    decision can be undone. Where it is undone after they were told, they are told of that. That something is spam is
    told to nobody, and nobody hears of what they did themselves.

    For verbs, inside their transaction.
    """
    if (
        comment.commenter_id is None
        or event.actor != ModerationEvent.Actor.MODERATOR
        or not _is_news(event)
        # Reports against it were turned down: to its author nothing has happened.
        or (event.to_status == Status.APPROVED and event.from_status == Status.APPROVED)
        or not mailing.is_offered()
        or (comment.user_id is not None and comment.user_id == event.by_id)
    ):
        return
    for (language,) in _WISH.rows(comment_id=comment.pk, commenter_id=comment.commenter_id):
        Outbox.objects.create(
            commenter_id=comment.commenter_id,
            kind=Outbox.Kind.DECISION,
            event=event,
            language=language,
            due_at=timezone.now() + timedelta(seconds=conf.MAIL_DELAY),
        )


def _is_news(event: ModerationEvent) -> bool:
    """Whether an author may have to hear of it: a decision of which authors are told, or that one was taken back of
    which this author has been told."""
    if event.action == ModerationEvent.Action.STATUS:
        return event.to_status in letters.DECISIONS
    if event.action != ModerationEvent.Action.UNDO or event.to_status == Status.SPAM:
        return False
    # One that was tried may have arrived, whatever became of it.
    told = Outbox.objects.filter(event=event.undoes_id, kind=Outbox.Kind.DECISION, attempts__gt=0)
    return told.exclude(state=Outbox.State.DROPPED).exists()


_WISH = Select(
    Subscription,
    lambda rows, given: rows.filter(
        comment_id=given("comment_id"), commenter_id=given("commenter_id"), confirmed_at__isnull=False
    ).values_list("language"),
)
