"""Decisions: which status may become which, and the one function that changes a saved status.

Faces of moderators, `comments.undoing`, `comments.bulk` and the author's verbs call it; nobody else writes
`Comment.status`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import alerting, appeals, mailing, pinning, reasons, sampling, signals, tallies, telling
from comments.errors import IllegalTransition, InvalidFields, Refusal, Sentence, StaleDecision, Standing
from comments.models import Comment, ModerationEvent, Report, Status
from comments.prepared import Given, Insert, Select, Update
from comments.texts import clean_body

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.APPROVED, Status.REJECTED, Status.SPAM, Status.WITHDRAWN}),
    Status.APPROVED: frozenset({Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN}),
    Status.REJECTED: frozenset({Status.PENDING, Status.APPROVED, Status.SPAM, Status.WITHDRAWN}),
    Status.SPAM: frozenset({Status.APPROVED, Status.REJECTED, Status.WITHDRAWN}),
    Status.WITHDRAWN: frozenset(),
}
"""What a status may become. What is rejected waits again where its author appeals or sends it anew."""

DECISIONS = (Status.APPROVED, Status.REJECTED, Status.SPAM)
"""What a moderator may decide. The other moves belong to the author."""

UNDONE: dict[str, frozenset[str]] = {
    status: frozenset(was for was, may_become in TRANSITIONS.items() if status in may_become) for status in DECISIONS
}
"""Where an undo may lead back to: whatever a decision for this status may have found."""

MOVES = (ModerationEvent.Action.STATUS, ModerationEvent.Action.APPEAL, ModerationEvent.Action.RESUBMIT)
"""The rows of the log that say how a comment stands, until they are undone."""

PERMISSION = "comments.change_comment"

MAX_NOTE = 500
MAX_MESSAGE = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What the moderator was looking at when deciding."""

    status: str
    revision: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision did. `event` is None where the decision already held and nothing changed."""

    comment: Comment
    event: ModerationEvent | None


def may_moderate(user: User | AnonymousUser) -> bool:
    """Whether a user may see the desk and decide."""
    return user.is_authenticated and user.is_active and user.has_perm(PERMISSION)


def decide(
    comment: Comment,
    *,
    to: str,
    by: User,
    seen: Seen,
    reason: str = "",
    note: str = "",
    message: str = "",
    invite: bool = False,
    batch: UUID | None = None,
) -> Decision:
    """Decide on a comment as the moderator saw it.

    Repeating a decision that already holds changes nothing and is no error; where readers have sent reports meanwhile,
    it settles them, and the log says who did. A decision on a view that is out of date changes nothing and says what
    stands there now.

    Args:
        to: `approved`, `rejected` or `spam`.
        by: the moderator.
        seen: the status and the revision that the moderator was looking at.
        reason: code of one of `reasons.offered`; needed to reject, meaningless otherwise.
        note: for the log; 500 characters at most.
        message: to the author; 1,000 characters at most. Who sent spam is told nothing.
        invite: whether the author is asked to revise the text and send it again; only where it is rejected.
        batch: the same for all that was decided at once.

    Raises:
        InvalidFields: one of them is not acceptable.
        StaleDecision: the comment has another status or revision by now.
        IllegalTransition: the status may not become `to`.
        Refusal: the comment is gone (404); or its author appeals against this moderator's decision, and another can
            decide (403).
    """
    note, message = check(to=to, reason=reason, note=note, message=message, invite=invite)
    if to != Status.REJECTED:
        reason = ""
    if to == Status.SPAM:
        message = ""
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        now_stands = read(comment.pk)
        if to == Status.APPROVED:
            require_words(now_stands)
        if _holds(now_stands, to, seen, reason, message, invite):
            if not now_stands.report_count and not sampling.is_open(now_stands):
                return Decision(now_stands, None)
            # A report that is turned down is a decision, and can be undone like any other; so is "keep" in the sample.
            seen = Seen(now_stands.status, now_stands.revision)
        if (now_stands.status, now_stands.revision) != (seen.status, seen.revision):
            raise stale(now_stands)
        has_appeal = appeals.is_marked(now_stands)
        if has_appeal and (refused := appeals.may_decide(now_stands, by)):
            raise Refusal("own_decision", refused, status=403)
        event = move(
            now_stands,
            to=to,
            actor=ModerationEvent.Actor.MODERATOR,
            by=by,
            reason=reason,
            note=note,
            message=message,
            is_invitation=invite,
            batch=batch,
            seen=seen,
        )
        _settle_reports(now_stands, event.at)
        if has_appeal:
            appeals.settle(now_stands)
    return Decision(now_stands, event)


def check(*, to: str, reason: str, note: str, message: str, invite: bool) -> tuple[str, str]:
    """Return note and message of a decision, cleaned, if it is one that could be taken. Arguments as of `decide`.

    Raises:
        InvalidFields: it could be taken on no comment.
    """
    note, message = clean_body(note), clean_body(message)
    if faults := _faults(to, reason, note, message, invite):
        raise InvalidFields(faults)
    return note, message


def log_rejection(comment: Comment, *, at: datetime | None = None) -> ModerationEvent:
    """Write down that a screen rejected a comment as it came: its author is told, and may ask for another look at just
    this row of the log. Inside a transaction.

    Args:
        at: when that was, where it is written down later.
    """
    return ModerationEvent.objects.create(
        comment=comment,
        from_status=Status.PENDING,
        to_status=Status.REJECTED,
        actor=ModerationEvent.Actor.SCREEN,
        reason=comment.reason,
        revision=comment.revision,
        at=at or timezone.now(),
    )


def move(
    comment: Comment,
    *,
    to: str,
    actor: str,
    seen: Seen,
    by: User | None = None,
    reason: str = "",
    note: str = "",
    action: str = ModerationEvent.Action.STATUS,
    message: str = "",
    is_invitation: bool = False,
    batch: UUID | None = None,
    undoes: ModerationEvent | None = None,
    at: datetime | None = None,
) -> ModerationEvent:
    """Change a status, count what follows, and log it. For `decide`, `comments.undoing` and the author's verbs, inside
    a transaction.

    Args:
        comment: as read under `tallies.lock`; brought up to date in place.
        seen: what the caller's choice rests on; the UPDATE filters on it.
        action: what the log calls it; one that undoes may go where nothing else may.
        at: when, for what is brought in from elsewhere; default: now.

    Raises:
        IllegalTransition: the status may not become `to`.
        StaleDecision: the row is no longer as seen.
    """
    was = comment.status
    legal = UNDONE.get(was, frozenset()) if action == ModerationEvent.Action.UNDO else TRANSITIONS[was]
    if to not in legal and to != was:
        raise IllegalTransition(
            _("A withdrawn comment cannot be changed any more.")
            if was == Status.WITHDRAWN
            else _("A comment that stands like this one cannot be changed in this way.")
        )
    # The filter is what makes two deciders safe even where a caller holds no lock: only one UPDATE finds its row.
    if not _MOVE.run(id=comment.pk, seen_status=seen.status, seen_revision=seen.revision, to=to, why=reason):
        raise stale(read(comment.pk))
    comment.status, comment.reason = to, reason
    if to == Status.APPROVED and was != Status.APPROVED:
        tallies.publish(comment)
        mailing.queue_news(comment)
    elif was == Status.APPROVED and to != Status.APPROVED:
        tallies.unpublish(comment)
        pinning.release(comment)
    event = ModerationEvent(
        comment=comment,
        action=action,
        from_status=was,
        to_status=to,
        actor=actor,
        by=by,
        reason=reason,
        note=note,
        message=message,
        is_invitation=is_invitation,
        batch=batch,
        undoes=undoes,
        revision=comment.revision,
        at=at or timezone.now(),
    )
    _LOG.add(event)
    if to == Status.WITHDRAWN:
        # Nothing is left to decide on, and no decision could take it out of the queue of reports.
        _settle_reports(comment, event.at)
    sampling.follow(comment, event)
    telling.queue_decision(comment, event)
    alerting.tell_moved(comment, event)
    signals.tell(signals.comment_decided, comment=comment, event=event)
    return event


def last_word(comment: Comment) -> ModerationEvent | None:
    """The row of the log by which a comment stands as it does: the newest that moved it and was not undone."""
    return _LAST_WORD.first(comment_id=comment.pk)


def stale(comment: Comment) -> StaleDecision:
    """Say what stands there now, and who was first."""
    told = (*MOVES, ModerationEvent.Action.UNDO, ModerationEvent.Action.EDIT)
    event = ModerationEvent.objects.filter(comment=comment, action__in=told).select_related("by").first()
    who = ""
    if event is not None:
        who = event.by.get_username() if event.by else str(ModerationEvent.Actor(event.actor).label)
    standing = Standing(comment.status, comment.revision, who, event.at if event else comment.edited_at)
    return StaleDecision(
        comment,
        standing,
        _("This comment changed while you were looking at it: it is %(status)s now. Look again before you decide.")
        % {"status": comment.get_status_display()},
    )


def require_words(comment: Comment) -> None:
    """Make sure that there is a text to publish.

    Raises:
        IllegalTransition: it was kept for its time (`comments.retention`).
    """
    if not comment.html and comment.status != Status.WITHDRAWN:
        raise IllegalTransition(_("The text of this comment has been deleted; it cannot be published any more."))


def find_for_decision(comment_id: int) -> Comment:
    """Return a comment by id, with as much of it as a verb needs to find and lock it.

    Raises:
        Refusal: there is none (404).
    """
    # Beyond 64 bits the database would raise; such an id names nothing.
    return _found(_PLACE.first(id=comment_id) if abs(comment_id) < 2**63 else None)


def read(pk: int) -> Comment:
    """A comment as it stands now.

    Raises:
        Refusal: it is gone (404).
    """
    return _found(_WHOLE.first(id=pk))


def _faults(to: str, reason: str, note: str, message: str, invite: bool) -> dict[str, list[Sentence]]:
    """What is wrong with a decision, at its field; one thing at a time."""
    if to not in DECISIONS:
        return {"to": [_("Decide for “approved”, “rejected” or “spam”.")]}
    if to == Status.REJECTED and not reasons.is_offered(reason):
        return {"reason": [_("Choose a reason for the rejection.")]}
    if len(note) > MAX_NOTE:
        return {"note": [_("Shorten the note to 500 characters.")]}
    if len(message) > MAX_MESSAGE:
        return {"message": [_("Shorten the message to 1,000 characters.")]}
    if invite and to != Status.REJECTED:
        return {"invite": [_("Only what is rejected can be revised and sent again.")]}
    return {}


def _holds(comment: Comment, to: str, seen: Seen, reason: str, message: str, invite: bool) -> bool:
    """Whether a comment stands as decided already, for the words that were seen and with the same said about it."""
    if (comment.status, comment.revision, comment.reason) != (to, seen.revision, reason):
        return False
    if not message and not invite:
        return True
    last = last_word(comment)
    return last is not None and (last.message, last.is_invitation) == (message, invite)


def _settle_reports(comment: Comment, at: datetime) -> None:
    """A decision answers all reports that stand against the comment; so does its author who takes it back.

    They bear the time of its log row: by that an undo finds them again.
    """
    if comment.report_count:
        Report.objects.filter(comment=comment, resolved_at__isnull=True).update(resolved_at=at)
        Comment.objects.filter(pk=comment.pk).update(report_count=0)
        comment.report_count = 0


def _found(comment: Comment | None) -> Comment:
    if comment is None:
        raise Refusal("not_found", _("There is no comment with this number."), status=404)
    return comment


_STATUS: Any
_REVISION: Any
_REASON: Any
_STATUS, _REVISION, _REASON = (Comment._meta.get_field(name) for name in ("status", "revision", "reason"))
_PLACE = Select(Comment, lambda rows, given: rows.filter(pk=given("id")).only("pk", "thread_id"))
_WHOLE = Select(Comment, lambda rows, given: rows.filter(pk=given("id")))
_MOVE = Update(
    Comment,
    lambda rows, given: rows.filter(
        pk=given("id"), status=Given("seen_status", _STATUS), revision=Given("seen_revision", _REVISION)
    ),
    status=Given("to", _STATUS),
    reason=Given("why", _REASON),
)
_LOG = Insert(ModerationEvent)
_LAST_WORD = Select(
    ModerationEvent,
    lambda rows, given: rows.filter(comment_id=given("comment_id"), action__in=MOVES, undone_by__isnull=True).order_by(
        "-pk"
    )[:1],
)
