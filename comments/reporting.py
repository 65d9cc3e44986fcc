"""Reporting: a reader's complaint about a comment. The reader's page and the API call it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from comments import alerting, tallies
from comments.errors import InvalidFields, Refusal
from comments.models import READERS_REASONS, Comment, Reader, Report
from comments.screening import holds
from comments.texts import clean_body


def report(comment: Comment, *, reader: Reader, reason: str, note: str = "") -> Report:
    """Tell the moderators about a comment, once for each reader; reporting again changes the earlier complaint.

    Args:
        reason: code among `READERS_REASONS`.
        note: for the moderators; 500 characters at most.

    Raises:
        InvalidFields: `reason` or `note` is not acceptable.
        Refusal: the comment is not public (404), or the reader is blocked (403).
    """
    note = clean_body(note)
    if reason not in dict(READERS_REASONS):
        raise InvalidFields({"reason": [_("Please choose a reason.")]})
    if len(note) > 500:
        raise InvalidFields({"note": [_("Please shorten your note to 500 characters.")]})
    holds.require_free(reader, thread_id=comment.thread_id)
    with transaction.atomic():
        # A decision settles the reports that it finds; one that slipped in beside it would be counted and not settled.
        tallies.lock(comment.thread_id)
        if not Comment.objects.public().filter(pk=comment.pk).exists():
            raise Refusal("not_found", _("There is no such comment."), status=404)
        made, is_new = Report.objects.get_or_create(
            comment=comment, reader=reader, defaults={"reason": reason, "note": note}
        )
        if is_new:
            Comment.objects.filter(pk=comment.pk).update(report_count=F("report_count") + 1)
            alerting.tell_reported(comment)
        elif made.resolved_at is None:
            made.reason, made.note = reason, note
            made.save(update_fields=["reason", "note"])
    return made
