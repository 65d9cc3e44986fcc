"""The queues of the editors' desk, and the word that an editor gives on a comment's tags. Thin doors to
`analysis.doubts` and `comments.tagging`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from analysis import doubts
from analysis.desk import places
from analysis.desk.gate import for_editors
from analysis.desk.places import Place
from comments import tagging
from comments.errors import Refusal
from comments.models import Comment, Tag


@for_editors
@require_safe
def uncertain(request: HttpRequest) -> HttpResponse:
    """Show the comments on which the tagger cannot decide."""
    place = places.read_place("editors-uncertain", request.GET)
    return _queue(request, place, doubts.uncertain_page(place.thread, after=place.after))


@for_editors
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Show the comments with a tag that readers doubt."""
    place = places.read_place("editors-suggestions", request.GET)
    return _queue(request, place, doubts.suggestions_page(place.thread, after=place.after))


@for_editors
@require_safe
def one(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show one comment with its tags."""
    context = {"section": "editors", "doubt": doubts.doubt_about(comment_id)}
    return render(request, "analysis/desk/one.html", context)


@for_editors
@require_POST
def correct(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take an editor's word: that a tag applies, or does not, or that none does."""
    user: Any = request.user
    if not tagging.may_correct(user):
        raise Refusal("not_allowed", _("Your account may not correct tags. Ask the newsroom."), status=403)
    comment = Comment.objects.select_related("thread").filter(pk=comment_id).first()
    if comment is None:
        raise Refusal("not_found", _("There is no comment with this number."), status=404)
    verdict, _separator, slug = request.POST.get("word", "").partition(":")
    if verdict == "none":
        tagging.deny_all(comment, by=user)
        sentence = _("None of these tags applies.")
    elif verdict in {"yes", "no"}:
        tag = next((tag for tag in Tag.objects.filter(thread=comment.thread_id) if tag.slug == slug), None)
        if tag is None:
            raise Refusal("unknown_tag", _("This discussion has no such tag."), status=404)
        tagging.correct(comment, tag, applies=verdict == "yes", by=user)
        said = _("“%(tag)s” applies.") if verdict == "yes" else _("“%(tag)s” does not apply.")
        sentence = said % {"tag": tag.label}
    else:
        raise Refusal("damaged", _("This form was damaged on its way. Look at the comment and decide once more."))
    place = _place_of(request)
    if HtmxDetails(request):
        context = {"doubt": doubts.doubt_about(comment_id), "place": place, "sentence": sentence}
        template = "analysis/desk/_denied.html" if verdict == "none" else "analysis/desk/_doubt.html"
        return render(request, template, context)
    said_of = _("%(sentence)s The comment by %(name)s.") % {"sentence": sentence, "name": comment.author_name}
    messages.success(request, said_of, fail_silently=True)
    to = place.here if place else reverse("analysis:editors-comment", args=[comment_id])
    # 303: the browser fetches the queue, and a reload says nothing once more.
    return HttpResponseRedirect(to, status=303)


def _queue(request: HttpRequest, place: Place, page: doubts.DoubtsPage) -> HttpResponse:
    context = {
        "section": "editors",
        "place": place,
        "page": page,
        "tabs": places.tabs(place.name, place.thread),
        "next_url": place.url(after=page.next) if page.next else "",
        "first_url": place.url() if place.after else "",
    }
    return render(request, "analysis/desk/doubts.html", context)


def _place_of(request: HttpRequest) -> Place | None:
    """The queue in which a word was given; None for the page of the comment itself."""
    name = request.POST.get("queue", "")
    if name not in places.QUEUES:
        return None
    try:
        return places.read_place(name, request.POST)
    except Refusal:
        return Place(name)
