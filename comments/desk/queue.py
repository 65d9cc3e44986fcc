"""The queue page as data: which queue, which part of it, in which order, and what each of its tabs holds.

A queue may be as long as the table, so nothing here counts further than LIMIT, and pages go by id. The desk's views
alone call it; `comments.desk.cards` says what a moderator sees of each comment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from comments import facets
from comments.desk.cards import Card, cards_of, for_cards
from comments.errors import Refusal, Sentence
from comments.facets import FacetGroup
from comments.models import Comment, Tag, Thread
from comments.querysets import CommentQuerySet
from comments.queues import LIMIT, Queue, bounded_count, read_queue
from comments.texts import clean_name

PAGE_SIZE = 25
_THREADS = 50
"""Discussions offered to narrow a queue to."""


@dataclass(frozen=True, slots=True)
class View:
    """What a moderator is looking at: a queue, narrowed or not, from a place on.

    Args:
        thread: id or key of the discussion; empty for all.
        tags: slugs; they mean something within one discussion only.
        after, before: ids of the comments between which and the end of the queue the page lies.
    """

    queue: Queue = Queue.PENDING
    thread: str = ""
    tags: frozenset[str] = frozenset()
    after: int | None = None
    before: int | None = None

    @property
    def query(self) -> str:
        """This view as the query of a URL; parts that ask for nothing are left out."""
        pairs: list[tuple[str, str]] = []
        if self.queue is not Queue.PENDING:
            pairs.append(("queue", self.queue.value))
        if self.thread:
            pairs.append(("thread", self.thread))
        pairs += [("tag", slug) for slug in sorted(self.tags)]
        if self.after is not None:
            pairs.append(("after", str(self.after)))
        if self.before is not None:
            pairs.append(("before", str(self.before)))
        return urlencode(pairs)

    def url(self, **changes: Any) -> str:
        """The address of this view, or of one that differs by `changes`."""
        query = replace(self, **changes).query
        return reverse("comments:moderation") + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Tab:
    """One queue with its bounded count, as the page's navigation shows it."""

    queue: Queue
    count: str
    url: str
    is_current: bool

    @property
    def label(self) -> Sentence:
        return self.queue.label


@dataclass(frozen=True, slots=True)
class ThreadChoice:
    """A discussion that the queue can be narrowed to, and how many of its comments are among the first LIMIT."""

    value: str
    title: str
    count: str
    is_selected: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Everything that the queue page shows beside a card that was decided on in vain."""

    view: View
    tabs: tuple[Tab, ...]
    threads: tuple[ThreadChoice, ...]
    groups: tuple[FacetGroup, ...]
    is_bounded: bool
    cards: list[Card]
    next_url: str
    previous_url: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.view.thread or self.view.tags)

    @property
    def all_url(self) -> str:
        """The queue, not narrowed."""
        return self.view.url(thread="", tags=frozenset(), after=None, before=None)


def read_view(params: QueryDict) -> View:
    """Read a URL of the queue page.

    Raises:
        Refusal: there is no such queue, or a page's place is no number (400).
    """
    after, before = read_number(params.get("after", "")), read_number(params.get("before", ""))
    return View(
        queue=read_queue(params.get("queue", "")),
        thread=clean_name(params.get("thread", "")),
        tags=frozenset(slug for slug in params.getlist("tag") if slug),
        after=after,
        before=before if after is None else None,
    )


def read_number(text: str) -> int | None:
    """Return the id that a URL names, or None where it names none.

    Raises:
        Refusal: it is no id (400).
    """
    if not text:
        return None
    # Beyond 64 bits the database would raise.
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal("bad_number", _("This address is damaged. Start again from the first page."))
    return int(text)


def read_page(view: View, *, without: int | None = None) -> QueuePage:
    """Gather a page of a queue, in a number of queries that does not depend on what stands in it.

    Args:
        without: a comment that is shown elsewhere on the page.

    Raises:
        Refusal: there is no such discussion, or it has no such tag (404, 400).
    """
    thread = _thread(view)
    tags = list(thread.tags.all()) if thread else []
    unknown = view.tags - {tag.slug for tag in tags}
    if unknown and thread is None:
        raise Refusal("tag_without_thread", _("Choose a discussion first: each has tags of its own."))
    if unknown:
        raise Refusal("unknown_tag", _("This discussion has no such tag. Remove it from the address to see the rest."))
    queued = Comment.objects.in_queue(view.queue.value)
    rows = queued.filter(thread=thread) if thread and view.thread else queued
    masks = facets.masks_of(tags, view.tags)
    found, has_more = _rows(rows.matching(masks), view, without)
    is_first = view.after is None and view.before is None
    has_earlier = has_more if view.before is not None else not is_first
    has_later = has_more if view.before is None else True
    masks_here = _count_first(rows, "tag_mask", view.queue) if tags else Counter()
    return QueuePage(
        view=view,
        tabs=read_tabs(view),
        threads=_choices(_count_first(queued, "thread_id", view.queue), thread if view.thread else None),
        groups=_groups(tags, masks_here, view),
        is_bounded=masks_here.total() > LIMIT,
        cards=cards_of(found),
        next_url=view.url(after=found[-1].pk, before=None) if found and has_later else "",
        previous_url=view.url(after=None, before=found[0].pk) if found and has_earlier else "",
    )


def read_tabs(view: View) -> tuple[Tab, ...]:
    """The queues of the whole desk, each counted up to LIMIT."""
    return tuple(
        Tab(
            queue=queue,
            count=_up_to_limit(bounded_count(Comment.objects.in_queue(queue.value))),
            url=view.url(queue=queue, tags=frozenset(), after=None, before=None),
            is_current=queue is view.queue,
        )
        for queue in Queue
    )


def _thread(view: View) -> Thread | None:
    """The discussion whose tags the page offers: the chosen one, or the only one that there is."""
    if view.thread:
        thread = Thread.objects.named(view.thread).first()
        if thread is None:
            raise Refusal("unknown_thread", _("There is no such discussion."), status=404)
        return thread
    first_two = list(Thread.objects.order_by("pk")[:2])
    return first_two[0] if len(first_two) == 1 else None


def _rows(rows: CommentQuerySet, view: View, without: int | None) -> tuple[list[Comment], bool]:
    """The comments of a page in the queue's order, and whether more lie beyond it."""
    is_backward = view.before is not None
    is_falling = view.queue.is_newest_first != is_backward
    place = view.before if is_backward else view.after
    if place is not None:
        rows = rows.filter(**{"pk__lt" if is_falling else "pk__gt": place})
    if without is not None:
        rows = rows.exclude(pk=without)
    found = list(for_cards(rows).order_by("-pk" if is_falling else "pk")[: PAGE_SIZE + 1])
    has_more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    if is_backward:
        found.reverse()
    return found, has_more


def _count_first(rows: CommentQuerySet, column: str, queue: Queue) -> Counter[int]:
    """How often each value of a column occurs among the first comments of a queue; one more than LIMIT tells that it
    is longer."""
    order = "-pk" if queue.is_newest_first else "pk"
    # Counted here: grouping in the database reads the same rows and costs a subquery with a limit.
    return Counter(rows.order_by(order).values_list(column, flat=True)[: LIMIT + 1])


def _choices(counts: Mapping[int, int], chosen: Thread | None) -> tuple[ThreadChoice, ...]:
    """The discussions with most in the queue, and the chosen one."""
    most = [pk for pk, _count in Counter(counts).most_common(_THREADS)]
    titles = {thread.pk: str(thread) for thread in Thread.objects.filter(pk__in=most).only("pk", "title", "key")}
    if chosen is not None:
        titles.setdefault(chosen.pk, str(chosen))
    return tuple(
        ThreadChoice(str(pk), titles[pk], _up_to_limit(counts.get(pk, 0)), chosen is not None and pk == chosen.pk)
        for pk in sorted(titles, key=lambda pk: titles[pk].casefold())
    )


def _groups(tags: Sequence[Tag], counts: Mapping[int, int], view: View) -> tuple[FacetGroup, ...]:
    if not tags:
        return ()
    return tuple(facets.groups(tags, counts, view.tags, lambda slugs: view.url(tags=slugs, after=None, before=None)))


def _up_to_limit(count: int) -> str:
    if count > LIMIT:
        return f"{number_format(LIMIT, force_grouping=True)}+"
    return number_format(count, force_grouping=True)
