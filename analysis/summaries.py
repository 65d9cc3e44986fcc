"""The editors' aggregates, as frozen dataclasses: what a discussion is about, how it stands, what waits.

Counts of tags come from the same rows as the readers' filter, so an editor never sees another number than a reader.
The editors' desk calls it, and the API may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, F, Sum

from analysis.models import TaggingRun
from comments import facets
from comments.errors import Sentence
from comments.models import Comment, FacetCount, Status, Tag, Thread

THREADS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name.

    Args:
        code: stable word for programs.
    """

    code: str
    label: Sentence
    count: int


@dataclass(frozen=True, slots=True)
class TagFigure:
    """How many public comments carry a tag.

    Args:
        share: part of all public comments, 0 to 1.
        relative: part of the most frequent tag's count, 0 to 1; the length of a bar.
        url: the article page with the comments that carry it.
    """

    slug: str
    label: str
    kind: str
    description: str
    count: int
    share: float
    relative: float
    url: str

    @property
    def percent(self) -> int:
        return round(100 * self.share)

    @property
    def bar(self) -> str:
        """Length of the bar in thousandths, as a drawing needs it in any language."""
        return str(round(1000 * self.relative))


@dataclass(frozen=True, slots=True)
class TagGroup:
    """The figures of one kind of tags."""

    kind: str
    label: Sentence
    tags: tuple[TagFigure, ...]


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """What a discussion is about and how it stands.

    Args:
        comment_count: public comments.
        tagged_count: public comments that carry a tag.
        untagged_count: comments that still wait for their tags, public or not.
        statuses: comments by status.
        outcomes: public comments by what the tagger decided on their present text; what waits is in none of them.
    """

    thread_id: int
    title: str
    url: str
    comment_count: int
    tagged_count: int
    untagged_count: int
    statuses: tuple[Figure, ...]
    outcomes: tuple[Figure, ...]
    groups: tuple[TagGroup, ...]

    @property
    def tagged_share(self) -> float:
        """Part of the public comments that carry a tag, 0 to 1."""
        return self.tagged_count / self.comment_count if self.comment_count else 0.0

    @property
    def tagged_percent(self) -> int:
        return round(100 * self.tagged_share)


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A discussion in the editors' list."""

    thread_id: int
    title: str
    url: str
    comment_count: int
    tagged_count: int
    untagged_count: int

    @property
    def tagged_percent(self) -> int:
        return round(100 * self.tagged_count / self.comment_count) if self.comment_count else 0


@dataclass(frozen=True, slots=True)
class ThreadsPage:
    """Some discussions, newest first.

    Args:
        next: id from which the next page goes on; None on the last.
    """

    rows: tuple[ThreadRow, ...]
    next: str | None


def threads_page(*, before: int | None = None, size: int = THREADS_PER_PAGE) -> ThreadsPage:
    """The newest discussions with their figures, in three queries.

    Args:
        before: id below which the page begins.
    """
    threads = Thread.objects.order_by("-pk")
    if before is not None:
        threads = threads.filter(pk__lt=before)
    found = list(threads[: size + 1])
    shown = found[:size]
    keys = [thread.pk for thread in shown]
    carrying = dict(FacetCount.objects.filter(thread__in=keys).values_list("thread").annotate(Sum("count")))
    waiting = dict(Comment.objects.untagged().filter(thread__in=keys).values_list("thread").annotate(Count("pk")))
    rows = tuple(
        ThreadRow(
            thread_id=thread.pk,
            title=str(thread),
            url=thread.get_absolute_url(),
            comment_count=thread.comment_count,
            tagged_count=carrying.get(thread.pk, 0),
            untagged_count=waiting.get(thread.pk, 0),
        )
        for thread in shown
    )
    return ThreadsPage(rows, str(keys[-1]) if len(found) > size else None)


def thread_summary(thread: Thread) -> ThreadSummary:
    """What a discussion is about, as its readers see it, and what waits in it."""
    tags = list(thread.tags.all())
    counts = dict(thread.facet_counts.filter(count__gt=0).values_list("tag_mask", "count"))
    return ThreadSummary(
        thread_id=thread.pk,
        title=str(thread),
        url=thread.get_absolute_url(),
        comment_count=thread.comment_count,
        tagged_count=sum(counts.values()),
        untagged_count=Comment.objects.untagged().filter(thread=thread).count(),
        statuses=_statuses(thread),
        outcomes=_outcomes(thread),
        groups=_groups(thread, tags, counts),
    )


def _statuses(thread: Thread) -> tuple[Figure, ...]:
    """Comments by status. The public ones, the bulk, are counted already."""
    rows = Comment.objects.filter(thread=thread).exclude(status=Status.APPROVED)
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    counts[Status.APPROVED] = thread.comment_count
    return tuple(Figure(status.value, status.label, counts.get(status.value, 0)) for status in Status)


def _outcomes(thread: Thread) -> tuple[Figure, ...]:
    """Public comments by what was decided on the text that stands there now."""
    # A run of tags that mean something else by now is still stored, but its comment waits to be tagged anew.
    rows = TaggingRun.objects.filter(
        comment__thread=thread,
        comment__status=Status.APPROVED,
        comment__tagged_revision=F("comment__revision"),
        revision=F("comment__revision"),
    )
    counts = dict(rows.order_by().values_list("outcome").annotate(Count("pk")))
    return tuple(Figure(outcome.value, outcome.label, counts.get(outcome.value, 0)) for outcome in TaggingRun.Outcome)


def _groups(thread: Thread, tags: Sequence[Tag], counts: dict[int, int]) -> tuple[TagGroup, ...]:
    carried = {tag.pk: facets.count_matching(counts, [tag.mask]) for tag in tags}
    most = max(carried.values(), default=0)
    base = thread.get_absolute_url()

    def figure(tag: Tag) -> TagFigure:
        count = carried[tag.pk]
        return TagFigure(
            slug=tag.slug,
            label=tag.label,
            kind=tag.kind,
            description=tag.description if tag.description != tag.label else "",
            count=count,
            share=count / thread.comment_count if thread.comment_count else 0.0,
            relative=count / most if most else 0.0,
            url=f"{base}{'&' if '?' in base else '?'}{urlencode({'tag': tag.slug})}",
        )

    kinds = sorted({tag.kind for tag in tags})
    return tuple(
        TagGroup(
            kind,
            facets.KIND_LABELS.get(kind, kind),
            tuple(sorted((figure(tag) for tag in tags if tag.kind == kind), key=lambda tag: -tag.count)),
        )
        for kind in kinds
    )
