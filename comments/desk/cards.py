"""What a moderator sees of a comment: all that a decision rests on, and never an address.

Gathers what belongs to the comments of one page in a number of queries that does not depend on how many they are.
The desk's views and its queue call it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import Max, Prefetch
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from comments import reasons, sampling, viewing
from comments.desk.explaining import words_of
from comments.desk.histories import History, histories
from comments.desk.marking import Marks, marks_of
from comments.errors import Sentence
from comments.models import Appeal, Comment, ModerationEvent, Report, Status, Tag, TagAssignment
from comments.querysets import CommentQuerySet
from comments.screening import REASONS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REPORTS = 5
"""Reports that a card shows; it says how many more there are."""

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
    message: str = ""
    invite: bool = False
    faults: Mapping[str, list[Sentence]] = field(default_factory=dict)
    news: tuple[Sentence, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == _EMPTY

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

    @property
    def message_fault(self) -> Sentence:
        return next(iter(self.faults.get("message", [])), "")

    @property
    def is_open(self) -> bool:
        """Whether the part of the form that is folded away has something to show."""
        return bool(self.note or self.message or self.invite or self.note_fault or self.message_fault)


_EMPTY = CardForm()


@dataclass(frozen=True, slots=True)
class Card:
    """One comment on the desk.

    Args:
        number: the id as a URL and an attribute need it, whatever the language does with digits.
        name, website, html: with what the screens objected to marked.
        posted: when, as a `time` element.
        reasons: why it was held.
        risk: in per cent; None where no screen scores.
        driven_by: the words that drove it, where no reason names them.
        viewers: account names of others who have it open.
        decide: the forms and links below it, where `comments.desk.printing` has made them.
    """

    comment: Comment
    number: SafeString
    url: SafeString
    name: str
    website: str
    html: SafeString
    posted: SafeString
    status_label: str
    number_label: str
    parent_url: str
    excerpt: str
    reasons: tuple[str, ...]
    risk: int | None
    driven_by: str
    tags: tuple[CardTag, ...]
    reports: tuple[Report, ...]
    history: History | None
    last_event: ModerationEvent | None
    last_reason: str
    last_at: str
    appeal: Appeal | None
    viewers: tuple[str, ...]
    form: CardForm
    decide: SafeString | None = None

    @property
    def seen_status(self) -> str:
        return self.form.seen_status or self.comment.status

    @property
    def seen_revision(self) -> str:
        return self.form.seen_revision or str(self.comment.revision)

    @property
    def risk_number(self) -> SafeString:
        """The risk as an attribute needs it."""
        return SafeString(self.risk or 0)

    @property
    def risk_label(self) -> str:
        return _("%(percent)d %%") % {"percent": self.risk or 0}

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
        return gettext_lazy("Keep") if self.comment.report_count or self.is_sample else ""

    @property
    def is_sample(self) -> bool:
        """Whether it was drawn for a person to say whether the machine was right."""
        return sampling.is_marked(self.comment)

    @property
    def reject_label(self) -> Sentence:
        if self.comment.status == Status.WITHDRAWN:
            return ""
        return gettext_lazy("Change reason") if self.comment.status == Status.REJECTED else gettext_lazy("Reject")

    @property
    def spam_label(self) -> Sentence:
        """What the button says that marks it as spam; empty where there is nothing to say."""
        if self.comment.status == Status.WITHDRAWN:
            return ""
        if self.comment.status != Status.SPAM:
            return gettext_lazy("Mark as spam")
        return gettext_lazy("It is spam") if self.is_sample else ""

    @property
    def chosen_reason(self) -> str:
        return self.form.reason or self.comment.reason


def for_cards(rows: CommentQuerySet) -> CommentQuerySet:
    """These comments with what their cards need of other tables in the same row."""
    return rows.select_related("thread", "parent").defer("markup", "parent__markup", "parent__screening")


def cards_of(comments: Sequence[Comment], *, open_elsewhere: Mapping[int, Sequence[str]] | None = None) -> list[Card]:
    """The cards of a page, in its order.

    Args:
        comments: as `for_cards` reads them.
        open_elsewhere: account names of others who have a card open, by id of the comment.
    """
    return _gather(comments, open_elsewhere or {}, _EMPTY)


def card_of(comment_id: int, form: CardForm | None = None, *, user: User | None = None) -> Card | None:
    """The card of one comment as it stands now, with what its form holds; None where there is no such comment.

    Args:
        user: who looks, where others who look are to be shown.
    """
    # Beyond 64 bits the database would raise; such an id names nothing.
    comment = for_cards(Comment.objects.filter(pk=comment_id)).first() if comment_id < 2**63 else None
    if comment is None:
        return None
    viewers = viewing.others([comment.pk], than=user) if user is not None else {}
    return _gather([comment], viewers, form or _EMPTY)[0]


def moment(at: datetime) -> SafeString:
    """A time as an element that says it in full, in the language and the zone of the page."""
    return _moment(at, get_language(), timezone.get_current_timezone())


@lru_cache(maxsize=4096)
def _moment(at: datetime, _language: str | None, zone: tzinfo) -> SafeString:
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S}",
        date_format(at.astimezone(zone), "DATETIME_FORMAT"),
    )


def _gather(comments: Sequence[Comment], viewers: Mapping[int, Sequence[str]], form: CardForm) -> list[Card]:
    if not comments:
        return []
    keys = [comment.pk for comment in comments]
    tags: dict[int, list[Tag]] = defaultdict(list)
    for tag in Tag.objects.filter(thread__in={comment.thread_id for comment in comments}):
        tags[tag.thread_id].append(tag)
    said: dict[int, list[TagAssignment]] = defaultdict(list)
    for word in TagAssignment.objects.filter(comment__in=keys).defer("evidence"):
        said[word.comment_id].append(word)
    reports = _reports(comments)
    events = _last_events(keys)
    sentences = reasons.sentences() if any(event.reason for event in events.values()) else {}
    appeals = {
        appeal.comment_id: appeal
        for appeal in Appeal.objects.filter(comment__in=keys, settled_at__isnull=True).select_related("event__by")
    }
    past = histories(comments)
    driven_by = words_of(comments)
    # One reverse for the page; the addresses of its comments differ by a number.
    base = reverse("comments:desk-comment", args=[0]).removesuffix("0/")
    labels = {status.value: str(status.label) for status in Status}
    number_label = _("no. %(number)s, revision %(revision)d")
    cards = []
    for comment in comments:
        marks, in_name, in_website = (marks_of(comment.screening, place) for place in ("text", "name", "website"))
        key = SafeString(comment.pk)
        cards.append(
            Card(
                comment=comment,
                number=key,
                url=SafeString(f"{base}{key}/"),
                name=_marked(in_name, comment.author_name),
                website=_marked(in_website, comment.author_website),
                html=marks.in_html(comment.html),
                posted=moment(comment.created_at),
                status_label=labels[comment.status],
                number_label=number_label % {"number": key, "revision": comment.revision},
                parent_url=f"{base}{comment.parent_id}/" if comment.parent_id else "",
                excerpt=_excerpt(comment.parent) if comment.parent else "",
                reasons=tuple(_reason(entry) for entry in comment.screening),
                risk=None if comment.risk is None else round(comment.risk / 10),
                driven_by=_ADDRESS.sub("…@…", ", ".join(driven_by.get(comment.pk, ()))),
                tags=_tags(comment, tags[comment.thread_id], said[comment.pk]),
                reports=reports.get(comment.pk, ()),
                history=past.get(comment.pk),
                last_event=(event := events.get(comment.pk)),
                last_reason=reasons.worded(event.reason, sentences) if event is not None else "",
                last_at=moment(event.at) if event is not None else "",
                appeal=appeals.get(comment.pk),
                viewers=tuple(viewers.get(comment.pk, ())),
                form=form,
            )
        )
    return cards


def _marked(marks: Marks, text: str) -> str:
    return marks.in_text(text) if text and marks else text


def _reports(comments: Sequence[Comment]) -> dict[int, tuple[Report, ...]]:
    """The latest open reports of each comment; no query where there are none."""
    reported = [comment.pk for comment in comments if comment.report_count]
    if not reported:
        return {}
    rows = Comment.objects.filter(pk__in=reported).only("pk")
    latest = Report.objects.filter(resolved_at__isnull=True).order_by("-pk")[:REPORTS]
    return {
        row.pk: tuple(row.open_reports)
        for row in rows.prefetch_related(Prefetch("reports", latest, to_attr="open_reports"))
    }


def _last_events(keys: Sequence[int]) -> dict[int, ModerationEvent]:
    """The last row of the log of each comment."""
    last = ModerationEvent.objects.filter(comment__in=keys).order_by().values("comment").annotate(last=Max("pk"))
    newest = [row["last"] for row in last]
    if not newest:
        return {}
    rows = ModerationEvent.objects.filter(pk__in=newest).select_related("by").defer("original")
    return {event.comment_id: event for event in rows if event.comment_id is not None}


def _excerpt(parent: Comment) -> str:
    if parent.status == Status.WITHDRAWN:
        return _("(withdrawn by its author)")
    return Truncator(" ".join(parent.text.split())).chars(_EXCERPT)


def _reason(entry: dict[str, str]) -> str:
    """One objection of a screen in words, with what it found.

    A program, or a browser that fills in forms, may put an address into the field that people do not see; it is not
    shown here either.
    """
    code, detail = str(entry.get("code", "")), _ADDRESS.sub("…@…", str(entry.get("detail", "")))
    sentence = str(REASONS.get(code, code))
    return _("%(reason)s: %(detail)s") % {"reason": sentence, "detail": detail} if detail else sentence


def _tags(comment: Comment, tags: Sequence[Tag], words: Sequence[TagAssignment]) -> tuple[CardTag, ...]:
    """The tags that the comment carries, and those about which the machine cannot decide."""
    said: dict[int, TagAssignment] = {}
    for assignment in words:
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
