"""Taking decisions back: the last one by key, any one from the log, or all that were made at once.

An undo is a row of the log like the decision itself; nothing in the log is changed. The desk and the API call it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import appeals, moderation, tallies
from comments.errors import Refusal
from comments.models import Comment, ModerationEvent, Report, Status
from comments.moderation import Decision, Seen
from comments.prepared import Select, Update

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RECENT = timedelta(hours=1)
"""A decision older than this is not what somebody means who presses the key; it is undone from the log."""


def undo(event: ModerationEvent, *, by: User, batch: UUID | None = None) -> Decision:
    """Take one decision of a moderator back: the comment stands as before it, with the reason that it had, and reports
    and an appeal that the decision answered wait again.

    Only what stands as that decision left it is put back. What was decided, written or withdrawn since is not
    overwritten; it has to be undone first, by whoever may. Undoing what is undone changes nothing and is no error.

    Args:
        event: the row of the log.
        by: the moderator, of whomever the decision was.
        batch: the same for all that is taken back at once.

    Raises:
        StaleDecision: the comment does not stand as the decision left it.
        IllegalTransition: the text has been deleted and cannot be published again.
        Refusal: this is no decision of a moderator (422), or the comment is gone (404).
    """
    if not is_undoable(event) or event.comment_id is None:
        raise Refusal("not_undoable", _("Only a decision of a moderator can be undone."), status=422)
    place = moderation.find_for_decision(event.comment_id)
    with transaction.atomic():
        tallies.lock(place.thread_id)
        now_stands = moderation.read(place.pk)
        if _UNDOING.rows(id=event.pk):
            return Decision(now_stands, None)
        as_left = (event.to_status, event.reason, event.revision)
        last = moderation.last_word(now_stands)
        if (now_stands.status, now_stands.reason, now_stands.revision) != as_left or last is None or last != event:
            raise moderation.stale(now_stands)
        if event.from_status == Status.APPROVED:
            moderation.require_words(now_stands)
        done = moderation.move(
            now_stands,
            to=event.from_status,
            actor=ModerationEvent.Actor.MODERATOR,
            action=ModerationEvent.Action.UNDO,
            by=by,
            seen=Seen(event.to_status, event.revision),
            reason=_reason_before(event),
            undoes=event,
            batch=batch,
        )
        _reopen(now_stands, event)
    return Decision(now_stands, done)


def is_undoable(event: ModerationEvent) -> bool:
    """Whether a row of the log is a decision of a moderator. Whether it still stands, only `undo` can tell."""
    return event.action == ModerationEvent.Action.STATUS and event.actor == ModerationEvent.Actor.MODERATOR


def last_decision_of(user: User) -> ModerationEvent | None:
    """The newest decision of a moderator that is not undone yet, of the last hour; its `batch` may name more."""
    rows = ModerationEvent.objects.filter(
        by=user,
        action=ModerationEvent.Action.STATUS,
        actor=ModerationEvent.Actor.MODERATOR,
        undone_by__isnull=True,
        at__gte=timezone.now() - RECENT,
    )
    return rows.order_by("-pk").first()


def decisions_of(batch: UUID) -> list[ModerationEvent]:
    """What was decided at once, newest first."""
    rows = ModerationEvent.objects.filter(batch=batch, action=ModerationEvent.Action.STATUS)
    return list(rows.order_by("-pk"))


def find_event(event_id: int) -> ModerationEvent:
    """Return a row of the log by id.

    Raises:
        Refusal: there is none (404).
    """
    # Beyond 64 bits the database would raise; such an id names nothing.
    found = ModerationEvent.objects.filter(pk=event_id).first() if abs(event_id) < 2**63 else None
    if found is None:
        raise Refusal("not_found", _("There is no entry of the log with this number."), status=404)
    return found


def _reason_before(event: ModerationEvent) -> str:
    """The reason for which a comment was rejected before it was decided on."""
    if event.from_status != Status.REJECTED:
        return ""
    rows = ModerationEvent.objects.filter(
        comment=event.comment_id,
        action__in=moderation.MOVES,
        to_status=Status.REJECTED,
        undone_by__isnull=True,
        pk__lt=event.pk,
    )
    return rows.order_by("-pk").values_list("reason", flat=True).first() or ""


def _reopen(comment: Comment, event: ModerationEvent) -> None:
    """Have wait again what a decision settled: reports, and an appeal."""
    # What a decision settles bears the time of its row; what another one settled stays settled.
    reopened = _REOPEN.run(comment_id=comment.pk, resolved_at=event.at)
    if reopened:
        Comment.objects.filter(pk=comment.pk).update(report_count=F("report_count") + reopened)
        comment.report_count += reopened
    appeals.reopen(comment, since=event.at)


# Of a thousand decisions that are taken back at once, each runs these.
_UNDOING = Select(ModerationEvent, lambda rows, given: rows.filter(undoes_id=given("id")).values_list("pk")[:1])
_REOPEN = Update(
    Report,
    lambda rows, given: rows.filter(comment_id=given("comment_id"), resolved_at=given("resolved_at")),
    resolved_at=None,
)
