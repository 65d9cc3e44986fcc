"""Suggesting: a reader's hint that a tag does not fit a comment. The reader's page calls it.

It waits for the editors; `comments.tagging` settles it with a person's word. Neither the tags nor what a tagger learns
ever depend on it.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from comments import tallies
from comments.errors import Refusal
from comments.models import Comment, Reader, Tag, TagSuggestion
from comments.screening import holds


def doubt(comment: Comment, tag: Tag, *, reader: Reader, wanted: bool = True) -> TagSuggestion | None:
    """Tell the editors that a tag seems wrong, once for each reader, or take that back while nobody has settled it.

    Args:
        wanted: False takes it back.

    Returns:
        The suggestion as it stands; None where there is none.

    Raises:
        Refusal: the comment is not public or does not carry the tag (404), or the reader is blocked (403).
    """
    if wanted:
        holds.require_free(reader, thread_id=comment.thread_id)
    with transaction.atomic():
        # A person's word settles the suggestions that it finds; one that slipped in beside it would stay open.
        tallies.lock(comment.thread_id)
        mine = TagSuggestion.objects.filter(comment=comment, tag=tag, reader=reader)
        if not wanted:
            mine.filter(settled_at__isnull=True).delete()
            return mine.first()
        current = Comment.objects.public().filter(pk=comment.pk, thread=tag.thread_id).first()
        if current is None or not current.tag_mask & tag.mask:
            raise Refusal("not_found", _("This comment does not carry this tag any more."), status=404)
        made, _is_new = TagSuggestion.objects.get_or_create(comment=comment, tag=tag, reader=reader)
    return made


def doubted_by(comment: Comment, tag: Tag, *, reader: Reader | None) -> TagSuggestion | None:
    """What this reader suggested about a tag of a comment; None where that is nothing."""
    if reader is None:
        return None
    return TagSuggestion.objects.filter(comment=comment, tag=tag, reader=reader).first()
