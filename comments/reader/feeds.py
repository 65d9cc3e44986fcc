"""The Atom feed of a thread, and of any filter of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comments import listing
from comments.errors import Refusal
from comments.listing import Sort
from comments.models import Comment, Thread
from comments.reader.discussion import Query, read_query
from comments.texts import clean_body

_ENTRIES = 50


class ThreadFeed(Feed):
    """The newest public comments that match, by Django's syndication framework (RFC 4287)."""

    feed_type = Atom1Feed

    def __init__(self, thread: Thread, query: Query) -> None:
        self.thread = thread
        self.selection = listing.select(thread, query.tags)
        self.page_url = Query(tags=query.tags).url(thread.get_absolute_url())

    def title(self) -> str:
        labels = [tag.label for tag in self.selection.tags if tag.slug in self.selection.selected]
        if labels:
            return _("Comments on %(title)s: %(tags)s") % {"title": self.thread, "tags": ", ".join(labels)}
        return _("Comments on %(title)s") % {"title": self.thread}

    def link(self) -> str:
        return self.page_url

    def feed_url(self) -> str:
        return Query(tags=self.selection.selected).url(reverse("comments:feed", args=[self.thread.pk]))

    def items(self) -> list[Comment]:
        return listing.flat(self.thread, sort=Sort.NEWEST, cursor=None, size=_ENTRIES, selection=self.selection).rows

    def item_title(self, item: Comment) -> str:
        return _("%(name)s on %(title)s") % {"name": self.item_author_name(item), "title": self.thread}

    def item_description(self, item: Comment) -> str:
        return item.html

    def item_author_name(self, item: Comment) -> str:
        return clean_body(item.author_name) or _("Anonymous")

    def item_pubdate(self, item: Comment) -> datetime:
        return item.created_at

    def item_updateddate(self, item: Comment) -> datetime:
        return item.edited_at or item.created_at

    def item_categories(self, item: Comment) -> list[str]:
        return [tag.label for tag in self.selection.tags_of(item)]


@require_safe
def feed(request: HttpRequest, thread_id: int) -> Any:
    """Answer with the feed; 304 where the thread has not changed since the reader was here."""
    thread = get_object_or_404(Thread, pk=thread_id)
    try:
        made = ThreadFeed(thread, read_query(request.GET))
    except Refusal as refusal:
        return HttpResponse(str(refusal.detail), status=refusal.status, content_type="text/plain; charset=utf-8")
    etag = quote_etag(f"{thread.version}.{get_language()}")
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = made(request)
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=60)
    return response
