"""The desk's log as data: who did what, to which comment, when and why; searched, a page at a time or as a whole.

The desk's views call it. Rows are only read here: the log is written by the verbs, and by nobody afterwards.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from comments import reasons
from comments.desk.narrowing import read_number
from comments.errors import Refusal
from comments.models import ModerationEvent
from comments.models.records import in_words
from comments.texts import clean_name

PAGE_SIZE = 50
WINDOW = 20_000
"""Rows that a page of a search for words looks through; the next page goes on from there."""

_MODERATORS = 50
_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for the encoding of its own country."""


@dataclass(frozen=True, slots=True)
class Search:
    """What the log is narrowed to; empty and None ask for nothing.

    Args:
        by: account name of who did it.
        comment: id of the comment.
        batch: what was decided, or undone, at once.
        action: a `ModerationEvent.Action`.
        reason: code of the reason of a rejection.
        words: stand in the note or in the message to the author.
        since, until: days, both included, in the site's time zone.
    """

    by: str = ""
    comment: int | None = None
    action: str = ""
    reason: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None
    batch: UUID | None = None

    @property
    def pairs(self) -> dict[str, str]:
        """As the query of a URL; what asks for nothing is left out."""
        values = {
            "by": self.by,
            "comment": "" if self.comment is None else str(self.comment),
            "action": self.action,
            "reason": self.reason,
            "words": self.words,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "batch": str(self.batch or ""),
        }
        return {name: value for name, value in values.items() if value}

    def url(self, name: str, **more: str) -> str:
        """The address of a page about this search."""
        query = urlencode(self.pairs | more)
        return reverse(name) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Many:
    """What was decided, or undone, at once.

    Args:
        count: how many comments there are.
        became: status in code, in words, and how many became that.
        undone: how many of the decisions were taken back since.
        is_undoable: whether there is anything to take back.
        url: of the log of each of them.
    """

    batch: UUID
    count: int
    became: tuple[tuple[str, str, int], ...]
    undone: int
    is_undoable: bool
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log: a row, or, where `many` is given, the newest row of what was done at once for all of it."""

    event: ModerationEvent
    many: Many | None = None
    batch_url: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first.

    Args:
        lines: what was done at once stands in one line; in the log of one comment, or of one batch, each row has its
            own.
        whole: what the page is about, where it is about one batch.
        moderators: account names to choose from.
        searched_to: where words are searched for, the moment of the oldest row that was looked at and did not end the
            log; None where nothing was left out.
    """

    search: Search
    lines: list[Line]
    whole: Many | None
    moderators: tuple[str, ...]
    actions: list[tuple[str, str]]
    reasons: list[tuple[str, str]]
    next_url: str
    csv_url: str
    searched_to: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search.pairs)

    @property
    def query(self) -> str:
        """What leads back to this search."""
        return urlencode(self.search.pairs)


def read_search(params: QueryDict) -> Search:
    """Read what a URL asks for.

    Raises:
        Refusal: a number, a day or an action is none (400).
    """
    action = params.get("action", "")
    if action and action not in ModerationEvent.Action.values:
        raise Refusal("unknown_action", _("There is no such action. Choose one from the list."))
    return Search(
        by=clean_name(params.get("by", "")),
        comment=read_number(params.get("comment", "").strip()),
        action=action,
        reason=clean_name(params.get("reason", ""))[:16],
        words=clean_name(params.get("words", ""))[:100],
        since=_day(params.get("since", "")),
        until=_day(params.get("until", "")),
        batch=read_batch(params.get("batch", "")),
    )


def read_batch(text: str) -> UUID | None:
    """The name of what was decided at once; None where there is none.

    Raises:
        Refusal: it is no such name (404).
    """
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("not_found", _("Nothing was decided under this number."), status=404) from None


def read_log(params: QueryDict) -> Log:
    """Read a page of the log, in a number of queries that does not depend on its length.

    Raises:
        Refusal: the address asks for what cannot be (400).
    """
    search, before = read_search(params), read_number(params.get("before", ""))
    rows = (
        _rows(search)
        .select_related("by", "comment", "thread", "undone_by")
        .defer("comment__markup", "comment__html", "comment__screening")
    )
    is_folded = search.comment is None and search.batch is None
    if is_folded:
        later = _rows(search).filter(batch=OuterRef("batch"), pk__gt=OuterRef("pk"))
        rows = rows.filter(Q(batch__isnull=True) | ~Exists(later))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    floor = None
    if search.words:
        # Words have no index: a page looks through so many rows and no more, whatever it finds.
        newest = before or (ModerationEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
        floor = newest - WINDOW
        rows = rows.filter(pk__gte=floor)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    has_more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    next_url, searched_to = "", None
    if found and has_more:
        next_url = search.url("comments:log", before=str(found[-1].pk))
    elif floor is not None and (oldest := ModerationEvent.objects.filter(pk__lt=floor).order_by("-pk").first()):
        next_url, searched_to = search.url("comments:log", before=str(floor)), oldest.at
    users = get_user_model()
    names = (
        users._default_manager.filter(groups__name="Moderators")
        .order_by(users.USERNAME_FIELD)
        .values_list(users.USERNAME_FIELD, flat=True)[:_MODERATORS]
    )
    batches = _many({event.batch for event in found if event.batch is not None})
    return Log(
        search=search,
        lines=[_line_of(event, batches, is_folded=is_folded) for event in found],
        whole=batches.get(search.batch) if search.batch else None,
        moderators=tuple(names),
        actions=[(value, str(label)) for value, label in ModerationEvent.Action.choices],
        reasons=sorted(reasons.sentences().items(), key=lambda pair: pair[1]),
        next_url=next_url,
        csv_url=search.url("comments:log-csv"),
        searched_to=searched_to,
    )


def lines_of(events: Iterable[ModerationEvent]) -> list[Line]:
    """The rows of one comment's log, a line each."""
    return [_line_of(event, {}, is_folded=False) for event in events]


def _line_of(event: ModerationEvent, batches: dict[UUID, Many], *, is_folded: bool) -> Line:
    if event.batch is None:
        return Line(event)
    many = batches.get(event.batch) if is_folded else None
    # One comment that was chosen alone is one decision.
    return Line(event, many if many and many.count > 1 else None, _batch_url(event.batch))


def _batch_url(batch: UUID) -> str:
    return replace(_EVERYTHING, batch=batch).url("comments:log")


_EVERYTHING = Search()


def _many(batches: set[UUID]) -> dict[UUID, Many]:
    """These batches in figures; one query, and none where there is no batch."""
    if not batches:
        return {}
    rows = ModerationEvent.objects.filter(batch__in=batches).order_by()
    counted = rows.values_list("batch", "action", "to_status").annotate(count=Count("pk"), undone=Count("undone_by"))
    parts: dict[UUID, list[tuple[str, str, int, int]]] = defaultdict(list)
    for batch, action, status, count, undone in counted.order_by("to_status"):
        if batch is not None:
            parts[batch].append((action, status, count, undone))
    return {
        batch: Many(
            batch=batch,
            count=sum(count for *_, count, _undone in found),
            became=tuple((status, in_words(status), count) for _action, status, count, _undone in found),
            undone=sum(undone for *_, undone in found),
            is_undoable=any(action == ModerationEvent.Action.STATUS and undone < n for action, _, n, undone in found),
            url=_batch_url(batch),
        )
        for batch, found in parts.items()
    }


HEADINGS = (
    "id", "at", "action", "actor", "by", "thread", "comment", "revision", "from", "to", "reason", "note", "message",
    "batch", "undoes",
)  # fmt: skip


def csv_lines(search: Search) -> Iterator[str]:
    """The log as a table, oldest first, a line at a time: codes and ids, no names of readers and none of their words.

    The rows are read some at a time by their ids, so the table may be as long as it likes.
    """
    yield _MARK + _line(HEADINGS)
    rows = _rows(search).select_related("by").order_by("pk")
    after = 0
    while found := list(
        rows.filter(pk__gt=after).values_list(
            "pk",
            "at",
            "action",
            "actor",
            f"by__{get_user_model().USERNAME_FIELD}",
            "thread",
            "comment__thread",
            "comment",
            "revision",
            "from_status",
            "to_status",
            "reason",
            "note",
            "message",
            "batch",
            "undoes",
        )[:_CHUNK]
    ):
        for pk, at, action, actor, by, thread, of_comment, *rest in found:
            yield _line([pk, at.isoformat(), action, actor, by, thread or of_comment, *rest])
        after = found[-1][0]


def _rows(search: Search) -> QuerySet[ModerationEvent]:
    rows = ModerationEvent.objects.all()
    if search.by:
        rows = rows.filter(**{f"by__{get_user_model().USERNAME_FIELD}": search.by})
    if search.comment is not None:
        rows = rows.filter(comment_id=search.comment)
    if search.batch is not None:
        rows = rows.filter(batch=search.batch)
    if search.action:
        rows = rows.filter(action=search.action)
    if search.reason:
        rows = rows.filter(reason=search.reason)
    if search.words:
        rows = rows.filter(Q(note__icontains=search.words) | Q(message__icontains=search.words))
    if search.since:
        rows = rows.filter(at__gte=_midnight(search.since))
    if search.until:
        rows = rows.filter(at__lt=_midnight(search.until) + timedelta(days=1))
    return rows


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    # At the ends of the calendar a day has no midnight in other time zones.
    if day is None or not 1970 <= day.year <= 9000:
        raise Refusal("bad_day", _("This is no day. Write it as year, month and day: 2026-01-31."))
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _line(values: Any) -> str:
    """One line of the table. A spreadsheet would run a note that begins like a formula, so that one gets a quote."""
    cells = ["" if value is None else str(value) for value in values]
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()
