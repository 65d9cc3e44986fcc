"""Who has which card open on the desk: a hint, good for a minute, that keeps two moderators from reading the same
comment without knowing of each other. It forbids nothing; a decision rests on what was seen, not on this.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction
from django.utils import timezone

from comments.models import Viewing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FRESH = timedelta(seconds=60)
"""So long a card counts as open after its page was heard of."""

RENEWED = timedelta(seconds=15)
"""A hint that is younger is not written anew."""


def look(comment_id: int, *, by: User) -> None:
    """Note that somebody has a card open, and no other: who goes on to the next one has left this one.

    Args:
        comment_id: of a comment that is there.
    """
    now = timezone.now()
    mine = Viewing.objects.filter(user=by)
    if mine.filter(comment=comment_id, at__gt=now - RENEWED).exists():
        return
    try:
        with transaction.atomic():
            # One row for each moderator, so the table needs no sweep. Two tabs that come at once may make two.
            if not mine.update(comment=comment_id, at=now):
                Viewing.objects.create(comment_id=comment_id, user=by, at=now)
    except DatabaseError:
        # A hint must not keep anybody from reading: the file is locked, or the comment went at this moment.
        with suppress(DatabaseError), transaction.atomic():
            mine.delete()


def others(comment_ids: Collection[int], *, than: User) -> dict[int, list[str]]:
    """Who else has these cards open now: account names by id of the comment, in one query."""
    rows = (
        Viewing.objects.filter(comment__in=comment_ids, at__gt=timezone.now() - FRESH, user__is_active=True)
        .exclude(user=than)
        .select_related("user")
        .order_by("at")
    )
    found: dict[int, list[str]] = {}
    for viewing in rows:
        found.setdefault(viewing.comment_id, []).append(viewing.user.get_username())
    return found
