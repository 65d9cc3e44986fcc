"""What waits for an editor's word: comments on which the tagger cannot decide, and tags that readers doubt.

Gathers them as frozen dataclasses, oldest first, in pages that cost the same however long the queue is. The editors'
desk calls it; what an editor says goes to `comments.tagging`. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef
from django.utils.translation import gettext as _

from analysis.models import TaggingRun
from comments.errors import Refusal
from comments.models import Comment, Status, Tag, TagAssignment, TagSuggestion, Thread

PAGE = 10
LIMIT = 1_000
"""Counting stops here; nobody works differently for more."""
KEYS = 9
"""Tags of a comment that a single key can toggle."""
_FEW = 2
_QUOTED = 4
_LONG = 60

_PERSON, _MACHINE = TagAssignment.Source.PERSON, TagAssignment.Source.MACHINE
_YES, _UNSURE = TagAssignment.Verdict.YES, TagAssignment.Verdict.UNSURE
_READABLE = (Status.APPROVED, Status.PENDING)


@dataclass(frozen=True, slots=True)
class TagChoice:
    """A tag of a comment, for an editor to say whether it applies.

    Args:
        key: the digit that toggles it; None beyond the first nine.
        said: `yes` or `no`, as a person said; empty where nobody did.
        percent: how sure the machine is; None where it says nothing.
        is_shown: whether readers see it on the comment.
        words: what the machine goes by, quoted from the comment.
        doubts: readers who suggest that it is wrong.
    """

    slug: str
    label: str
    kind: str
    key: int | None
    said: str
    percent: int | None
    is_shown: bool
    words: tuple[str, ...]
    doubts: int

    @property
    def next_word(self) -> str:
        """What its key says."""
        return "no" if self.said == "yes" else "yes"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A comment with its tags: those that ask for a word, and the others of its thread."""

    comment: Comment
    asked: tuple[TagChoice, ...]
    others: tuple[TagChoice, ...]

    @property
    def shows_others(self) -> bool:
        """Whether the others stand open: nothing else is asked, they are few, or somebody has just spoken of one."""
        return not self.asked or len(self.others) <= _FEW or any(tag.said for tag in self.others)


@dataclass(frozen=True, slots=True)
class DoubtsPage:
    """A page of a queue.

    Args:
        next: id of the comment after which the next page begins; None on the last.
        count: comments in the whole queue, as far as anybody wants to know (LIMIT + 1 for more).
    """

    rows: tuple[Doubt, ...]
    next: str | None
    count: int

    @property
    def is_bounded(self) -> bool:
        return self.count > LIMIT


def uncertain_page(thread: Thread | None = None, *, after: int = 0, size: int = PAGE) -> DoubtsPage:
    """Comments on which the tagger cannot decide and nobody else has, in five queries.

    One leaves the queue when a person says that a tag applies, or has answered for each that the machine is unsure of.

    Args:
        thread: only this one; None for all.
        after: id of the comment after which the page begins.
    """
    words = TagAssignment.objects.filter(comment=OuterRef("comment"), source=_PERSON)
    answered = TagAssignment.objects.filter(comment=OuterRef("comment"), tag=OuterRef("tag"), source=_PERSON)
    unsure = TagAssignment.objects.filter(comment=OuterRef("comment"), source=_MACHINE, verdict=_UNSURE)
    runs = TaggingRun.objects.filter(
        Exists(unsure.filter(~Exists(answered))),
        ~Exists(words.filter(verdict=_YES)),
        outcome=TaggingRun.Outcome.UNCERTAIN,
        revision=F("comment__revision"),
        comment__status__in=_READABLE,
    )
    if thread is not None:
        runs = runs.filter(comment__thread=thread)
    ids = list(runs.filter(comment__gt=after).order_by("comment").values_list("comment_id", flat=True)[: size + 1])
    return DoubtsPage(_doubts(ids[:size]), str(ids[size - 1]) if len(ids) > size else None, _count(runs))


def suggestions_page(thread: Thread | None = None, *, after: int = 0, size: int = PAGE) -> DoubtsPage:
    """Comments with a tag that readers doubt and that still stands, in five queries.

    Args:
        thread: only this one; None for all.
        after: id of the comment after which the page begins.
    """
    stands = TagAssignment.objects.filter(comment=OuterRef("comment"), tag=OuterRef("tag"), verdict=_YES)
    rows = TagSuggestion.objects.filter(Exists(stands), settled_at__isnull=True, comment__status__in=_READABLE)
    if thread is not None:
        rows = rows.filter(comment__thread=thread)
    doubted = rows.order_by("comment").values_list("comment_id", flat=True).distinct()
    ids = list(doubted.filter(comment__gt=after)[: size + 1])
    return DoubtsPage(_doubts(ids[:size]), str(ids[size - 1]) if len(ids) > size else None, _count(doubted))


def doubt_about(comment_id: int) -> Doubt:
    """One comment with its tags, whether anybody doubts it or not.

    Raises:
        Refusal: there is no such comment, or its text is gone (404).
    """
    # Beyond 64 bits the database would raise; such an id names nothing.
    found = _doubts([comment_id]) if comment_id < 2**63 else ()
    if not found:
        raise Refusal("not_found", _("There is no comment with this number."), status=404)
    return found[0]


def _count(rows: object) -> int:
    counted: int = rows[: LIMIT + 1].count()  # type: ignore[index]  # a queryset of any kind
    return counted


def _doubts(ids: Sequence[int]) -> tuple[Doubt, ...]:
    rows = Comment.objects.filter(pk__in=ids).exclude(status=Status.WITHDRAWN).select_related("thread", "parent")
    comments = list(rows.order_by("pk"))
    tags: dict[int, list[Tag]] = {}
    for tag in Tag.objects.filter(thread__in={comment.thread_id for comment in comments}):
        tags.setdefault(tag.thread_id, []).append(tag)
    said: dict[tuple[int, int], dict[str, TagAssignment]] = {}
    for row in TagAssignment.objects.filter(comment__in=comments):
        said.setdefault((row.comment_id, row.tag_id), {})[row.source] = row
    doubted = TagSuggestion.objects.filter(comment__in=comments, settled_at__isnull=True)
    doubts = {
        (comment, tag): count
        for comment, tag, count in doubted.order_by().values_list("comment_id", "tag_id").annotate(Count("pk"))
    }
    return tuple(_doubt(comment, tags.get(comment.thread_id, []), said, doubts) for comment in comments)


def _doubt(
    comment: Comment,
    tags: Iterable[Tag],
    said: dict[tuple[int, int], dict[str, TagAssignment]],
    doubts: dict[tuple[int, int], int],
) -> Doubt:
    text = comment.text

    def rank(tag: Tag) -> tuple[int, float]:
        # By what the machine says, not by what persons said: a card that comes back has its tags where they were.
        machine = said.get((comment.pk, tag.pk), {}).get(_MACHINE)
        confidence = (machine.confidence or 0.0) if machine else 0.0
        if doubts.get((comment.pk, tag.pk)) or (machine and machine.verdict == _UNSURE):
            return 0, -confidence
        return (1, -confidence) if machine else (2, 0.0)

    ordered = sorted(tags, key=rank)
    choices = [
        (rank(tag)[0] < 2, _choice(comment, text, tag, said.get((comment.pk, tag.pk), {}), doubts, place))
        for place, tag in enumerate(ordered, start=1)
    ]
    return Doubt(
        comment,
        tuple(choice for is_asked, choice in choices if is_asked),
        tuple(choice for is_asked, choice in choices if not is_asked),
    )


def _choice(
    comment: Comment,
    text: str,
    tag: Tag,
    by_source: dict[str, TagAssignment],
    doubts: dict[tuple[int, int], int],
    place: int,
) -> TagChoice:
    person, machine = by_source.get(_PERSON), by_source.get(_MACHINE)
    return TagChoice(
        slug=tag.slug,
        label=tag.label,
        kind=tag.get_kind_display(),
        key=place if place <= KEYS else None,
        said=person.verdict if person else "",
        percent=round(100 * machine.confidence) if machine and machine.confidence is not None else None,
        is_shown=bool(comment.tag_mask & tag.mask),
        words=_quoted(text, machine.evidence if machine else []),
        doubts=doubts.get((comment.pk, tag.pk), 0),
    )


def _quoted(text: str, evidence: Iterable[Sequence[int]]) -> tuple[str, ...]:
    """The words that led to a tag, each once; evidence may be older than the text."""
    found: dict[str, None] = {}
    for start, end in evidence:
        if 0 <= start < end <= len(text):
            words = " ".join(text[start:end].split())
            found[words if len(words) <= _LONG else f"{words[:_LONG]}…"] = None
    return tuple(found)[:_QUOTED]
