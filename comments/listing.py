"""Pages of comments: conversations of a thread, or the flat list that a filter gives.

Keyset paging in four orders; what a page costs does not depend on the length of the thread nor on how deep the page
lies. The reader's page, the feed and the API share it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from django.core import signing
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments import facets
from comments.errors import Refusal
from comments.models import Comment, Tag, Thread

_RARE = 1000
"""Up to so many matches are fetched by their tags and sorted; more of them are found by walking the order's index."""

_UNREAD = ("markup", "screening")
"""What was typed and why it was held: long, and no list of readers shows them."""

_SIGNER = signing.Signer(salt="comments.cursor")


class Sort(models.TextChoices):
    """The orders of a discussion, as they stand in a URL."""

    NEWEST = "newest", gettext_lazy("Newest")
    OLDEST = "oldest", gettext_lazy("Oldest")
    REPLIES = "replies", gettext_lazy("Most replies")
    RECOMMENDED = "recommended", gettext_lazy("Most recommended")

    @property
    def column(self) -> str:
        return {"replies": "reply_count", "recommended": "recommendation_count"}.get(self.value, "created_at")

    @property
    def is_falling(self) -> bool:
        return self is not Sort.OLDEST


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows of an order. `is_backward` asks for the page that ends there."""

    sort: Sort
    value: Any
    pk: int
    is_backward: bool = False

    def encode(self) -> str:
        """Return the opaque form for a URL, signed so that only places that we named are accepted."""
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        packed = json.dumps([self.sort.value, value, self.pk, int(self.is_backward)], separators=(",", ":"))
        return _SIGNER.sign(base64.urlsafe_b64encode(packed.encode()).decode().rstrip("="))

    @classmethod
    def decode(cls, opaque: str, sort: Sort) -> Cursor:
        """Read what `encode` wrote.

        Raises:
            Refusal: forged, damaged, or made for another order (400).
        """
        try:
            packed = _SIGNER.unsign(opaque)
            name, value, pk, is_backward = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
            made_for = Sort(name)
            if made_for.column == "created_at":
                value = datetime.fromisoformat(value)
        except (signing.BadSignature, binascii.Error, ValueError, TypeError):
            raise _bad_cursor() from None
        if made_for is not sort:
            raise _bad_cursor()
        return cls(made_for, value, pk, bool(is_backward))

    @classmethod
    def at(cls, comment: Comment, sort: Sort, *, is_backward: bool = False) -> Cursor:
        """The place at a comment."""
        return cls(sort, getattr(comment, sort.column), comment.pk, is_backward)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an order, and the places where the pages beside it begin."""

    rows: list[Comment]
    next: Cursor | None
    previous: Cursor | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tags a reader filters by: any of one kind, all across kinds.

    Args:
        tags: all tags of the thread, in order.
        counts: number of public comments for each combination of tags.
        selected: slugs in force.
    """

    tags: tuple[Tag, ...]
    counts: Mapping[int, int]
    selected: frozenset[str]

    @property
    def masks(self) -> list[int]:
        """For each kind with a selection, the bits of its selected tags."""
        return facets.masks_of(self.tags, self.selected)

    @property
    def match_count(self) -> int:
        """Number of public comments that match."""
        return facets.count_matching(self.counts, self.masks)

    def tags_of(self, comment: Comment) -> list[Tag]:
        """The tags that a comment carries, in the thread's order."""
        return [tag for tag in self.tags if comment.tag_mask & tag.mask]


def read_sort(value: str) -> Sort:
    """Return the order that a URL asks for; empty means newest first.

    Raises:
        Refusal: there is no such order (400).
    """
    try:
        return Sort(value or Sort.NEWEST)
    except ValueError:
        raise Refusal(
            "unknown_sort",
            _("There is no such order. Choose one of: %(orders)s.") % {"orders": ", ".join(Sort.values)},
        ) from None


def select(thread: Thread, slugs: Iterable[str]) -> Selection:
    """Read the tags of a thread and their counts; two queries.

    Raises:
        Refusal: the thread has no tag of that name (400).
    """
    tags = tuple(thread.tags.all())
    wanted = frozenset(slugs)
    unknown = wanted - {tag.slug for tag in tags}
    if unknown:
        raise Refusal("unknown_tag", _("This discussion has no such tag. Remove it from the address to see the rest."))
    counts = dict(thread.facet_counts.filter(count__gt=0).values_list("tag_mask", "count"))
    return Selection(tags, counts, wanted)


def conversations(thread: Thread, *, sort: Sort, cursor: Cursor | None, size: int, each: int = 0) -> Page:
    """A page of comments that answer nobody.

    Args:
        size: comments on the page, counting up to `each` replies below every one. So a page of much-answered comments
            holds fewer of them and is no longer than another.
    """
    return _page(Comment.objects.roots().filter(thread=thread).defer(*_UNREAD), sort, cursor, size, each=each)


def conversation_from(root: Comment, *, sort: Sort, size: int, each: int = 0) -> Page:
    """The page of conversations that begins with this one; `size` and `each` as for `conversations`."""
    rows = Comment.objects.roots().filter(thread=root.thread_id).defer(*_UNREAD)
    left = max(1, size - 1 - min(root.descendant_count, each))
    page = _page(rows, sort, Cursor.at(root, sort), left, each=each)
    before = Cursor.at(root, sort, is_backward=True)
    return Page([root, *page.rows], page.next, before if _page(rows, sort, before, 1).rows else None)


def flat(
    thread: Thread,
    *,
    sort: Sort,
    cursor: Cursor | None,
    size: int,
    selection: Selection | None = None,
    columns: Sequence[str] = (),
) -> Page:
    """A page of all public comments, replies among them, that match a selection.

    Args:
        columns: give rows of these names alone, `pk` and the column of the order among them, `parent_name` and
            `parent_status` where they are wanted, for a caller that writes them out at once. A model instance costs
            more than all else that such a caller does with a row.
    """
    rows = Comment.objects.public().filter(thread=thread)
    masks = selection.masks if selection else []
    if selection and masks:
        matches = selection.match_count
        if not matches:
            return Page([], None, None)
        if matches <= _RARE and size * thread.comment_count > matches * 1000:
            # Few matches in a long thread: walking the order would read most of it. Left to itself, the database
            # cannot know that; so the matches come first, by their tags, and are sorted by themselves.
            fitting = [mask for mask in selection.counts if all(mask & wanted for wanted in masks)]
            keys = list(rows.filter(tag_mask__in=fitting).exclude(tag_mask=0).values_list("pk", flat=True))
            rows = Comment.objects.filter(pk__in=keys)
        else:
            rows = rows.matching(masks)
    if not columns or "parent_name" in columns:
        rows = rows.with_parents()
    if columns:
        return _page(rows.values_list(*columns, named=True), sort, cursor, size)
    return _page(rows.defer(*_UNREAD), sort, cursor, size)


def replies_of(roots: Sequence[Comment], *, each: int) -> list[Comment]:
    """The first replies of each of these conversations, in the order in which they became public; one query.

    Bounded by `ordinal`, however long a conversation is.
    """
    keys = [root.pk for root in roots if root.descendant_count]
    if not keys:
        return []
    return list(
        Comment.objects.filter(root__in=keys, ordinal__lte=each, is_listed=True)
        .with_parents()
        .order_by("root_id", "ordinal")
    )


def replies_page(root: Comment, *, after: int, size: int) -> tuple[list[Comment], bool]:
    """Replies of one conversation from a place on, and whether there are more.

    Args:
        after: ordinal of the last reply that the reader has.
    """
    rows = Comment.objects.filter(root=root, ordinal__gt=after, is_listed=True).with_parents().order_by("ordinal")
    found = list(rows[: size + 1])
    return found[:size], len(found) > size


def _page(rows: models.QuerySet[Comment, Any], sort: Sort, cursor: Cursor | None, size: int, *, each: int = 0) -> Page:
    is_backward = cursor is not None and cursor.is_backward
    is_falling = sort.is_falling != is_backward
    sign, beyond = ("-", "lt") if is_falling else ("", "gt")
    ordered = rows.order_by(f"{sign}{sort.column}", f"{sign}id")
    wanted = size + 1
    if cursor is None:
        found = list(ordered[:wanted])
    else:
        # First the rest of the rows that tie with the cursor's, then what lies beyond. One condition on the pair would
        # do on PostgreSQL; SQLite (3.40) then walks all ties, and most comments tie at no reply and no recommendation.
        found = list(ordered.filter(**{sort.column: cursor.value, f"id__{beyond}": cursor.pk})[:wanted])
        if len(found) < wanted:
            found += ordered.filter(**{f"{sort.column}__{beyond}": cursor.value})[: wanted - len(found)]
    kept = size
    if each:
        lengths = accumulate(1 + min(row.descendant_count, each) for row in found)
        # One always: a page that shows nothing would lead nowhere.
        kept = max(1, sum(length <= size for length in lengths))
    has_more = len(found) > kept
    found = found[:kept]
    if is_backward:
        found.reverse()
    if not found:
        return Page([], None, None)
    more_after = has_more or is_backward
    more_before = has_more if is_backward else cursor is not None
    return Page(
        found,
        Cursor.at(found[-1], sort) if more_after else None,
        Cursor.at(found[0], sort, is_backward=True) if more_before else None,
    )


def _bad_cursor() -> Refusal:
    return Refusal(
        "bad_cursor",
        _("This link to a page of the discussion is damaged or out of date. Start again from the first page."),
    )
