"""The queues of moderators: their names, their orders, and how long each is, as far as anybody wants to know.

A queue is a view over statuses, reports and the standing sample, not a status. The desk and the API share this; which
rows a queue holds is `CommentQuerySet.in_queue`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db import connections, models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from comments.errors import Refusal
from comments.models import Comment
from comments.querysets import CommentQuerySet

LIMIT = 1000
"""Counting stops here: a queue may be as long as the table, and nobody works differently for more."""


class Queue(models.TextChoices):
    """The queues, as they stand in a URL."""

    PENDING = "pending", gettext_lazy("Pending")
    REPORTED = "reported", gettext_lazy("Reported")
    SPAM = "spam", gettext_lazy("Spam")
    REJECTED = "rejected", gettext_lazy("Rejected")
    SAMPLE = "sample", pgettext_lazy("queue", "Sample")
    ALL = "all", gettext_lazy("All")

    @property
    def is_newest_first(self) -> bool:
        """Who waits longest comes first; what was decided is looked up from its end."""
        return self not in {Queue.PENDING, Queue.REPORTED, Queue.SAMPLE}

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders that an index serves in this queue, its own first."""
        first = Order.NEWEST if self.is_newest_first else Order.OLDEST
        other = Order.OLDEST if self.is_newest_first else Order.NEWEST
        if self is Queue.ALL:
            # No index holds the scores of what is published, and nobody works through those.
            return first, other, Order.REPORTS
        return first, other, Order.REPORTS, Order.RISK


class Order(models.TextChoices):
    """The orders of a queue, as they stand in a URL."""

    OLDEST = "oldest", pgettext_lazy("order of a queue", "Oldest first")
    NEWEST = "newest", pgettext_lazy("order of a queue", "Newest first")
    REPORTS = "reports", gettext_lazy("Most reports first")
    RISK = "risk", gettext_lazy("Highest risk first")

    @property
    def column(self) -> str:
        """What it sorts by before the id; empty where it sorts by nothing else."""
        return {"reports": "report_count", "risk": "risk"}.get(self.value, "")

    @property
    def is_falling(self) -> bool:
        return self is not Order.OLDEST


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two comments of an order.

    Args:
        pk: id of the comment at which it lies.
        value: what the order sorts by there; None among those that have nothing of it, which come last.
    """

    pk: int
    value: int | None = None

    @classmethod
    def at(cls, order: Order, row: Mapping[str, Any]) -> Place:
        """The place at a row of this order."""
        return cls(row["pk"], (row[order.column] or None) if order.column else None)


def strips(
    rows: CommentQuerySet, order: Order, place: Place | None = None, *, is_backward: bool = False
) -> Iterator[CommentQuerySet]:
    """What lies behind a place (before it, going backward), as sets of rows to be read one after another.

    Each is one range of an index. One condition on the pair of columns would do on PostgreSQL; SQLite then walks all
    rows that tie, and most comments tie at no report.
    """
    is_falling = order.is_falling != is_backward
    sign, beyond = ("-", "lt") if is_falling else ("", "gt")
    column = order.column
    if not column:
        yield (rows.filter(**{f"pk__{beyond}": place.pk}) if place else rows).order_by(f"{sign}pk")
        return
    has_it = Q(report_count__gt=0) if order is Order.REPORTS else Q(risk__gt=0)
    has_not = Q(report_count=0) if order is Order.REPORTS else Q(risk__isnull=True) | Q(risk=0)
    first = rows.filter(has_it).order_by(f"{sign}{column}", f"{sign}pk")
    last = rows.filter(has_not).order_by(f"{sign}pk")
    if place is None:
        yield from (last, first) if is_backward else (first, last)
    elif place.value is None:
        yield last.filter(**{f"pk__{beyond}": place.pk})
        if is_backward:
            yield first
    else:
        yield first.filter(**{column: place.value, f"pk__{beyond}": place.pk})
        yield first.filter(**{f"{column}__{beyond}": place.value})
        if not is_backward:
            yield last


def read_queue(value: str) -> Queue:
    """Return the queue that a URL asks for; empty means pending.

    Raises:
        Refusal: there is no such queue (400).
    """
    try:
        return Queue(value or Queue.PENDING)
    except ValueError:
        raise Refusal(
            "unknown_queue",
            _("There is no such queue. Choose one of: %(queues)s.") % {"queues": ", ".join(Queue.values)},
        ) from None


def read_order(value: str, queue: Queue) -> Order:
    """Return the order that a URL asks for; empty means the queue's own.

    Raises:
        Refusal: there is no such order in this queue (400).
    """
    if not value:
        return queue.orders[0]
    if value not in queue.orders:
        raise Refusal(
            "unknown_order",
            _("This queue has no such order. Choose one of: %(orders)s.") % {"orders": ", ".join(queue.orders)},
        )
    return Order(value)


def bounded_count(rows: CommentQuerySet) -> int:
    """How many rows there are, or LIMIT + 1 where there are more than LIMIT."""
    return rows.order_by().values("pk")[: LIMIT + 1].count()


def bounded_counts(sets: Iterable[CommentQuerySet]) -> list[int]:
    """The bounded count of each of these sets, in one query."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in sets:
        sql, values = rows.order_by().values("pk")[: LIMIT + 1].query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS bounded)")  # noqa: S608  Django's own SQL, values apart
        params += values
    with connections[Comment.objects.db].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return [int(count) for count in cast("tuple[int, ...]", cursor.fetchone())]


def counts() -> dict[Queue, int]:
    """How long each queue of the site is, bounded; one query."""
    found = bounded_counts(Comment.objects.in_queue(queue.value) for queue in Queue)
    return dict(zip(Queue, found, strict=True))
