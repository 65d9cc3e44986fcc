"""The queue page as data: the comments of a view, what it can be narrowed to, and what each of its tabs holds.

A queue may be as long as the table, so nothing here counts further than LIMIT. The desk's views alone call it;
`comments.desk.narrowing` reads the URL, `comments.desk.finding` finds the comments, and `comments.desk.cards` says what
a moderator sees of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from comments import facets, queues, viewing
from comments.desk.cards import Card, cards_of, for_cards
from comments.desk.finding import PAGE_SIZE, find, of_person
from comments.desk.narrowing import RISKS, Age, Chip, View, language_name, read_number, read_view
from comments.errors import Refusal, Sentence
from comments.facets import FacetGroup
from comments.models import Comment, Report, Sample, Tag, Thread
from comments.querysets import CommentQuerySet
from comments.queues import LIMIT, Queue
from comments.screening import REASONS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = [
    "QueuePage",
    "Tab",
    "View",
    "count_newer",
    "narrowed",
    "newer",
    "newest_id",
    "read_number",
    "read_page",
    "read_tabs",
    "read_view",
]

NEWER = 100
"""Counting what is new stops here."""

_THREADS = 50
"""Discussions offered to narrow a queue to."""


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
class Choice:
    """Something that the queue can be narrowed to; where it was counted, among the first LIMIT of the queue."""

    value: str
    label: Sentence
    is_selected: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    threads: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    ages: tuple[Choice, ...]
    risks: tuple[Choice, ...]
    orders: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Everything that the queue page shows beside a card that was decided on in vain.

    Args:
        last_id: the newest comment of the site when the page was made; what is newer is news.
        searched: how many comments were looked through one by one; 0 where none had to be.
        is_cut: whether the page ends where nobody has looked further.
        topic_url: where all that waits about the chosen tag can be decided at once; empty where no one tag is chosen.
    """

    view: View
    tabs: tuple[Tab, ...]
    choices: Choices
    chips: tuple[Chip, ...]
    groups: tuple[FacetGroup, ...]
    is_bounded: bool
    cards: list[Card]
    next_url: str
    previous_url: str
    last_id: int
    searched: int
    is_cut: bool
    topic_url: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self.view.is_narrowed

    @property
    def all_url(self) -> str:
        """The queue, not narrowed."""
        return self.view.whole.url()

    @property
    def next_tab(self) -> str:
        return self._beside(1)

    @property
    def previous_tab(self) -> str:
        return self._beside(-1)

    def _beside(self, by: int) -> str:
        at = next(index for index, tab in enumerate(self.tabs) if tab.is_current)
        return self.tabs[(at + by) % len(self.tabs)].url


def read_page(view: View, *, user: User, without: int | None = None) -> QueuePage:
    """Gather a page of a queue, in a number of queries that does not depend on what stands in it.

    Args:
        user: who looks; cards that others have open stand last.
        without: a comment that is shown elsewhere on the page.

    Raises:
        Refusal: there is no such discussion, or it has no such tag (404, 400).
    """
    thread = _thread(view)
    tags = list(thread.tags.all()) if thread else []
    rows, person = narrowed(view, thread if view.thread else None, tags)
    found = find(rows, view, without=without)
    by_id = {comment.pk: comment for comment in for_cards(Comment.objects.filter(pk__in=found.keys))}
    open_elsewhere = viewing.others(found.keys, than=user)
    # Stable: what nobody has open keeps its order.
    keys = sorted((key for key in found.keys if key in by_id), key=lambda key: key in open_elsewhere)
    threads, masks, languages = _count_first(view, thread if view.thread else None)
    titles = _titles(threads, thread if view.thread else None)
    topic_url = ""
    if thread is not None and len(view.tags) == 1 and view.queue is Queue.PENDING:
        topic = View(thread=str(thread.pk), tags=view.tags)
        topic_url = f"{reverse('comments:desk-topic')}?{topic.query}"
    return QueuePage(
        view=view,
        tabs=read_tabs(view),
        choices=_choices(view, thread, threads, titles, languages),
        chips=tuple(
            view.chips(
                thread=str(thread) if thread else "",
                tags={tag.slug: tag.label for tag in tags},
                person=person.author_name if person else "",
            )
        ),
        groups=_groups(tags, masks, view),
        is_bounded=masks.total() > LIMIT,
        cards=cards_of([by_id[key] for key in keys], open_elsewhere=open_elsewhere),
        next_url=view.url(after=found.next, before=None) if found.next else "",
        previous_url=view.url(after=None, before=found.previous) if found.previous else "",
        last_id=newest_id(view.queue),
        searched=found.searched,
        is_cut=found.is_cut,
        topic_url=topic_url,
    )


def narrowed(view: View, thread: Thread | None, tags: Sequence[Tag]) -> tuple[CommentQuerySet, Comment | None]:
    """The rows of a view's queue, narrowed by all that indexes know; and the comment that names the person, if any.

    Raises:
        Refusal: the discussion has no such tag, or there is no such comment (400, 404).
    """
    unknown = view.tags - {tag.slug for tag in tags}
    if unknown and not tags and not view.thread:
        raise Refusal("tag_without_thread", _("Choose a discussion first: each has tags of its own."))
    if unknown:
        raise Refusal("unknown_tag", _("This discussion has no such tag. Remove it from the address to see the rest."))
    rows = Comment.objects.in_queue(view.queue.value)
    if thread is not None:
        rows = rows.filter(thread=thread)
    person = None
    if view.person is not None:
        person = Comment.objects.filter(pk=view.person).only("pk", "commenter", "reader", "author_name").first()
        if person is None:
            raise Refusal("not_found", _("There is no comment with this number."), status=404)
        rows = rows.filter(pk__in=of_person(person))
    return rows.matching(facets.masks_of(tags, view.tags)), person


def read_tabs(view: View) -> tuple[Tab, ...]:
    """The queues of the whole desk, each counted up to LIMIT; one query."""
    counts = queues.counts()
    return tuple(
        Tab(
            queue=queue,
            count=up_to_limit(counts[queue]),
            url=view.with_queue(queue).url(),
            is_current=queue is view.queue,
        )
        for queue in Queue
        # A site that draws no sample has no use for its queue.
        if queue is not Queue.SAMPLE or counts[queue] or view.queue is queue
    )


def newest_id(queue: Queue) -> int:
    """What tells later what is new in a queue: the newest comment, report or place in the sample."""
    model = {Queue.REPORTED: Report, Queue.SAMPLE: Sample}.get(queue, Comment)
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def up_to_limit(count: int) -> str:
    """A bounded count as it is shown."""
    if count > LIMIT:
        return f"{number_format(LIMIT, force_grouping=True)}+"
    return number_format(count, force_grouping=True)


def _thread(view: View) -> Thread | None:
    """The discussion whose tags the page offers: the chosen one, or the only one that there is."""
    if view.thread:
        thread = Thread.objects.named(view.thread).first()
        if thread is None:
            raise Refusal("unknown_thread", _("There is no such discussion."), status=404)
        return thread
    first_two = list(Thread.objects.order_by("pk")[:2])
    return first_two[0] if len(first_two) == 1 else None


def _count_first(view: View, thread: Thread | None) -> tuple[Counter[int], Counter[int], Counter[str]]:
    """How often each discussion, combination of tags and language occurs among the first comments of the queue; one
    more than LIMIT tells that it is longer. The tags and languages are those within the chosen discussion."""
    order = "-pk" if view.queue.is_newest_first else "pk"
    # Counted here: grouping in the database reads the same rows and costs a subquery with a limit.
    queued = Comment.objects.in_queue(view.queue.value).order_by(order)
    rows = list(queued.values_list("thread_id", "tag_mask", "language")[: LIMIT + 1])
    threads = Counter(row[0] for row in rows)
    if thread is not None:
        rows = list(queued.filter(thread=thread).values_list("thread_id", "tag_mask", "language")[: LIMIT + 1])
    return threads, Counter(row[1] for row in rows), Counter(row[2] for row in rows)


def _titles(counts: Counter[int], chosen: Thread | None) -> dict[int, str]:
    """The discussions with most in the queue, and the chosen one."""
    most = [pk for pk, _count in counts.most_common(_THREADS)]
    titles = {thread.pk: str(thread) for thread in Thread.objects.filter(pk__in=most).only("pk", "title", "key")}
    if chosen is not None:
        titles.setdefault(chosen.pk, str(chosen))
    return titles


def _choices(
    view: View,
    thread: Thread | None,
    threads: Mapping[int, int],
    titles: Mapping[int, str],
    languages: Mapping[str, int],
) -> Choices:
    chosen = thread.pk if thread is not None and view.thread else None
    reasons: dict[str, Sentence] = dict(REASONS)
    if view.reason:
        reasons.setdefault(view.reason, view.reason)
    codes = {code for code in languages if code} | ({view.language} if view.language else set())
    return Choices(
        threads=tuple(
            Choice(str(pk), titles[pk], chosen == pk, up_to_limit(threads.get(pk, 0)))
            for pk in sorted(titles, key=lambda pk: titles[pk].casefold())
        ),
        reasons=tuple(Choice(code, sentence, code == view.reason) for code, sentence in reasons.items()),
        languages=tuple(
            Choice(code, language_name(code), code == view.language, up_to_limit(languages.get(code, 0)))
            for code in sorted(codes, key=language_name)
        ),
        ages=tuple(Choice(age.value, age.label, age is view.age) for age in Age),
        risks=tuple(
            Choice(str(risk), _("%(percent)d %% or more") % {"percent": risk}, risk == view.risk)
            for risk in sorted({*RISKS, *([view.risk] if view.risk else [])})
        ),
        orders=tuple(Choice(order.value, order.label, order is view.in_force) for order in view.queue.orders),
    )


def _groups(tags: Sequence[Tag], counts: Mapping[int, int], view: View) -> tuple[FacetGroup, ...]:
    if not tags:
        return ()
    return tuple(facets.groups(tags, counts, view.tags, lambda slugs: view.url(tags=slugs)))


def newer(view: View, since: int) -> list[int]:
    """Ids of what came into a view after a moment, oldest first, as many as a page holds.

    Args:
        since: `newest_id` of the queue at that moment.
    """
    return [row.pk for row in _newer(view, since)[:PAGE_SIZE]]


def count_newer(view: View, since: int) -> int:
    """How many of them there are, up to 100."""
    return _newer(view, since)[:NEWER].count()


def _newer(view: View, since: int) -> CommentQuerySet:
    thread = _thread(view)
    tags = list(thread.tags.all()) if thread and view.tags else []
    rows, _person = narrowed(view, thread if view.thread else None, tags)
    if view.queue is Queue.REPORTED:
        rows = rows.filter(pk__in=Report.objects.filter(pk__gt=since, resolved_at__isnull=True).values("comment"))
    elif view.queue is Queue.SAMPLE:
        rows = rows.filter(sample__pk__gt=since)
    else:
        rows = rows.filter(pk__gt=since)
    if view.language:
        rows = rows.filter(language=view.language)
    if view.risk:
        rows = rows.filter(risk__gte=view.risk * 10)
    if view.text or view.reason or view.age is Age.OLDER:
        # What is told by looking at each comes with the page.
        rows = rows.none()
    return rows.only("pk").order_by("pk")
