"""Calls of moderators: the queues, decisions in bulk, and taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core import signing
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from comments import bulk, listing, undoing
from comments.api import desk_shapes, rows
from comments.api.authentication import MayModerate
from comments.api.base import ApiView, describe, private, site_of
from comments.api.threads import FAULTS, PAGING, REFUSED, find_thread, read_size
from comments.bulk import Result
from comments.errors import Refusal, StaleDecision
from comments.models import Comment, Thread
from comments.querysets import CommentQuerySet
from comments.queues import LIMIT, Queue, bounded_count, read_queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_WRITES = {401: REFUSED, 403: REFUSED, 413: REFUSED, 415: REFUSED}
_SIGNER = signing.Signer(salt="comments.api.queue")


class QueueView(ApiView):
    """The queues of the desk."""

    permission_classes = (MayModerate,)

    @describe(
        operation_id="moderation_comments",
        parameters=[
            OpenApiParameter("queue", str, enum=Queue.values, default=Queue.PENDING.value),
            OpenApiParameter(
                "thread", str, description="Id or key of a thread. `tag` needs it: tags are a thread's own."
            ),
            *PAGING,
        ],
        responses={200: desk_shapes.QueuePage, 400: REFUSED, 401: REFUSED, 403: REFUSED, 404: REFUSED},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """A page of a queue. Pending and reported come oldest first, the others newest first."""
        query = request.query_params
        queue = read_queue(query.get("queue", ""))
        size = read_size(query.get("page_size"))
        slugs = query.getlist("tag")
        name = query.get("thread", "")
        thread = find_thread(name) if name else None
        found = Comment.objects.in_queue(queue)
        if thread is not None:
            found = found.filter(thread=thread)
        if slugs:
            found = found.matching(_masks(thread, slugs))
        page, after, before = _page(found.select_related("thread", "parent"), queue, query.get("cursor", ""), size)
        return private(
            Response(
                {
                    "next": _link(request, after),
                    "previous": _link(request, before),
                    "counts": _counts(thread),
                    "results": rows.queue_rows(page, request),
                }
            )
        )


class DecisionsView(ApiView):
    """Decisions."""

    permission_classes = (MayModerate,)

    @describe(
        operation_id="moderation_decisions",
        request=desk_shapes.NewDecisions,
        responses={200: desk_shapes.DecisionResults, 400: FAULTS, **_WRITES},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Decide on up to 100 comments, each by itself: the answer is 200, each result has a status code of its own.

        409 says that the comment is no longer as it was seen, and what stands there now; nothing was changed then. 403
        says that its author appeals against a decision of yours, and that another moderator has to decide.
        """
        done = bulk.decide_many(desk_shapes.read_decisions(request.data), by=_moderator(request))
        return private(
            Response({"batch": str(done.batch), "results": [_result_row(result) for result in done.results]})
        )


class UndoView(ApiView):
    """Undoing."""

    permission_classes = (MayModerate,)

    @describe(
        operation_id="moderation_undo",
        request=desk_shapes.NewUndo,
        responses={200: desk_shapes.UndoResults, 400: FAULTS, **_WRITES, 404: REFUSED},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Take back one decision (`event`), or all that were made at once (`batch`), each by itself: the answer is 200,
        each result has a status code of its own.

        409 says that the comment does not stand any more as that decision left it, and what stands there now; nothing
        was changed then. Undoing what is undone already is no error.
        """
        what = desk_shapes.read_undo(request.data)
        if isinstance(what, UUID):
            results = bulk.undo_batch(what, by=_moderator(request))
        else:
            results = [bulk.undo_one(undoing.find_event(what), by=_moderator(request))]
        return private(Response({"results": [{"undoes": one.undoes, **_result_row(one)} for one in results]}))


def _moderator(request: Request) -> User:
    """Who asks: `MayModerate` has let nobody else through."""
    return cast("User", request.user)


def _result_row(result: Result) -> dict[str, Any]:
    """What became of one decision."""
    row: dict[str, Any] = {"comment": result.comment_id, "status_code": result.status_code}
    if result.decision is not None:
        comment, event = result.decision.comment, result.event
        return row | {
            "changed": event is not None,
            "event": event.pk if event is not None else None,
            "status": comment.status,
            "revision": comment.revision,
        }
    if result.refusal is None:
        return row
    row |= {"code": result.refusal.code, "detail": str(result.refusal.detail)}
    if isinstance(result.refusal, StaleDecision):
        standing = result.refusal.standing
        row |= {
            "status": standing.status,
            "revision": standing.revision,
            "decided_by": standing.decided_by,
            "decided_at": rows.instant(standing.decided_at),
        }
    return row


def _masks(thread: Thread | None, slugs: list[str]) -> list[int]:
    if thread is None:
        raise Refusal("tag_without_thread", _("Name the thread whose tags you filter by: add “thread” to the address."))
    return listing.select(thread, slugs).masks


def _page(found: CommentQuerySet, queue: Queue, opaque: str, size: int) -> tuple[list[Comment], str | None, str | None]:
    """Return a page of a queue, and the cursors of the pages behind and before it."""
    at, is_backward = _read_cursor(opaque, queue) if opaque else (None, False)
    is_falling = queue.is_newest_first != is_backward
    if at is not None:
        found = found.filter(**{"pk__lt" if is_falling else "pk__gt": at})
    page = list(found.order_by("-pk" if is_falling else "pk")[: size + 1])
    has_more = len(page) > size
    page = page[:size]
    if is_backward:
        page.reverse()
    if not page:
        return [], None, None
    after = has_more or is_backward
    before = has_more if is_backward else at is not None
    return (
        page,
        _cursor(queue, page[-1].pk, is_backward=False) if after else None,
        _cursor(queue, page[0].pk, is_backward=True) if before else None,
    )


def _cursor(queue: Queue, pk: int, *, is_backward: bool) -> str:
    return _SIGNER.sign(f"{queue.value}.{pk}.{int(is_backward)}")


def _read_cursor(opaque: str, queue: Queue) -> tuple[int, bool]:
    try:
        made_for, pk, is_backward = _SIGNER.unsign(opaque).split(".")
    except signing.BadSignature:
        made_for = pk = is_backward = ""
    if made_for != queue:
        raise Refusal("bad_cursor", _("This link to a page of the queue is damaged. Start again from the first page."))
    return int(pk), is_backward == "1"


def _link(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = cursor
    return f"{site_of(request)}{request.path}?{query.urlencode()}"


def _counts(thread: Thread | None) -> dict[str, dict[str, Any]]:
    """How many comments each queue holds, as far as `comments.queues` counts."""
    counts = {}
    for queue in Queue:
        found = Comment.objects.in_queue(queue)
        if thread is not None:
            found = found.filter(thread=thread)
        count = bounded_count(found)
        counts[queue.value] = {"count": min(count, LIMIT), "more": count > LIMIT}
    return counts
