"""How the desk keeps up, as frozen dataclasses: what waits, how long decisions take, who takes them, and how many the
machine takes.

The desk's page calls it, and a program may. Everything is bounded: counts of decisions come from the log's index over
time, and what needs each row (times, shares) looks at the latest `SAMPLE` of them, and says so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.translation import gettext_lazy

from comments import reasons
from comments.models import Comment, ModerationEvent, Sample, Status
from comments.queues import LIMIT

SAMPLE = 5_000
"""Decisions of which each is looked at for its time, and comments for who decided on them: the latest so many."""

_PEOPLE = 50


class Period(models.TextChoices):
    """How far back the page looks, as it stands in a URL."""

    DAY = "day", gettext_lazy("24 hours")
    WEEK = "week", gettext_lazy("7 days")
    MONTH = "month", gettext_lazy("30 days")

    @property
    def hours(self) -> int:
        return {"day": 24, "week": 168}.get(self.value, 720)

    @property
    def step(self) -> int:
        """Hours that one column of a plot stands for."""
        return 1 if self is Period.DAY else 24


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the plots over time.

    Args:
        decisions: taken by people within it.
        median, slow: seconds from waiting to the decision: half took at most the first, 95 in 100 at most the second;
            None where there was no decision.
    """

    start: datetime
    decisions: int
    median: float | None
    slow: float | None


@dataclass(frozen=True, slots=True)
class PersonFigure:
    """What one person decided. `hours` are clock hours with a decision of theirs."""

    name: str
    decisions: int
    hours: int

    @property
    def per_hour(self) -> float:
        return self.decisions / self.hours


@dataclass(frozen=True, slots=True)
class ReasonFigure:
    """Rejections for one reason; `share` is their part of all decisions, 0 to 1."""

    code: str
    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """0 to 1; None where there was nothing to count."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Workload:
    """How the desk kept up.

    Args:
        waiting: comments that wait now, counted up to `LIMIT + 1`.
        oldest_at: since when the oldest of them waits.
        decisions: of people within the period; `undone` of them were taken back.
        timed: how many of them the times rest on.
        by_machine: comments of the period on which nobody but a machine has decided, of those that are decided.
        agreement: settled comments of the standing sample on which the person agreed.
    """

    period: Period
    waiting: int
    reported: int
    oldest_at: datetime | None
    decisions: int
    undone: int
    median: float | None
    slow: float | None
    timed: int
    columns: tuple[Column, ...]
    people: tuple[PersonFigure, ...]
    reasons: tuple[ReasonFigure, ...]
    by_machine: Share
    agreement: Share


def measure(period: Period, *, now: datetime | None = None) -> Workload:
    """Measure a period that ends now, in a number of queries that does not depend on what was decided.

    Args:
        now: the end of the period; for tests.
    """
    now = now or timezone.now()
    since = now - timedelta(hours=period.hours)
    decided = ModerationEvent.objects.filter(
        action=ModerationEvent.Action.STATUS, actor=ModerationEvent.Actor.MODERATOR, at__gt=since, at__lte=now
    ).order_by()
    by_hour = list(
        decided.annotate(hour=TruncHour("at")).values_list("hour", "by").annotate(count=Count("pk")).order_by("hour")
    )
    total = sum(count for _, _, count in by_hour)
    times = _times(decided)
    seconds = sorted(duration for _, duration in times)
    oldest = Comment.objects.pending().order_by("pk").values_list("created_at", flat=True).first()
    return Workload(
        period=period,
        waiting=_bounded(Comment.objects.pending()),
        reported=_bounded(Comment.objects.in_queue("reported")),
        oldest_at=oldest,
        decisions=total,
        undone=ModerationEvent.objects.filter(action=ModerationEvent.Action.UNDO, at__gt=since, at__lte=now).count(),
        median=quantile(seconds, 0.5),
        slow=quantile(seconds, 0.95),
        timed=len(seconds),
        columns=_columns(period, now, by_hour, times),
        people=_people(by_hour),
        reasons=_reasons(decided, total),
        by_machine=_by_machine(since),
        agreement=_agreement(since),
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of them do not exceed (nearest rank); None where there is none.

    Args:
        ordered: rising.
        share: 0 to 1.
    """
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _bounded(rows: QuerySet[Comment]) -> int:
    return rows.order_by().values("pk")[: LIMIT + 1].count()


def _times(decided: QuerySet[ModerationEvent]) -> list[tuple[datetime, float]]:
    """When each of the latest decisions on a waiting comment was taken, and how many seconds it had waited by then."""
    latest = list(
        decided.filter(from_status=Status.PENDING)
        .order_by("-pk")
        .values_list("pk", "comment_id", "at", "comment__created_at")[:SAMPLE]
    )
    if not latest:
        return []
    # Most wait from the moment they were posted; those that came back (an edit, an appeal, an undo) from then on.
    returned: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    back = ModerationEvent.objects.filter(to_status=Status.PENDING, comment__in={row[1] for row in latest})
    for pk, comment_id, at in back.order_by("pk").values_list("pk", "comment_id", "at"):
        if comment_id is not None:
            returned[comment_id].append((pk, at))
    found = []
    for pk, comment_id, at, created_at in latest:
        since = max((when for number, when in returned.get(comment_id or 0, []) if number < pk), default=created_at)
        found.append((at, max(0.0, (at - since).total_seconds())))
    return found


def _columns(
    period: Period,
    now: datetime,
    by_hour: Iterable[tuple[datetime, int | None, int]],
    times: Iterable[tuple[datetime, float]],
) -> tuple[Column, ...]:
    """The period in equal parts that end at the full hour after now."""
    step = timedelta(hours=period.step)
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    count = period.hours // period.step
    start = end - count * step
    decisions = [0] * count
    durations: list[list[float]] = [[] for _ in range(count)]
    for hour, _by, number in by_hour:
        place = int((hour - start) / step)
        # The first hour of the period may begin before the first column does.
        decisions[min(max(place, 0), count - 1)] += number
    for at, seconds in times:
        durations[min(max(int((at - start) / step), 0), count - 1)].append(seconds)
    return tuple(
        Column(
            start + place * step,
            decisions[place],
            quantile(sorted(durations[place]), 0.5),
            quantile(sorted(durations[place]), 0.95),
        )
        for place in range(count)
    )


def _people(by_hour: Iterable[tuple[datetime, int | None, int]]) -> tuple[PersonFigure, ...]:
    counts: dict[int | None, list[int]] = defaultdict(list)
    for _hour, by, count in by_hour:
        counts[by].append(count)
    most = sorted(counts, key=lambda by: (-sum(counts[by]), by or 0))[:_PEOPLE]
    users = get_user_model()._default_manager.in_bulk([by for by in most if by is not None])
    return tuple(
        PersonFigure(users[by].get_username() if by in users else "", sum(counts[by]), len(counts[by])) for by in most
    )


def _reasons(decided: QuerySet[ModerationEvent], total: int) -> tuple[ReasonFigure, ...]:
    counts = dict(
        decided.filter(to_status=Status.REJECTED, undone_by__isnull=True)
        .values_list("reason")
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    sentences = reasons.sentences()
    return tuple(
        ReasonFigure(code, reasons.worded(code, sentences), count, count / total) for code, count in counts.items()
    )


def _by_machine(since: datetime) -> Share:
    """Who decided on the latest comments: a machine alone where no decision of a person stands in the log."""
    touched = ModerationEvent.objects.filter(
        comment=OuterRef("pk"),
        action=ModerationEvent.Action.STATUS,
        actor=ModerationEvent.Actor.MODERATOR,
    )
    latest = (
        Comment.objects.filter(user__isnull=True)
        .order_by("-pk")
        .annotate(is_touched=Exists(touched))
        .values_list("created_at", "status", "is_touched")[:SAMPLE]
    )
    machine = decided = 0
    for created_at, status, is_touched in latest:
        if created_at <= since or status in {Status.PENDING, Status.WITHDRAWN}:
            continue
        decided += 1
        machine += not is_touched
    return Share(machine, decided)


def _agreement(since: datetime) -> Share:
    settled = Sample.objects.filter(settled_at__gt=since).aggregate(
        agreed=Count("pk", filter=models.Q(is_agreed=True)), all=Count("pk"), first=Min("settled_at")
    )
    return Share(settled["agreed"], settled["all"])
