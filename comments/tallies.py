"""The only writer of what is counted or derived: counts of a thread, of replies, of tag combinations; what is listed.

The verb modules call it inside their transaction. Each call begins by touching the thread's row, so that on PostgreSQL
two changes to one thread wait for each other there, in one order, and can neither lose a count nor deadlock; on SQLite
the transaction holds the write lock anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from django.db.models import Case, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from comments.models import Comment, FacetCount, Status, Thread
from comments.prepared import Given, Select, Update


def touch(thread_id: int, *, by: int = 0) -> None:
    """Give a thread a new version and change its number of public comments.

    Args:
        by: -1, 0 or 1.
    """
    _TOUCH[by].run(id=thread_id)


def lock(thread_id: int) -> None:
    """Wait until no other transaction is changing this thread."""
    _LOCK.rows(id=thread_id)


def publish(comment: Comment) -> None:
    """Count a comment that has just become public."""
    touch(comment.thread_id, by=1)
    if comment.root_id is not None and comment.ordinal is None:
        last = Comment.objects.filter(root=comment.root_id).aggregate(last=Coalesce(Max("ordinal"), Value(0)))["last"]
        comment.ordinal = last + 1
        Comment.objects.filter(pk=comment.pk).update(ordinal=comment.ordinal)
    _count_facet(comment.thread_id, comment.tag_mask, 1)
    if comment.root_id is not None or not comment.is_listed:
        _count_reply(comment, 1)


def unpublish(comment: Comment) -> None:
    """Stop counting a comment that was public until now."""
    touch(comment.thread_id, by=-1)
    _count_facet(comment.thread_id, comment.tag_mask, -1)
    _count_reply(comment, -1)


def retag(comment: Comment, mask: int) -> None:
    """Give a comment another combination of tags.

    Args:
        comment: as it stands in the database, read under `lock`.
        mask: the bits of the tags that apply.
    """
    if mask == comment.tag_mask:
        return
    if comment.is_public:
        touch(comment.thread_id)
        _count_facet(comment.thread_id, comment.tag_mask, -1)
        _count_facet(comment.thread_id, mask, 1)
    Comment.objects.filter(pk=comment.pk).update(tag_mask=mask)
    comment.tag_mask = mask


def retag_many(thread_id: int, masks: Iterable[tuple[Comment, int]]) -> bool:
    """Give comments of one thread other combinations of tags, in as many statements as there are combinations.

    Args:
        masks: comments as they stand in the database, read under `lock`, each with the bits of the tags that apply.

    Returns:
        Whether readers see another tag anywhere; the thread has a new version then.
    """
    changed = [(comment, mask) for comment, mask in masks if mask != comment.tag_mask]
    facets: Counter[int] = Counter()
    for comment, mask in changed:
        if comment.is_public:
            facets[comment.tag_mask] -= 1
            facets[mask] += 1
    if facets:
        touch(thread_id)
    for mask, by in sorted(facets.items()):
        counted = FacetCount.objects.filter(thread=thread_id, tag_mask=mask)
        if mask and by and not counted.update(count=F("count") + by):
            FacetCount.objects.create(thread_id=thread_id, tag_mask=mask, count=by)
    for mask in sorted({mask for _, mask in changed}):
        keys = [comment.pk for comment, to in changed if to == mask]
        Comment.objects.filter(pk__in=keys).update(tag_mask=mask)
    for comment, mask in changed:
        comment.tag_mask = mask
    return bool(facets)


def _count_facet(thread_id: int, mask: int, by: int) -> None:
    # Without a tag there is nothing to filter by, and most new comments have none yet.
    if mask and not _COUNT[by].run(thread_id=thread_id, tag_mask=mask) and by > 0:
        FacetCount.objects.create(thread_id=thread_id, tag_mask=mask, count=by)


_TOUCH = {
    by: Update(
        Thread,
        lambda rows, given: rows.filter(pk=given("id")),
        version=F("version") + 1,
        comment_count=F("comment_count") + by,
    )
    for by in (-1, 0, 1)
}
_COUNT = {
    by: Update(
        FacetCount,
        lambda rows, given: rows.filter(thread_id=given("thread_id"), tag_mask=given("tag_mask")),
        count=F("count") + by,
    )
    for by in (-1, 1)
}


def _count_reply(comment: Comment, by: int) -> None:
    """Count a reply at its parent and at its root, and settle which of the three a page lists."""
    family = {comment.pk}
    if comment.root_id is not None and comment.parent_id is not None:
        family |= {comment.parent_id, comment.root_id}
        _COUNT_REPLY[by].run(id=comment.parent_id)
        _COUNT_DESCENDANT[by].run(id=comment.root_id)
    for pk in sorted(family):
        _SETTLE_LISTED.run(id=pk)


def _one(rows: QuerySet[Comment], given: Callable[[str], Given]) -> QuerySet[Comment]:
    return rows.filter(pk=given("id"))


_LOCK = Select(Thread, lambda rows, given: rows.select_for_update().filter(pk=given("id")).order_by().values_list("pk"))
_COUNT_REPLY = {by: Update(Comment, _one, reply_count=F("reply_count") + by) for by in (-1, 1)}
_COUNT_DESCENDANT = {by: Update(Comment, _one, descendant_count=F("descendant_count") + by) for by in (-1, 1)}
_SETTLE_LISTED = Update(
    Comment,
    _one,
    # A comment that is gone stays as a tombstone while somebody's public reply hangs on it.
    is_listed=Case(
        When(Q(status=Status.APPROVED) | Q(descendant_count__gt=0) | Q(reply_count__gt=0), then=Value(True)),
        default=Value(False),
    ),
)
