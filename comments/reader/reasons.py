"""The views of a tag on a comment: why it is there, and a reader's hint that it is wrong. Thin doors to the tables and
to `comments.suggesting`."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from comments import clients, suggesting
from comments.models import Comment, Tag, TagAssignment, TagKind, TagSuggestion
from comments.reader import discussion, evidence
from comments.reader.guards import readers_own
from comments.reader.pages import own_page, private
from comments.reader.views import either

_FEW = 3
"""Corrections behind a tag below which readers are told so."""


@require_safe
def why(request: HttpRequest, comment_id: int, slug: str) -> HttpResponseBase:
    """Show why a comment carries a tag: the words that led to it, how sure, and who says so."""
    shown = Comment.objects.visible_to(clients.reader_of(request))
    found = get_object_or_404(shown.select_related("thread"), pk=comment_id)
    tag = get_object_or_404(Tag, thread=found.thread, slug=slug)
    said = {row.source: row for row in TagAssignment.objects.filter(comment=found, tag=tag)}
    person = said.get(TagAssignment.Source.PERSON)
    machine = said.get(TagAssignment.Source.MACHINE)
    if not found.tag_mask & tag.mask or not said:
        raise Http404
    marks = machine.evidence if machine else []
    marked = evidence.marked(found.text, marks)
    corrections = TagAssignment.objects.filter(tag=tag, source=TagAssignment.Source.PERSON)
    is_position = tag.kind == TagKind.POSITION
    context = {
        "comment": found,
        "thread": found.thread,
        "tag": tag,
        "person": person,
        "percent": round(machine.confidence * 100) if machine and machine.confidence is not None else None,
        "words": evidence.quoted(found.text, marks),
        "pieces": evidence.excerpt(marked) if HtmxDetails(request) else marked,
        "has_marks": any(piece.is_marked for piece in marked),
        "is_piece": bool(HtmxDetails(request)),
        "is_position": is_position,
        "is_little_taught": is_position and person is None and corrections[:_FEW].count() < _FEW,
        "filter_url": discussion.Query(tags=frozenset({tag.slug})).url(found.thread.get_absolute_url()),
    }
    template = "comments/_why.html" if HtmxDetails(request) else "comments/why.html"
    response = either(own_page(request, template, context))
    return response if found.is_public else private(response)


@method_decorator(readers_own, name="dispatch")
class WrongTag(View):
    """Tell the editors that a tag seems wrong, or take that back: a piece to htmx, a page otherwise."""

    def get(self, request: HttpRequest, comment_id: int, slug: str) -> HttpResponseBase:
        found, tag = self.find(comment_id, slug)
        mine = suggesting.doubted_by(found, tag, reader=clients.reader_of(request))
        return self.show(request, found, tag, mine)

    def post(self, request: HttpRequest, comment_id: int, slug: str) -> HttpResponseBase:
        found, tag = self.find(comment_id, slug)
        wanted = "take_back" not in request.POST
        if wanted:
            reader, cookie = clients.reader_for(request)
        else:
            # A browser without a name has suggested nothing, and needs none for that.
            known, cookie = clients.reader_of(request), ""
            if known is None:
                return self.show(request, found, tag, None)
            reader = known
        mine = suggesting.doubt(found, tag, reader=reader, wanted=wanted)
        response = self.show(request, found, tag, mine, is_said=True)
        clients.remember(response, request, cookie)
        return response

    def find(self, comment_id: int, slug: str) -> tuple[Comment, Tag]:
        found = get_object_or_404(Comment.objects.public().select_related("thread"), pk=comment_id)
        return found, get_object_or_404(Tag, thread=found.thread, slug=slug)

    def show(
        self, request: HttpRequest, found: Comment, tag: Tag, mine: TagSuggestion | None, *, is_said: bool = False
    ) -> HttpResponseBase:
        context: dict[str, Any] = {
            "comment": found,
            "thread": found.thread,
            "tag": tag,
            "suggestion": mine,
            "is_said": is_said,
        }
        template = "comments/_wrong_tag.html" if HtmxDetails(request) else "comments/wrong_tag.html"
        return private(own_page(request, template, context))
