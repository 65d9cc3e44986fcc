"""Rows of the API as plain dicts, in the shapes that `comments.api.shapes` declares.

Written by hand, because fifty comments through declared serializers cost more than fetching them. What a page of rows
shares is looked up once, so the number of queries does not depend on the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from rest_framework.request import Request

from comments import facets
from comments.api.base import address_of
from comments.models import Comment, ModerationEvent, Report, Status, Tag, TagAssignment, Thread
from comments.sanitize import plain_text

Row = dict[str, Any]

_PERSON = TagAssignment.Source.PERSON.value
_MACHINE = TagAssignment.Source.MACHINE.value

MAX_REPORTS = 20
MAX_EVENTS = 5


COLUMNS = (
    "pk",
    "thread_id",
    "parent_id",
    "user_id",
    "author_name",
    "author_website",
    "html",
    "created_at",
    "edited_at",
    "status",
    "revision",
    "recommendation_count",
    "reply_count",
    "depth",
    "tag_mask",
    "is_confirmed",
)
"""What `comment_rows` reads of a comment."""


def comment_rows(comments: Sequence[Comment], tags: Iterable[Tag], request: Request) -> list[Row]:
    """Rows of comments; at most one query.

    Args:
        comments: model instances, or rows with the names in `COLUMNS`.
        tags: all tags of the comments' threads, in order.
    """
    base = address_of(request, "comments:comment", 0).removesuffix("0/")
    by_thread: dict[int, list[Tag]] = {}
    for tag in tags:
        by_thread.setdefault(tag.thread_id, []).append(tag)
    said = _said_of([comment.pk for comment in comments if comment.tag_mask])
    rows = []
    for comment in comments:
        text = plain_text(comment.html)
        rows.append(
            {
                "id": comment.pk,
                "thread": comment.thread_id,
                "parent": comment.parent_id,
                "author": {
                    "name": comment.author_name,
                    "website": comment.author_website,
                    "confirmed": comment.is_confirmed,
                    "staff": comment.user_id is not None,
                },
                "html": comment.html,
                "text": text,
                "created_at": instant(comment.created_at),
                "edited_at": instant(comment.edited_at),
                "status": comment.status,
                "revision": comment.revision,
                "recommendations": comment.recommendation_count,
                "reply_count": comment.reply_count,
                "depth": comment.depth,
                "url": f"{base}{comment.pk}/",
                "tags": _tag_rows(comment, by_thread.get(comment.thread_id, ()), said.get(comment.pk, {}), text)
                if comment.tag_mask
                else [],
            }
        )
    return rows


def own_row(comment: Comment, request: Request) -> Row:
    """A comment as its author may see it: what the screens took for spam looks like what waits.

    Whoever sends spam must not learn from the answer what passes.
    """
    row = one_row(comment, request)
    if comment.status == Status.SPAM:
        row["status"] = Status.PENDING.value
    return row


def one_row(comment: Comment, request: Request) -> Row:
    """A single comment."""
    return comment_rows([comment], tags_of(comment), request)[0]


def tags_of(comment: Comment) -> list[Tag]:
    """The tags that could apply to a comment; no query where none does."""
    return list(Tag.objects.filter(thread=comment.thread_id)) if comment.tag_mask else []


def thread_row(thread: Thread, request: Request) -> Row:
    """A thread with its tags; two queries."""
    counts = dict(thread.facet_counts.filter(count__gt=0).values_list("tag_mask", "count"))
    return {
        "id": thread.pk,
        "key": thread.key,
        "title": thread.title,
        "url": request.build_absolute_uri(thread.get_absolute_url()),
        "open": thread.is_open,
        "comment_count": thread.comment_count,
        "pinned": thread.pinned_id,
        "tags": [
            {
                "slug": tag.slug,
                "name": tag.label,
                "description": tag.description,
                "kind": tag.kind,
                "count": facets.count_matching(counts, [tag.mask]),
            }
            for tag in thread.tags.all()
        ],
    }


def queue_rows(comments: Sequence[Comment], request: Request) -> list[Row]:
    """Rows of comments as a moderator sees them; four queries.

    Args:
        comments: with `thread` and `parent` joined.
    """
    tags = Tag.objects.filter(thread__in={comment.thread_id for comment in comments})
    keys = [comment.pk for comment in comments]
    reports = _reports_of(keys)
    events = _events_of(keys)
    rows = comment_rows(comments, tags, request)
    for row, comment in zip(rows, comments, strict=True):
        row["thread_title"] = str(comment.thread)
        row["body"] = comment.body
        row["reason"] = comment.reason
        row["screening"] = [
            {"code": said.get("code", ""), "detail": said.get("detail", "")} for said in comment.screening
        ]
        row["report_count"] = comment.report_count
        row["reports"] = reports.get(comment.pk, [])
        row["parent_comment"] = _parent_row(comment.parent) if comment.parent else None
        row["events"] = events.get(comment.pk, [])
    return rows


def report_row(report: Report) -> Row:
    """A complaint, without who made it."""
    return {"reason": report.reason, "note": report.note, "created_at": instant(report.created_at)}


def instant(moment: datetime | None) -> str | None:
    """A time as RFC 3339 writes it in UTC."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        # A host with USE_TZ off.
        moment = timezone.make_aware(moment)
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


_Said = dict[int, dict[str, tuple[float | None, Any]]]


def _said_of(comment_ids: list[int]) -> dict[int, _Said]:
    """What was said of the tags of these comments: comment -> tag -> source -> confidence and evidence."""
    said: dict[int, _Said] = {}
    if comment_ids:
        rows = TagAssignment.objects.filter(comment__in=comment_ids).values_list(
            "comment_id", "tag_id", "source", "confidence", "evidence"
        )
        for comment_id, tag_id, source, confidence, evidence in rows:
            said.setdefault(comment_id, {}).setdefault(tag_id, {})[source] = (confidence, evidence)
    return said


def _tag_rows(comment: Comment, tags: Iterable[Tag], said: Mapping[int, Any], text: str) -> list[Row]:
    """The tags that apply, by the word that counts; the machine's reasons stay where a person agreed with it."""
    rows = []
    for tag in tags:
        by_source = said.get(tag.pk)
        if by_source is None or not comment.tag_mask & tag.mask:
            continue
        confidence, evidence = by_source.get(_MACHINE, (None, []))
        rows.append(
            {
                "slug": tag.slug,
                "name": tag.label,
                "kind": tag.kind,
                "source": _PERSON if _PERSON in by_source else _MACHINE,
                "confidence": confidence,
                "evidence": [
                    {"start": start, "end": end, "text": text[start:end]}
                    for start, end in evidence
                    if 0 <= start < end <= len(text)
                ],
            }
        )
    return rows


def _parent_row(parent: Comment) -> Row:
    return {"id": parent.pk, "name": parent.author_name, "text": parent.text, "status": parent.status}


def _reports_of(comment_ids: list[int]) -> dict[int, list[Row]]:
    """Open complaints, newest first; some of them where a campaign sent thousands."""
    place = Window(RowNumber(), partition_by=F("comment_id"), order_by=F("id").desc())
    found: dict[int, list[Row]] = {}
    rows = Report.objects.filter(comment__in=comment_ids, resolved_at__isnull=True).annotate(place=place)
    for report in rows.filter(place__lte=MAX_REPORTS).order_by("comment_id", "-id"):
        found.setdefault(report.comment_id, []).append(report_row(report))
    return found


def _events_of(comment_ids: list[int]) -> dict[int, list[Row]]:
    place = Window(RowNumber(), partition_by=F("comment_id"), order_by=F("id").desc())
    found: dict[int, list[Row]] = {}
    rows = ModerationEvent.objects.filter(comment__in=comment_ids).select_related("by").annotate(place=place)
    for event in rows.filter(place__lte=MAX_EVENTS).order_by("comment_id", "-id"):
        found.setdefault(event.comment_id or 0, []).append(
            {
                "id": event.pk,
                "action": event.action,
                "from_status": event.from_status,
                "to_status": event.to_status,
                "actor": event.actor,
                "by": event.by.get_username() if event.by else None,
                "reason": event.reason,
                "note": event.note,
                "message": event.message,
                "invited": event.is_invitation,
                "undoes": event.undoes_id,
                "revision": event.revision,
                "at": instant(event.at),
            }
        )
    return found
