"""Calls on a thread: what it is, the list of its comments, and posting to it."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer
from rest_framework.request import Request
from rest_framework.response import Response

from comments import __version__, clients, conf, drafts, listing, posting
from comments.api import rows, shapes
from comments.api.base import ApiView, JsonRenderer, address_of, describe, is_known, not_found, private, public, site_of
from comments.errors import Refusal
from comments.models import AccessToken, Thread
from comments.prepared import Select

DEFAULT_SIZE = 50
MAX_SIZE = 100
_MAX_KEY = 200

THREAD = OpenApiParameter(
    "name",
    str,
    OpenApiParameter.PATH,
    description="Integer id of the thread, or its key, percent-encoded. A key of digits alone, or one that ends in "
    "`/comments` or `/summary`, can only be named by its id.",
)
PAGING = [
    OpenApiParameter("tag", str, many=True, description="Slug; any of one kind, all across kinds."),
    OpenApiParameter("cursor", str, description="As it stands in `next` and `previous`."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}),
]
REFUSED = shapes.Refused
FAULTS = PolymorphicProxySerializer("FaultsOrRefused", [shapes.Faults, shapes.Refused], resource_type_field_name=None)


class ThreadView(ApiView):
    """A thread."""

    reads_are_public = True

    @describe(
        operation_id="thread",
        parameters=[THREAD],
        responses={200: shapes.Thread, 304: OpenApiResponse(description="Not modified."), 404: REFUSED},
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """The thread and its tags, each with the number of public comments that carry it."""
        body = JsonRenderer().render(rows.thread_row(find_thread(name), request))
        # Title, address and the hour of closing change without a new version: the body itself names its version.
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        if is_known(request, etag):
            return public(HttpResponseNotModified(), etag)
        return public(HttpResponse(body, content_type=JsonRenderer.media_type), etag)


class CommentsView(ApiView):
    """The comments of a thread."""

    reads_are_public = True

    @describe(
        operation_id="thread_comments",
        parameters=[
            THREAD,
            *PAGING,
            OpenApiParameter("sort", str, enum=listing.Sort.values, default=listing.Sort.NEWEST.value),
        ],
        responses={
            200: shapes.CommentPage,
            304: OpenApiResponse(description="Not modified: `If-None-Match` names the version that stands."),
            400: REFUSED,
            404: REFUSED,
        },
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """Public comments, replies among them, in one flat list. The answer is the same for everybody."""
        query = request.query_params
        sort = listing.read_sort(query.get("sort", ""))
        opaque = query.get("cursor", "")
        cursor = listing.Cursor.decode(opaque, sort) if opaque else None
        size = read_size(query.get("page_size"))
        slugs = sorted(set(query.getlist("tag")))
        thread = find_thread(name)
        site = site_of(request)
        key = repr((__version__, thread.pk, thread.version, sort.value, opaque, size, slugs, site, get_language()))
        digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:24]
        etag = f'W/"{thread.version}-{digest}"'
        if is_known(request, etag):
            return public(HttpResponseNotModified(), etag)
        # Packed: JSON shrinks to a tenth, and an in-memory cache holds a fixed number of entries of whatever size.
        cache_key = f"comments.api.list.{digest}"
        packed = cache.get(cache_key)
        if packed is not None:
            body = zlib.decompress(packed)
        else:
            # The version was read before the rows, so what is kept under it is never older than it.
            if slugs:
                selection = listing.select(thread, slugs)
            else:
                selection = listing.Selection(tuple(thread.tags.all()), {}, frozenset())
            page = listing.flat(thread, sort=sort, cursor=cursor, size=size, selection=selection, columns=rows.COLUMNS)
            link = _Link(thread, slugs, sort, size, site)
            body = JsonRenderer().render(
                {
                    "next": link.to(page.next),
                    "previous": link.to(page.previous),
                    "results": rows.comment_rows(page.rows, selection.tags, request),
                }
            )
            cache.set(cache_key, zlib.compress(body, 1), conf.CACHE_SECONDS)
        return public(HttpResponse(body, content_type=JsonRenderer.media_type), etag)

    @describe(
        operation_id="post_comment",
        parameters=[
            THREAD,
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": _MAX_KEY},
                OpenApiParameter.HEADER,
                description="Names the attempt, best by a UUID: sent again with the same body from the same client, it "
                "answers 200 with the comment that was stored the first time; with another body, 422.",
            ),
        ],
        request=shapes.NewComment,
        responses={
            201: shapes.Comment,
            200: OpenApiResponse(shapes.Comment, "The same attempt had stored it before."),
            400: FAULTS,
            401: REFUSED,
            403: REFUSED,
            404: REFUSED,
            413: REFUSED,
            415: REFUSED,
            422: OpenApiResponse(REFUSED, "The Idempotency-Key stands for another comment, or a screen refuses it."),
            429: OpenApiResponse(REFUSED, "Too many comments; `Retry-After` says when to try again."),
        },
    )
    @method_decorator(sensitive_variables())
    def post(self, request: Request, name: str) -> HttpResponseBase:
        """Post a comment. It is public at once (`approved`) or waits for a moderator (`pending`)."""
        key = read_key(request)
        http = request._request
        user = clients.staff_user(http)
        fields = shapes.read(shapes.NewComment, request.data)
        if user is not None and not fields["name"]:
            fields["name"] = clients.staff_name(user)
        digest = clients.client_digest(http)
        reader = clients.reader_of(http)
        origin = posting.Origin(reader=reader, user=user, client_digest=digest, key=_scoped(key, digest, reader, user))
        posted = posting.post(find_thread(name), drafts.Draft(**fields), origin)
        row = rows.own_row(posted.comment, request)
        location = address_of(request, "comments:api-comment", posted.comment.pk)
        response = Response(row, status=201 if posted.is_new else 200, headers={"Location": location})
        if not isinstance(request.auth, AccessToken):
            clients.remember(response, http, posted.cookie)
        return private(response)


def find_thread(name: str) -> Thread:
    """Return the thread of this id or key; one query.

    Raises:
        Refusal: there is none (404).
    """
    # PostgreSQL raises on NUL; no key holds one.
    if name.isascii() and name.isdigit() and len(name) < 19:
        found = _BY_ID.first(id=int(name))
    else:
        found = Thread.objects.named(name).first() if "\0" not in name else None
    if found is None:
        raise not_found(_("There is no discussion of this name."))
    return found


_BY_ID = Select(Thread, lambda rows, given: rows.filter(pk=given("id")))


def read_size(value: str | None) -> int:
    """Return the length of a page that a query asks for.

    Raises:
        Refusal: it is no number from 1 to 100 (400).
    """
    if value is None:
        return DEFAULT_SIZE
    size = int(value) if value.isascii() and value.isdigit() and len(value) < 4 else 0
    if not 1 <= size <= MAX_SIZE:
        raise Refusal("bad_page_size", _("Give a page_size from 1 to %(limit)d.") % {"limit": MAX_SIZE})
    return size


def read_key(request: Request) -> str:
    """Return the Idempotency-Key; empty where none was sent.

    Raises:
        Refusal: it is empty or too long (400).
    """
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return ""
    if not 1 <= len(key.strip()) <= _MAX_KEY:
        raise Refusal(
            "bad_idempotency_key", _("Give an Idempotency-Key of 1 to %(limit)d characters.") % {"limit": _MAX_KEY}
        )
    return key.strip()


def _scoped(key: str, client_digest: str, reader: Any, user: Any) -> str:
    """A key is the client's own: two clients that both count from 1 do not meet.

    The network address comes before the cookie: a client whose first answer got lost repeats the request without the
    cookie that it would have received.
    """
    if not key:
        return ""
    if user is not None:
        scope = f"user {user.pk}"
    elif client_digest:
        scope = f"client {client_digest}"
    else:
        scope = f"reader {reader.pk}" if reader else ""
    return f"api {scope}: {key}"


class _Link:
    """Addresses of the pages beside a page. They name the thread by id, which survives any proxy."""

    def __init__(self, thread: Thread, slugs: list[str], sort: listing.Sort, size: int, site: str) -> None:
        self._base = site + reverse("comments:api-comments", args=[str(thread.pk)])
        self._query = [("tag", slug) for slug in slugs]
        if sort is not listing.Sort.NEWEST:
            self._query.append(("sort", sort.value))
        if size != DEFAULT_SIZE:
            self._query.append(("page_size", str(size)))

    def to(self, cursor: listing.Cursor | None) -> str | None:
        """The address of the page at a cursor; None where there is no such page."""
        if cursor is None:
            return None
        return f"{self._base}?{urlencode([*self._query, ('cursor', cursor.encode())])}"
