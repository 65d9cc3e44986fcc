"""The standing sample: of the comments on which a score decided alone, a random share goes to a person all the same.

`comments.posting` draws, `comments.moderation` settles, and where people stop to agree with the machine, whoever reads
`Sample` sees it. A comment of the sample is marked in `Comment.screening`, so that deciding on any other costs nothing.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from comments import conf
from comments.models import ModerationEvent, Sample, Status
from comments.screening import Outcome, Screening

if TYPE_CHECKING:
    from comments.models import Comment

CODE = "sample"
"""Of the entry in `Comment.screening`."""

_FINE = 1_000_000


def is_drawn(screening: Screening) -> bool:
    """Whether a comment with this answer comes into the sample: a score alone published it or marked it as spam, and
    chance wants it."""
    if screening.risk is None or screening.outcome not in (Outcome.PUBLISH, Outcome.SPAM):
        return False
    if any(verdict.risk is None and verdict.outcome is Outcome.SPAM for verdict in screening.verdicts):
        return False
    return bool(secrets.randbelow(_FINE) < conf.SAMPLE_SHARE * _FINE)


def mark() -> dict[str, str]:
    """The entry that stands in `Comment.screening` of what was drawn."""
    return {"code": CODE, "detail": ""}


def draw(comment: Comment) -> None:
    """Note a stored comment that `is_drawn` chose; inside the transaction that stores it."""
    Sample.objects.create(comment=comment, machine_status=comment.status, risk=comment.risk)


def is_marked(comment: Comment) -> bool:
    """Whether a comment may be of the sample; without a query."""
    return any(isinstance(one, dict) and one.get("code") == CODE for one in comment.screening)


def is_open(comment: Comment) -> bool:
    """Whether a comment of the sample still waits for a person's word."""
    return is_marked(comment) and Sample.objects.filter(comment=comment, settled_at__isnull=True).exists()


def follow(comment: Comment, event: ModerationEvent) -> None:
    """Note what a decision says about the machine's; inside its transaction.

    Agreed is who publishes what the machine published, or does not publish what it did not. The author's own moves end
    the case; an undo of the decision that settled it opens it again.
    """
    if not is_marked(comment):
        return
    if event.actor != ModerationEvent.Actor.MODERATOR:
        drop([comment.pk])
    elif event.undoes is not None:
        # What the decision settled bears the time of its row; what another one settled stays settled.
        Sample.objects.filter(comment=comment, settled_at=event.undoes.at).update(settled_at=None, is_agreed=None)
    else:
        found = Sample.objects.filter(comment=comment, settled_at__isnull=True).first()
        if found is not None:
            is_agreed = (found.machine_status == Status.APPROVED) == (event.to_status == Status.APPROVED)
            Sample.objects.filter(pk=found.pk).update(settled_at=event.at, is_agreed=is_agreed)


def drop(comments: list[int]) -> None:
    """Take comments out of the open sample: their words are gone or others, and say nothing about the machine."""
    Sample.objects.filter(comment__in=comments, settled_at__isnull=True).delete()
