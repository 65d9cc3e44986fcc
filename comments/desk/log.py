"""The desk's log as data: who did what, to which comment, when and why; searched, a page at a time or as a whole.

The desk's views call it. Rows are only read here: the log is written by the verbs, and by nobody afterwards.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from comments import reasons
from comments.desk.narrowing import read_number
from comments.errors import Refusal
from comments.models import ModerationEvent
from comments.texts import clean_name

PAGE_SIZE = 50
WINDOW = 20_000
"""Rows that a page of a search for words looks through; the next page goes on from there."""

_MODERATORS = 50
_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Search:
    """What the log is narrowed to; empty and None ask for nothing.

    Args:
        by: account name of who did it.
        comment: id of the comment.
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
        }
        return {name: value for name, value in values.items() if value}

    def url(self, name: str, **more: str) -> str:
        """The address of a page about this search."""
        query = urlencode(self.pairs | more)
        return reverse(name) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first.

    Args:
        moderators: account names to choose from.
        searched_to: where words are searched for, the moment of the oldest row that was looked at and did not end the
            log; None where nothing was left out.
    """

    search: Search
    events: list[ModerationEvent]
    moderators: tuple[str, ...]
    actions: list[tuple[str, str]]
    reasons: list[tuple[str, str]]
    next_url: str
    csv_url: str
    searched_to: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search.pairs)


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
    )


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
    return Log(
        search=search,
        events=found,
        moderators=tuple(names),
        actions=[(value, str(label)) for value, label in ModerationEvent.Action.choices],
        reasons=sorted(reasons.sentences().items(), key=lambda pair: pair[1]),
        next_url=next_url,
        csv_url=search.url("comments:log-csv"),
        searched_to=searched_to,
    )


HEADINGS = (
    "id", "at", "action", "actor", "by", "thread", "comment", "revision", "from", "to", "reason", "note", "message",
    "batch", "undoes",
)  # fmt: skip


def csv_lines(search: Search) -> Iterator[str]:
    """The log as a table, oldest first, a line at a time: codes and ids, no names of readers and none of their words.

    The rows are read some at a time by their ids, so the table may be as long as it likes.
    """
    yield _line(HEADINGS)
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
