"""Many decisions at once: each carried out or refused by itself, with one result for each and one name for all.

Each is a transaction of its own, so that nobody waits long and nothing is lost where one fails. The desk and the API
call it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments import moderation, undoing
from comments.errors import Refusal, Sentence
from comments.models import ModerationEvent
from comments.moderation import Decision, Seen
from comments.querysets import CommentQuerySet
from comments.retrying import once_more

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

MOST_CHOSEN = 100
"""Comments that somebody can choose one by one for one decision."""

CEILING = 1_000
"""Comments that one decision about all of something may reach."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision on one comment, as the moderator saw it. Arguments as of `moderation.decide`."""

    comment_id: int
    to: str
    seen: Seen
    reason: str = ""
    note: str = ""
    message: str = ""
    invite: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of them: either it was carried out, or refused.

    Args:
        undoes: id of the row of the log that was to be taken back; None for a decision.
    """

    comment_id: int | None
    decision: Decision | None = None
    refusal: Refusal | None = None
    undoes: int | None = None

    @property
    def status_code(self) -> int:
        """200, 404, 409 with what stands there, or 422; 403 where another moderator has to decide, 503 where the
        database did not get to it."""
        return self.refusal.status if self.refusal else 200

    @property
    def event(self) -> ModerationEvent | None:
        """The row of the log; None where nothing changed."""
        return self.decision.event if self.decision else None

    @property
    def sentence(self) -> Sentence:
        """What to tell the moderator."""
        if self.refusal is not None:
            return self.refusal.detail
        if self.event is not None:
            return _("Undone.") if self.undoes is not None else _("Decided.")
        return _("Undone already.") if self.undoes is not None else _("Decided already.")


@dataclass(frozen=True, slots=True)
class Bulk:
    """What became of all of them, in their order. `batch` names them, for `undo_batch`."""

    batch: UUID
    results: list[Result] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many were carried out."""
        return sum(result.event is not None for result in self.results)

    @property
    def refused(self) -> list[Result]:
        return [result for result in self.results if result.refusal is not None]


def decide_many(choices: Sequence[Choice], *, by: User) -> Bulk:
    """Decide on up to 100 comments, each as it was seen.

    Raises:
        Refusal: there are more (422).
    """
    if len(choices) > MOST_CHOSEN:
        raise Refusal("too_many", _("Choose up to %(most)d comments at once.") % {"most": MOST_CHOSEN}, status=422)
    return _carry_out(choices, by=by)


def decide_all(
    rows: CommentQuerySet,
    *,
    by: User,
    to: str,
    expected: int,
    reason: str = "",
    note: str = "",
    message: str = "",
    invite: bool = False,
) -> Bulk:
    """Decide alike on all of these comments, each as it stands when the list of them is read here.

    The moderator was told a number. Where there are more by now nothing is done, and the new number is said; where
    others have decided on some meanwhile, the rest is decided. For the very comments that were counted, bound `rows`
    by the newest id of that time.

    Args:
        rows: such as all pending comments about a tag in one discussion.
        expected: how many there were when the moderator was asked.

    Raises:
        Refusal: there are more than `expected` (409), or than 1,000 (422).
        InvalidFields: the decision would be refused for each of them.
    """
    found = list(rows.order_by("pk").values_list("pk", "status", "revision")[: CEILING + 1])
    if len(found) > CEILING:
        raise Refusal(
            "too_many",
            _("There are more than %(most)d. Narrow them down, and decide in parts.") % {"most": CEILING},
            status=422,
        )
    if len(found) > expected:
        raise Refusal(
            "more_than_expected",
            ngettext(
                "There is %(count)d comment by now; nothing has been decided. Look again.",
                "There are %(count)d comments by now; nothing has been decided. Look again.",
                len(found),
            )
            % {"count": len(found)},
            status=409,
        )
    moderation.check(to=to, reason=reason, note=note, message=message, invite=invite)
    return _carry_out(
        [
            Choice(pk, to, Seen(status, revision), reason=reason, note=note, message=message, invite=invite)
            for pk, status, revision in found
        ],
        by=by,
    )


def undo_batch(batch: UUID, *, by: User) -> list[Result]:
    """Take back all that was decided at once, the last first; what does not stand any more as it was left is refused.

    Raises:
        Refusal: nothing was decided under this name (404).
    """
    events = undoing.decisions_of(batch)
    if not events:
        raise Refusal("not_found", _("Nothing was decided under this number."), status=404)
    # In the log it is one act, as the decisions were.
    name = uuid4()
    return [undo_one(event, by=by, batch=name) for event in events]


def undo_one(event: ModerationEvent, *, by: User, batch: UUID | None = None) -> Result:
    """Take back one decision, and say what became of it instead of raising."""
    return _result(event.comment_id, lambda: undoing.undo(event, by=by, batch=batch), undoes=event.pk)


def _carry_out(choices: Sequence[Choice], *, by: User) -> Bulk:
    bulk = Bulk(uuid4())
    for choice in choices:
        bulk.results.append(_result(choice.comment_id, lambda one=choice: _decide(one, by, bulk.batch)))  # type: ignore[misc]
    return bulk


def _decide(choice: Choice, by: User, batch: UUID) -> Decision:
    return moderation.decide(
        moderation.find_for_decision(choice.comment_id),
        to=choice.to,
        by=by,
        seen=choice.seen,
        reason=choice.reason,
        note=choice.note,
        message=choice.message,
        invite=choice.invite,
        batch=batch,
    )


def _result(comment_id: int | None, work: Callable[[], Decision], *, undoes: int | None = None) -> Result:
    try:
        return Result(comment_id, decision=once_more(work), undoes=undoes)
    except Refusal as refusal:
        return Result(comment_id, refusal=refusal, undoes=undoes)
    except OperationalError as error:
        # What became of the others is not to be lost with this one. Its words may quote what was typed.
        log.warning("A decision among many was not taken: %s", type(error).__name__)
        busy = Refusal("busy", _("The database was busy, and this one stands as it did. Try it again."), status=503)
        return Result(comment_id, refusal=busy, undoes=undoes)
