"""Decisions: which status may become which, and the one function that changes a saved status.

Faces of moderators and the author's verbs in `comments.posting` call it; nobody else writes `Comment.status`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import mailing, signals, tallies
from comments.errors import IllegalTransition, InvalidFields, Refusal, StaleDecision, Standing
from comments.models import Comment, ModerationEvent, RejectionReason, Report, Status
from comments.texts import clean_body

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

TRANSITIONS: dict[str, frozenset[str]] = {
    Status.PENDING: frozenset({Status.APPROVED, Status.REJECTED, Status.SPAM, Status.WITHDRAWN}),
    Status.APPROVED: frozenset({Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN}),
    Status.REJECTED: frozenset({Status.APPROVED, Status.SPAM, Status.WITHDRAWN}),
    Status.SPAM: frozenset({Status.APPROVED, Status.REJECTED, Status.WITHDRAWN}),
    Status.WITHDRAWN: frozenset(),
}
"""What a status may become."""

DECISIONS = (Status.APPROVED, Status.REJECTED, Status.SPAM)
"""What a moderator may decide. The other moves belong to the author."""

PERMISSION = "comments.change_comment"


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


def decide(comment: Comment, *, to: str, by: User, seen: Seen, reason: str = "", note: str = "") -> Decision:
    """Decide on a comment as the moderator saw it.

    Repeating a decision that already holds changes nothing and is no error; it settles the reports that readers have
    sent meanwhile. A decision on a view that is out of date changes nothing and says what stands there now.

    Args:
        to: `approved`, `rejected` or `spam`.
        by: the moderator.
        seen: the status and the revision that the moderator was looking at.
        reason: code of `RejectionReason`; needed to reject, meaningless otherwise.
        note: for the log; 500 characters at most.

    Raises:
        InvalidFields: `to`, `reason` or `note` is not acceptable.
        StaleDecision: the comment has another status or revision by now.
        IllegalTransition: the status may not become `to`.
    """
    if to not in DECISIONS:
        raise InvalidFields({"to": [_("Decide for “approved”, “rejected” or “spam”.")]})
    if to == Status.REJECTED and reason not in RejectionReason.values:
        raise InvalidFields({"reason": [_("Choose a reason for the rejection.")]})
    note = clean_body(note)
    if len(note) > 500:
        raise InvalidFields({"note": [_("Shorten the note to 500 characters.")]})
    if to != Status.REJECTED:
        reason = ""
    with transaction.atomic():
        tallies.lock(comment.thread_id)
        now_stands = Comment.objects.select_related("thread").get(pk=comment.pk)
        if to == Status.APPROVED and not now_stands.html and now_stands.status != Status.WITHDRAWN:
            # Kept for its time (`comments.retention`): there is nothing left that could be published.
            raise IllegalTransition(_("The text of this comment has been deleted; it cannot be published any more."))
        if now_stands.status == to and now_stands.revision == seen.revision and now_stands.reason == reason:
            _settle_reports(now_stands)
            return Decision(now_stands, None)
        if (now_stands.status, now_stands.revision) != (seen.status, seen.revision):
            raise _stale(now_stands)
        event = move(
            now_stands, to=to, actor=ModerationEvent.Actor.MODERATOR, by=by, reason=reason, note=note, seen=seen
        )
        _settle_reports(now_stands)
    return Decision(now_stands, event)


def move(
    comment: Comment,
    *,
    to: str,
    actor: str,
    seen: Seen,
    by: User | None = None,
    reason: str = "",
    note: str = "",
) -> ModerationEvent:
    """Change a status, count what follows, and log it. For `decide` and for the author's verbs, inside a transaction.

    Args:
        comment: as read under `tallies.lock`; brought up to date in place.
        seen: what the caller's choice rests on; the UPDATE filters on it.

    Raises:
        IllegalTransition: the status may not become `to`.
        StaleDecision: the row is no longer as seen.
    """
    was = comment.status
    if to not in TRANSITIONS[was] and to != was:
        raise IllegalTransition(_("A withdrawn comment cannot be changed any more."))
    # The filter is what makes two deciders safe even where a caller holds no lock: only one UPDATE finds its row.
    changed = Comment.objects.filter(pk=comment.pk, status=seen.status, revision=seen.revision).update(
        status=to, reason=reason
    )
    if not changed:
        raise _stale(Comment.objects.select_related("thread").get(pk=comment.pk))
    comment.status, comment.reason = to, reason
    if to == Status.APPROVED and was != Status.APPROVED:
        tallies.publish(comment)
        mailing.queue_news(comment)
    elif was == Status.APPROVED and to != Status.APPROVED:
        tallies.unpublish(comment)
    if to == Status.WITHDRAWN:
        # Nothing is left to decide on, and no decision could take it out of the queue of reports.
        _settle_reports(comment)
    event = ModerationEvent.objects.create(
        comment=comment,
        from_status=was,
        to_status=to,
        actor=actor,
        by=by,
        reason=reason,
        note=note,
        revision=comment.revision,
    )
    signals.tell(signals.comment_decided, comment=comment, event=event)
    return event


def _settle_reports(comment: Comment) -> None:
    """A decision answers all reports that stand against the comment; so does its author who takes it back."""
    if comment.report_count:
        Report.objects.filter(comment=comment, resolved_at__isnull=True).update(resolved_at=timezone.now())
        Comment.objects.filter(pk=comment.pk).update(report_count=0)
        comment.report_count = 0


def _stale(comment: Comment) -> StaleDecision:
    """Say what stands there now, and who was first."""
    event = ModerationEvent.objects.filter(comment=comment).select_related("by").first()
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


def find_for_decision(comment_id: int) -> Comment:
    """Return a comment by id.

    Raises:
        Refusal: there is none (404).
    """
    found = Comment.objects.select_related("thread").filter(pk=comment_id).first()
    if found is None:
        raise Refusal("not_found", _("There is no comment with this number."), status=404)
    return found
