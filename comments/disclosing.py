"""Shows the address behind a comment to a member of staff who may see it. Each look is a row of the log.

The desk calls it and puts the answer into that one page; nothing else may keep it or pass it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from comments import privacy
from comments.drafts import TypedAddress
from comments.errors import Refusal
from comments.models import Comment, ModerationEvent

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

PERMISSION = "comments.see_address"


def may_see(user: User | AnonymousUser) -> bool:
    """Whether somebody may see addresses at all."""
    return user.is_authenticated and user.is_active and user.has_perm(PERMISSION)


@sensitive_variables()
def address_of(comment: Comment, *, by: User) -> str:
    """Return the address with which a comment was posted. That it was seen is in the log before it is opened.

    Raises:
        Refusal: not permitted (403), there is no address (404), or no key opens it (409).
    """
    if not may_see(by):
        raise Refusal("forbidden", _("You may not see the addresses of commenters."), status=403)
    with transaction.atomic():
        current = Comment.objects.select_related("commenter").get(pk=comment.pk)
        if current.commenter is None:
            raise Refusal("not_found", _("There is no address behind this comment."), status=404)
        ModerationEvent.objects.create(
            comment=current,
            action=ModerationEvent.Action.ADDRESS,
            actor=ModerationEvent.Actor.MODERATOR,
            by=by,
            revision=current.revision,
        )
        try:
            return TypedAddress(privacy.open_address(current.commenter))
        except privacy.UnreadableAddress:
            # The row goes with the transaction: nobody has seen anything.
            raise Refusal("unreadable", _("None of the keys in force opens this address."), status=409) from None
