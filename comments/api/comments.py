"""Calls on one comment: read, edit, withdraw, report, recommend, say whether a tag applies."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.db import transaction
from django.http import HttpResponseBase, HttpResponseNotModified
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from comments import __version__, clients, moderation, posting, recommending, reporting, tagging
from comments.api import rows, shapes
from comments.api.authentication import MayCorrect
from comments.api.base import SAFE_METHODS, ApiView, describe, is_known, not_found, private, public, site_of
from comments.api.threads import FAULTS, REFUSED
from comments.errors import InvalidFields
from comments.models import Comment, Reader, Tag

COMMENT = OpenApiParameter("id", OpenApiTypes.INT, OpenApiParameter.PATH, description="Id of the comment.")
_WRITES = {400: FAULTS, 401: REFUSED, 403: REFUSED, 404: REFUSED, 413: REFUSED, 415: REFUSED}
_BODILESS = {401: REFUSED, 403: REFUSED, 404: REFUSED}


class CommentView(ApiView):
    """A comment."""

    def perform_authentication(self, request: Request) -> None:
        """Reading a public comment asks nobody who they are, so that caches may keep the answer."""
        if request.method not in SAFE_METHODS:
            super().perform_authentication(request)

    @describe(
        operation_id="comment",
        parameters=[COMMENT],
        responses={
            200: shapes.Comment,
            304: OpenApiResponse(description="Not modified."),
            401: REFUSED,
            404: REFUSED,
        },
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        """A public comment for everybody; any other for the browser that posted it, and for moderators."""
        found = _find(id)
        if found.is_public:
            key = repr((__version__, found.pk, found.thread.version, site_of(request), get_language()))
            etag = f'W/"{hashlib.sha256(key.encode()).hexdigest()[:24]}"'
            if is_known(request, etag):
                return public(HttpResponseNotModified(), etag)
            return public(Response(rows.one_row(found, request)), etag)
        if found.is_owned_by(clients.reader_of(request._request)):
            return private(Response(rows.own_row(found, request)))
        if request.user is not None and moderation.may_moderate(request.user):
            return private(Response(rows.one_row(found, request)))
        raise not_found()

    @describe(
        operation_id="edit_comment",
        parameters=[COMMENT],
        request=shapes.NewText,
        responses={200: shapes.Comment, **_WRITES, 422: REFUSED},
    )
    def patch(self, request: Request, id: int) -> HttpResponseBase:
        """Give a comment of one's own a new text, from the browser that posted it, within the window."""
        reader = clients.reader_of(request._request)
        comment = _visible(id, reader)
        body = shapes.read(shapes.NewText, request.data)["body"]
        edited = posting.edit(comment, body=body, reader=reader)
        return private(Response(rows.own_row(edited, request)))

    @describe(
        operation_id="withdraw_comment",
        parameters=[COMMENT],
        responses={204: OpenApiResponse(description="Withdrawn."), **_BODILESS},
    )
    def delete(self, request: Request, id: int) -> HttpResponseBase:
        """Take back a comment of one's own, from the browser that posted it, within the window."""
        reader = clients.reader_of(request._request)
        posting.withdraw(_visible(id, reader), reader=reader)
        return private(Response(status=204))


class ReportsView(ApiView):
    """Complaints about a comment."""

    @describe(
        operation_id="report_comment",
        parameters=[COMMENT],
        request=shapes.NewReport,
        responses={201: shapes.ReportMade, **_WRITES},
    )
    def post(self, request: Request, id: int) -> HttpResponseBase:
        """Tell the moderators about a public comment. Reporting again changes the earlier complaint."""
        comment = _visible(id, None)
        fields = shapes.read(shapes.NewReport, request.data)
        # In one transaction, so that a refused complaint leaves no reader behind.
        with transaction.atomic():
            reader, cookie = clients.reader_for(request._request)
            report = reporting.report(comment, reader=reader, **fields)
        response = Response(rows.report_row(report), status=201)
        clients.remember(response, request._request, cookie)
        return private(response)


class RecommendationsView(ApiView):
    """Thumbs up for a comment."""

    @describe(
        operation_id="recommend_comment",
        parameters=[COMMENT],
        request=None,
        responses={200: shapes.Recommended, **_BODILESS},
    )
    def post(self, request: Request, id: int) -> HttpResponseBase:
        """Recommend a public comment of somebody else's, once for each browser."""
        comment = _visible(id, None)
        with transaction.atomic():
            reader, cookie = clients.reader_for(request._request)
            count = recommending.recommend(comment, reader=reader)
        response = Response({"recommendations": count, "recommended": True})
        clients.remember(response, request._request, cookie)
        return private(response)

    @describe(
        operation_id="unrecommend_comment",
        parameters=[COMMENT],
        responses={200: shapes.Recommended, **_BODILESS},
    )
    def delete(self, request: Request, id: int) -> HttpResponseBase:
        """Take a recommendation back."""
        comment = _visible(id, None)
        reader = clients.reader_of(request._request)
        # A browser without a name has recommended nothing, and needs none for that.
        count = recommending.recommend(comment, reader=reader, wanted=False) if reader else comment.recommendation_count
        return private(Response({"recommendations": count, "recommended": False}))


class CommentTagView(ApiView):
    """A tag of a comment."""

    permission_classes = (MayCorrect,)

    @describe(
        operation_id="tag_comment",
        parameters=[COMMENT, OpenApiParameter("slug", str, OpenApiParameter.PATH, description="Slug of the tag.")],
        request=shapes.TagWord,
        responses={200: shapes.CommentTags, **_WRITES},
    )
    def put(self, request: Request, id: int, slug: str) -> HttpResponseBase:
        """Say whether a tag applies. A person's word outranks the machine's for ever."""
        comment = _find(id)
        applies = shapes.read(shapes.TagWord, request.data)["applies"]
        # Compared here, not in the query: PostgreSQL raises on a NUL.
        tag = next((tag for tag in Tag.objects.filter(thread=comment.thread_id) if tag.slug == slug), None)
        if tag is None:
            raise not_found(_("This discussion has no such tag."))
        tagging.correct(comment, tag, applies=applies, by=cast(Any, request.user))
        return private(Response({"comment": comment.pk, "tags": rows.one_row(comment, request)["tags"]}))


class CommentTagsView(ApiView):
    """All tags of a comment."""

    permission_classes = (MayCorrect,)

    @describe(
        operation_id="deny_tags",
        parameters=[COMMENT],
        request=shapes.TagsWord,
        responses={200: shapes.CommentTags, **_WRITES, 422: REFUSED},
    )
    def post(self, request: Request, id: int) -> HttpResponseBase:
        """Say that none of the tags applies. It is a person's word on each of them."""
        comment = _find(id)
        if not shapes.read(shapes.TagsWord, request.data)["none"]:
            raise InvalidFields({"none": [_("Say true, or say of each tag by itself whether it applies.")]})
        tagging.deny_all(comment, by=cast(Any, request.user))
        return private(Response({"comment": comment.pk, "tags": rows.one_row(comment, request)["tags"]}))


def _find(comment_id: int) -> Comment:
    found = Comment.objects.select_related("thread").filter(pk=comment_id).first()
    if found is None:
        raise not_found()
    return found


def _visible(comment_id: int, reader: Reader | None) -> Comment:
    """A comment that is public, or this browser's own."""
    found = _find(comment_id)
    if not found.is_public and not found.is_owned_by(reader):
        raise not_found()
    return found
