"""What moderators decided, as labelled comments: the latest word of a person on each, on the text that stands there.

Reads only. What was undone, what was decided on an earlier text, and what has no words any more teaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from analysis.screening.measures import HAM, REJECT, SPAM
from analysis.screening.training import Example
from comments.models import Comment, ModerationEvent, Status
from comments.sanitize import link_targets

MOST = 5_000
"""Decisions that are learned from; of more, the latest."""

_LABELS = {Status.APPROVED: HAM, Status.SPAM: SPAM, Status.REJECTED: REJECT}
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, as something to learn from. `event` is the id of its row in the log."""

    event: int
    example: Example


def decisions(*, most: int = MOST) -> list[Decided]:
    """The latest decisions of persons, the newest first."""
    found: list[Decided] = []
    waiting: dict[int, tuple[int, str, int]] = {}
    spoken: set[int] = set()
    rows = _of_persons().order_by("-pk").values_list("pk", "comment_id", "to_status", "revision")
    # Many decisions on one comment count once, and some on none: read on until there are enough, but not for ever.
    for event, comment_id, status, revision in rows[: 4 * most].iterator(chunk_size=2_000):
        if comment_id in spoken:
            continue
        spoken.add(comment_id)
        waiting[comment_id] = (event, _LABELS[Status(status)], revision)
        if len(waiting) == _BATCH:
            found += _with_words(waiting)
            waiting.clear()
            if len(found) >= most:
                break
    found += _with_words(waiting)
    return found[:most]


def newest() -> int:
    """Id of the newest decision of a person; 0 where there is none."""
    return _of_persons().order_by("-pk").values_list("pk", flat=True).first() or 0


def count_after(event: int, *, most: int) -> int:
    """How many decisions there are after one; counts no further than `most`."""
    return len(_of_persons().filter(pk__gt=event).order_by("pk").values_list("pk", flat=True)[:most])


def _of_persons() -> QuerySet[ModerationEvent]:
    return ModerationEvent.objects.filter(
        actor=ModerationEvent.Actor.MODERATOR,
        action=ModerationEvent.Action.STATUS,
        undone_by__isnull=True,
        to_status__in=list(_LABELS),
        comment__isnull=False,
    )


def _with_words(waiting: dict[int, tuple[int, str, int]]) -> Iterable[Decided]:
    comments = Comment.objects.filter(pk__in=list(waiting), user__isnull=True).only(
        "html", "revision", "author_name", "author_website", "screening", "commenter", "reader"
    )
    for comment in sorted(comments, key=lambda one: -waiting[one.pk][0]):
        event, label, revision = waiting[comment.pk]
        if not comment.html or revision not in (0, comment.revision):
            continue
        yield Decided(
            event,
            Example(
                label=label,
                text=comment.text,
                owner=_owner(comment),
                name=comment.author_name,
                website=comment.author_website,
                links=tuple(link_targets(comment.html)),
                behaviour=tuple(str(one.get("code", "")) for one in comment.screening if isinstance(one, dict)),
            ),
        )


def _owner(comment: Comment) -> str:
    """Who wrote it, as far as can be told: ids of rows, no names."""
    if comment.commenter_id:
        return f"commenter {comment.commenter_id}"
    return f"reader {comment.reader_id}" if comment.reader_id else f"comment {comment.pk}"
