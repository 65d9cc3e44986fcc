"""Decides from a mail: what a link of an alert stands for, whom it serves, and whether it still can.

The link shows and a POST acts. It works once, for the moderator that it was sent to, on the comment as it stood, and
through `moderation.decide` like every other decision. The desk's page calls it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from comments import links, moderation
from comments.alert_letters import is_standing
from comments.errors import Refusal, Sentence
from comments.models import Alert, Comment, ModerationEvent
from comments.moderation import DECISIONS, Decision, Seen

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers.

    Args:
        to: the decision.
        by: the moderator that the link was sent to.
        is_open: whether it can be taken; nobody has decided since, and the link was not used.
        standing: what stands now, in words, where it cannot.
    """

    alert: Alert
    comment: Comment
    to: str
    by: User
    is_open: bool
    standing: Sentence


def read(token: str, *, visitor: User | AnonymousUser) -> Offer:
    """Return what a link offers to whoever opened it. Changes nothing: mail programs open links by themselves.

    Args:
        visitor: who is logged in, if anybody.

    Raises:
        Refusal: the link is damaged or too old (410), was sent to another account, or its moderator is none any more
            (403).
    """
    alert, to = links.read_decision(token)
    user = alert.outbox.user
    if to not in DECISIONS or user is None:
        raise Refusal("link_gone", _("This link is too old, or damaged. What waits is on the desk."), status=410)
    if visitor.is_authenticated and visitor.pk != user.pk:
        raise Refusal(
            "not_your_link",
            _("This link was sent to another account than the one that is logged in here, and works for that one."),
            status=403,
        )
    if not moderation.may_moderate(user):
        raise Refusal("no_moderator", _("The account that this link was sent to may not moderate."), status=403)
    is_open = alert.used_at is None and is_standing(alert)
    standing = "" if is_open else _standing(alert.comment)
    return Offer(alert, alert.comment, to, user, is_open, standing)


def decide(token: str, *, visitor: User | AnonymousUser, reason: str = "", note: str = "") -> Decision:
    """Take the decision of a link, as the moderator that it was sent to.

    Raises:
        Refusal: as `read`; or the link was used, or somebody has decided since (409).
        InvalidFields: a rejection needs a reason.
    """
    offer = read(token, visitor=visitor)
    if not offer.is_open:
        raise _spent(offer.comment)
    seen = Seen(offer.alert.status, offer.alert.revision)
    with transaction.atomic():
        decision = moderation.decide(offer.comment, to=offer.to, by=offer.by, seen=seen, reason=reason, note=note)
        # After the thread's lock, in the order of all others. Two presses at one moment: one of them finds it unused.
        if not Alert.objects.filter(pk=offer.alert.pk, used_at__isnull=True).update(used_at=timezone.now()):
            raise _spent(offer.comment)
    return decision


def _spent(comment: Comment) -> Refusal:
    return Refusal("link_used", _standing(Comment.objects.get(pk=comment.pk)), status=409)


def _standing(comment: Comment) -> str:
    """How a comment stands, and who decided."""
    event = ModerationEvent.objects.filter(comment=comment).select_related("by").first()
    words = {"status": comment.get_status_display()}
    if event is None:
        return _("This link does nothing any more. The comment is %(status)s now.") % words
    who = event.by.get_username() if event.by else str(ModerationEvent.Actor(event.actor).label)
    words |= {"who": who, "when": date_format(localtime(event.at), "DATETIME_FORMAT").removesuffix(".")}
    return _("This link does nothing any more. The comment is %(status)s now, by %(who)s on %(when)s.") % words
