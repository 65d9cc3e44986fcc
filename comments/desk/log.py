"""The desk's log as data: which changes of status, in which order. The desk's views call it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.urls import reverse

from comments.desk.queue import read_number
from comments.models import ModerationEvent
from comments.texts import clean_name

PAGE_SIZE = 50
_MODERATORS = 50


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first.

    Args:
        by: account name of the moderator that it is narrowed to.
        comment: id of the comment that it is narrowed to; empty for all.
        moderators: account names to choose from.
    """

    events: list[ModerationEvent]
    by: str
    comment: str
    moderators: tuple[str, ...]
    next_url: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.by or self.comment)


def read_log(params: QueryDict) -> Log:
    """Read a page of the log in two queries.

    Raises:
        Refusal: a place or a comment is no number (400).
    """
    by = clean_name(params.get("by", ""))
    comment, before = read_number(params.get("comment", "").strip()), read_number(params.get("before", ""))
    rows = ModerationEvent.objects.select_related("by", "comment").defer(
        "comment__markup", "comment__html", "comment__screening"
    )
    users = get_user_model()
    if by:
        rows = rows.filter(**{f"by__{users.USERNAME_FIELD}": by})
    if comment is not None:
        rows = rows.filter(comment_id=comment)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    has_more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    names = (
        users._default_manager.filter(groups__name="Moderators")
        .order_by(users.USERNAME_FIELD)
        .values_list(users.USERNAME_FIELD, flat=True)[:_MODERATORS]
    )
    pairs = {"by": by, "comment": "" if comment is None else str(comment)}
    query = {name: value for name, value in pairs.items() if value}
    more = {**query, "before": str(found[-1].pk)} if found and has_more else {}
    return Log(
        events=found,
        by=by,
        comment=pairs["comment"],
        moderators=tuple(names),
        next_url=f"{reverse('comments:log')}?{urlencode(more)}" if more else "",
    )
