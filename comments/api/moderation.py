"""Calls of moderators: the queues, and decisions in bulk."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from comments import listing, moderation
from comments.api import rows, shapes
from comments.api.authentication import MayModerate
from comments.api.base import ApiView, describe, private, site_of
from comments.api.threads import FAULTS, PAGING, REFUSED, find_thread, read_size
from comments.errors import Refusal, StaleDecision
from comments.models import Comment, Thread
from comments.querysets import CommentQuerySet
from comments.queues import LIMIT, Queue, bounded_count, read_queue

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
        responses={200: shapes.QueuePage, 400: REFUSED, 401: REFUSED, 403: REFUSED, 404: REFUSED},
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
        request=shapes.NewDecisions,
        responses={
            200: shapes.DecisionResults,
            400: FAULTS,
            401: REFUSED,
            403: REFUSED,
            413: REFUSED,
            415: REFUSED,
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Decide on up to 100 comments, each by itself: the answer is 200, each result has a status code of its own.

        409 says that the comment is no longer as it was seen, and what stands there now; nothing was changed then.
        """
        decisions = shapes.read_decisions(request.data)
        return private(Response({"results": [_decide(decision, by=request.user) for decision in decisions]}))


def _decide(decision: dict[str, Any], *, by: Any) -> dict[str, Any]:
    """Carry out one decision and say what became of it."""
    result: dict[str, Any] = {"comment": decision["comment"]}
    try:
        decided = moderation.decide(
            moderation.find_for_decision(decision["comment"]),
            to=decision["to"],
            by=by,
            seen=moderation.Seen(decision["seen_status"], decision["seen_revision"]),
            reason=decision["reason"],
            note=decision["note"],
        )
    except StaleDecision as stale:
        standing = stale.standing
        return result | {
            "status_code": 409,
            "code": stale.code,
            "detail": str(stale.detail),
            "status": standing.status,
            "revision": standing.revision,
            "decided_by": standing.decided_by,
            "decided_at": rows.instant(standing.decided_at),
        }
    except Refusal as refusal:
        return result | {"status_code": refusal.status, "code": refusal.code, "detail": str(refusal.detail)}
    return result | {
        "status_code": 200,
        "changed": decided.event is not None,
        "status": decided.comment.status,
        "revision": decided.comment.revision,
    }


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
