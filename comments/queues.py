"""The queues of moderators: their names, their order, and how long each is, as far as anybody wants to know.

A queue is a view over statuses and reports, not a status. The desk and the API share this; which rows a queue holds is
`CommentQuerySet.in_queue`.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.errors import Refusal
from comments.querysets import CommentQuerySet

LIMIT = 1000
"""Counting stops here: a queue may be as long as the table, and nobody works differently for more."""


class Queue(models.TextChoices):
    """The queues, as they stand in a URL."""

    PENDING = "pending", gettext_lazy("Pending")
    REPORTED = "reported", gettext_lazy("Reported")
    SPAM = "spam", gettext_lazy("Spam")
    REJECTED = "rejected", gettext_lazy("Rejected")
    ALL = "all", gettext_lazy("All")

    @property
    def is_newest_first(self) -> bool:
        """Who waits longest comes first; what was decided is looked up from its end."""
        return self not in {Queue.PENDING, Queue.REPORTED}


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


def bounded_count(rows: CommentQuerySet) -> int:
    """How many rows there are, or LIMIT + 1 where there are more than LIMIT."""
    return rows.order_by().values("pk")[: LIMIT + 1].count()
