"""Recommending: a reader's thumb up, given once and taken back at will. The reader's page and the API call it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from comments import tallies
from comments.errors import Refusal
from comments.models import Comment, Reader, Recommendation
from comments.screening import holds


def recommend(comment: Comment, *, reader: Reader, wanted: bool = True) -> int:
    """Give or take back a recommendation; doing either twice is doing it once.

    Args:
        wanted: True gives, False takes back.

    Returns:
        How many readers recommend the comment now.

    Raises:
        Refusal: the comment is not public (404), or it is the reader's own, or the reader is blocked (403).
    """
    if not comment.is_public:
        raise Refusal("not_found", _("There is no such comment."), status=404)
    if wanted and comment.is_owned_by(reader):
        raise Refusal("own_comment", _("You cannot recommend your own comment."), status=403)
    if wanted:
        holds.require_free(reader, thread_id=comment.thread_id)
    with transaction.atomic():
        if wanted:
            changed = Recommendation.objects.get_or_create(comment=comment, reader=reader)[1]
        else:
            changed = bool(Recommendation.objects.filter(comment=comment, reader=reader).delete()[0])
        if changed:
            tallies.touch(comment.thread_id)
            by = 1 if wanted else -1
            Comment.objects.filter(pk=comment.pk).update(recommendation_count=F("recommendation_count") + by)
    comment.refresh_from_db(fields=["recommendation_count"])
    return comment.recommendation_count
