"""What a moderator sees of a comment: all that a decision rests on, and never an address.

Gathers what belongs to the comments of one page in a number of queries that does not depend on how many they are.
The desk's views and its queue call it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.errors import Sentence
from comments.models import (
    Comment,
    Commenter,
    ModerationEvent,
    RejectionReason,
    Report,
    Status,
    Tag,
    TagAssignment,
)
from comments.querysets import CommentQuerySet
from comments.screening import REASONS

REPORTS = 5
"""Reports that a card shows; it says how many more there are."""

HISTORY = 100
"""So many of a commenter's latest comments are counted for a card."""

_EXCERPT = 160
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class CardTag:
    """A tag of a comment, and on whose word."""

    label: str
    kind: str
    source: Sentence
    is_uncertain: bool


@dataclass(frozen=True, slots=True)
class History:
    """What became of the latest comments from the same address."""

    approved: int
    rejected: int
    spam: int

    @property
    def is_empty(self) -> bool:
        return not (self.approved or self.rejected or self.spam)

    @property
    def is_bounded(self) -> bool:
        return self.approved + self.rejected + self.spam >= HISTORY


@dataclass(frozen=True, slots=True)
class CardForm:
    """What stands in a card's form: nothing, or what a moderator sent in vain.

    Args:
        seen_status, seen_revision: what the decision rests on; empty for the comment as it stands.
        faults: sentences by field; `""` holds those of no single field.
        news: sentences that say what happened to the comment meanwhile.
    """

    reason: str = ""
    note: str = ""
    seen_status: str = ""
    seen_revision: str = ""
    faults: dict[str, list[Sentence]] = field(default_factory=dict)
    news: tuple[Sentence, ...] = ()

    @property
    def alerts(self) -> list[Sentence]:
        """What is said above the comment."""
        return [*self.news, *self.faults.get("", []), *self.faults.get("to", [])]

    @property
    def reason_fault(self) -> Sentence:
        return next(iter(self.faults.get("reason", [])), "")

    @property
    def note_fault(self) -> Sentence:
        return next(iter(self.faults.get("note", [])), "")


@dataclass(frozen=True, slots=True)
class Card:
    """One comment on the desk."""

    comment: Comment
    excerpt: str
    reasons: tuple[str, ...]
    tags: tuple[CardTag, ...]
    reports: tuple[Report, ...]
    history: History | None
    last_event: ModerationEvent | None
    form: CardForm

    @property
    def number(self) -> str:
        """The id as a URL and an attribute need it, whatever the language does with digits."""
        return str(self.comment.pk)

    @property
    def seen_status(self) -> str:
        return self.form.seen_status or self.comment.status

    @property
    def seen_revision(self) -> str:
        return self.form.seen_revision or str(self.comment.revision)

    @property
    def more_reports(self) -> int:
        return max(0, self.comment.report_count - len(self.reports))

    @property
    def approve_label(self) -> Sentence:
        """What the approving button says; empty where there is nothing to approve."""
        if self.comment.status == Status.WITHDRAWN:
            return ""
        if not self.comment.is_public:
            return gettext_lazy("Approve")
        return gettext_lazy("Keep") if self.comment.report_count else ""

    @property
    def reject_label(self) -> Sentence:
        if self.comment.status == Status.WITHDRAWN:
            return ""
        return gettext_lazy("Change reason") if self.comment.status == Status.REJECTED else gettext_lazy("Reject")

    @property
    def can_be_spam(self) -> bool:
        return self.comment.status not in {Status.SPAM, Status.WITHDRAWN}

    @property
    def rejection_reasons(self) -> list[tuple[str, Any]]:
        return list(RejectionReason.choices)

    @property
    def chosen_reason(self) -> str:
        return self.form.reason or self.comment.reason


def for_cards(rows: CommentQuerySet) -> CommentQuerySet:
    """These comments with what their cards need of other tables."""
    return (
        rows.select_related("thread", "parent")
        .defer("markup", "parent__markup", "parent__screening")
        .prefetch_related(
            Prefetch(
                "reports",
                Report.objects.filter(resolved_at__isnull=True).order_by("-pk")[:REPORTS],
                to_attr="open_reports",
            ),
            Prefetch("events", ModerationEvent.objects.select_related("by").order_by("-pk")[:1], to_attr="last_events"),
            "assignments",
        )
    )


def cards_of(comments: Sequence[Comment]) -> list[Card]:
    """The cards of a page, in its order.

    Args:
        comments: as `for_cards` reads them.
    """
    tags: dict[int, list[Tag]] = defaultdict(list)
    for tag in Tag.objects.filter(thread__in={comment.thread_id for comment in comments}):
        tags[tag.thread_id].append(tag)
    histories = _histories({comment.commenter_id for comment in comments if comment.commenter_id})
    return [_card(comment, tags[comment.thread_id], histories, CardForm()) for comment in comments]


def card_of(comment_id: int, form: CardForm | None = None) -> Card | None:
    """The card of one comment as it stands now, with what its form holds; None where there is no such comment."""
    comment = for_cards(Comment.objects.filter(pk=comment_id)).first()
    if comment is None:
        return None
    tags = list(Tag.objects.filter(thread=comment.thread_id))
    histories = _histories({comment.commenter_id} if comment.commenter_id else set())
    return _card(comment, tags, histories, form or CardForm())


def _card(comment: Comment, tags: Sequence[Tag], histories: dict[int, History], form: CardForm) -> Card:
    events: list[ModerationEvent] = comment.last_events  # type: ignore[attr-defined]
    return Card(
        comment=comment,
        excerpt=_excerpt(comment.parent) if comment.parent else "",
        reasons=tuple(_reason(entry) for entry in comment.screening),
        tags=_tags(comment, tags),
        reports=tuple(comment.open_reports) if comment.report_count else (),  # type: ignore[attr-defined]
        history=histories.get(comment.commenter_id) if comment.commenter_id else None,
        last_event=events[0] if events else None,
        form=form,
    )


def _excerpt(parent: Comment) -> str:
    if parent.status == Status.WITHDRAWN:
        return _("(withdrawn by its author)")
    return Truncator(" ".join(parent.text.split())).chars(_EXCERPT)


def _reason(entry: dict[str, str]) -> str:
    """One objection of a screen in words, with what it found.

    A program, or a browser that fills in forms, may put an address into the field that people do not see; it is not
    shown here either.
    """
    code, detail = entry.get("code", ""), _ADDRESS.sub("…@…", entry.get("detail", ""))
    sentence = str(REASONS.get(code, code))
    return _("%(reason)s: %(detail)s") % {"reason": sentence, "detail": detail} if detail else sentence


def _tags(comment: Comment, tags: Sequence[Tag]) -> tuple[CardTag, ...]:
    """The tags that the comment carries, and those about which the machine cannot decide."""
    said: dict[int, TagAssignment] = {}
    for assignment in comment.assignments.all():
        if assignment.source == TagAssignment.Source.PERSON or assignment.tag_id not in said:
            said[assignment.tag_id] = assignment
    found = []
    for tag in tags:
        word = said.get(tag.pk)
        is_uncertain = word is not None and word.verdict == TagAssignment.Verdict.UNSURE
        if comment.tag_mask & tag.mask or is_uncertain:
            found.append(CardTag(tag.label, tag.kind, _source(word), is_uncertain))
    return tuple(found)


def _source(word: TagAssignment | None) -> Sentence:
    if word is None:
        return ""
    if word.source == TagAssignment.Source.PERSON:
        return _("by a person")
    percent = round(100 * word.confidence) if word.confidence is not None else None
    if word.verdict == TagAssignment.Verdict.UNSURE:
        if percent is None:
            return _("uncertain")
        return _("uncertain, %(percent)d %%") % {"percent": percent}
    return _("by machine") if percent is None else _("by machine, %(percent)d %%") % {"percent": percent}


def _histories(commenters: set[int]) -> dict[int, History]:
    """What became of the latest comments of these commenters; one query, bounded for each of them."""
    if not commenters:
        return {}
    rows = Commenter.objects.filter(pk__in=commenters).values_list(
        "pk", _decided(Status.APPROVED), _decided(Status.REJECTED), _decided(Status.SPAM)
    )
    return {pk: History(approved, rejected, spam) for pk, approved, rejected, spam in rows}


def _decided(status: Status) -> Coalesce:
    latest: QuerySet[Any] = (
        Comment.objects.filter(commenter=OuterRef(OuterRef("pk"))).order_by("-pk").values("pk")[:HISTORY]
    )
    counted = (
        Comment.objects.filter(pk__in=latest, status=status)
        .order_by()
        .values("status")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return Coalesce(Subquery(counted), 0)
