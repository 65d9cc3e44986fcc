"""The mode of a discussion, as a member of staff sets it: what becomes of new comments. The desk calls the verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from comments import tallies
from comments.errors import InvalidFields
from comments.models import Mode, ModerationEvent, Thread
from comments.texts import clean_body

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def set_mode(thread: Thread, *, mode: str, by: User, note: str = "") -> ModerationEvent | None:
    """Close, hold or open a discussion, and log it.

    Args:
        mode: one of `Mode`.
        note: for the log; 500 characters at most.

    Returns:
        The row of the log; None where the discussion was in that mode already.

    Raises:
        InvalidFields: `mode` or `note` is not acceptable.
    """
    if mode not in Mode.values:
        raise InvalidFields({"mode": [_("There is no such mode.")]})
    note = clean_body(note)
    if len(note) > 500:
        raise InvalidFields({"note": [_("Shorten the note to 500 characters.")]})
    with transaction.atomic():
        tallies.lock(thread.pk)
        was = Thread.objects.values_list("mode", flat=True).get(pk=thread.pk)
        thread.mode = mode
        if was == mode:
            return None
        Thread.objects.filter(pk=thread.pk).update(mode=mode)
        tallies.touch(thread.pk)
        return ModerationEvent.objects.create(
            thread=thread,
            action=ModerationEvent.Action.MODE,
            from_status=was,
            to_status=mode,
            actor=ModerationEvent.Actor.MODERATOR,
            by=by,
            note=note,
        )
