"""Gives a stored comment other words, and throws away what was derived from the old ones. `comments.posting` and
`comments.editing` call it, inside a transaction that holds the thread."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from comments import drafts, sampling, signals, tallies
from comments.errors import InvalidFields
from comments.languages import language_of
from comments.models import Comment, Tag, TagAssignment
from comments.models.comment import markup_of
from comments.sanitize import plain_text, render
from comments.texts import clean_body, is_visible


def checked(body: str) -> tuple[str, str]:
    """Return a new text as it is kept, and as it is rendered.

    Raises:
        InvalidFields: it could not be posted either.
    """
    body = clean_body(body)
    faults = drafts.body_faults(body)
    html = "" if faults else render(body)
    if not faults and not is_visible(plain_text(html)):
        faults = [drafts.nothing_to_read()]
    if faults:
        raise InvalidFields({"body": faults})
    return body, html


def rewrite(comment: Comment, *, body: str, html: str, is_by_staff: bool = False, **fields: Any) -> None:
    """Store a new revision; the comment is brought up to date in place. Tags that a person gave stay.

    Args:
        body, html: as `checked` gives them.
        is_by_staff: whether readers are to be told that these are not quite the author's own words.
        fields: other columns that change with the words.
    """
    if sampling.is_marked(comment):
        sampling.drop([comment.pk])
    Comment.objects.filter(pk=comment.pk).update(
        markup=markup_of(body, html),
        html=html,
        revision=comment.revision + 1,
        edited_at=timezone.now(),
        is_staff_edited=is_by_staff,
        language=language_of(plain_text(html)),
        **fields,
    )
    # What the machine said was about the old words, and its evidence points into them.
    TagAssignment.objects.filter(comment=comment, source=TagAssignment.Source.MACHINE).delete()
    comment.refresh_from_db()
    tallies.retag(comment, _persons_mask(comment))
    signals.tell(signals.comment_edited, comment=comment)


def _persons_mask(comment: Comment) -> int:
    bits = Tag.objects.filter(
        assignments__comment=comment,
        assignments__source=TagAssignment.Source.PERSON,
        assignments__verdict=TagAssignment.Verdict.YES,
    ).values_list("bit", flat=True)
    return sum(1 << bit for bit in bits)
