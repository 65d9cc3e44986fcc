"""What was learned about the tags of a discussion, and an editor's say in it. Thin doors to `analysis.learning`,
`analysis.runs` and `analysis.versions`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysis import learning, runs, versions
from analysis.desk import places
from analysis.desk.gate import for_editors
from comments.errors import InvalidFields, Refusal
from comments.models import Tag, Thread


@for_editors
@require_safe
def learned(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Show the models of a discussion's tags with their figures."""
    return _page(request, places.find_thread(thread_id))


@for_editors
@require_POST
def threshold(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Take how sure the tagger has to be of a tag, in per cent; empty leaves it to the tagger."""
    tag = _find(tag_id)
    typed = request.POST.get("shown_from", "").strip()
    try:
        runs.set_threshold(tag, _share(typed))
    except InvalidFields as invalid:
        fault = {"tag": tag.pk, "typed": typed[:20], "sentence": invalid.detail}
        return _page(request, tag.thread, fault=fault, status=invalid.status)
    messages.success(
        request, _("Saved. “%(tag)s” is judged anew in the background.") % {"tag": tag.label}, fail_silently=True
    )
    return _back(tag)


@for_editors
@require_POST
def model(request: HttpRequest, tag_id: int) -> HttpResponse:
    """Take which version of a tag's model decides: a number, `none`, or `figures`."""
    user: Any = request.user
    tag = _find(tag_id)
    version = request.POST.get("version", "")
    if version == "figures":
        learning.let_figures_decide(tag)
        sentence = _("From now on the figures decide about “%(tag)s”.")
    elif version == "none":
        learning.go_back(tag, None, by=user)
        sentence = _("The tagger alone decides about “%(tag)s” until you change it.")
    else:
        learning.go_back(tag, places.number(version), by=user)
        sentence = _("Version %(version)s decides about “%(tag)s” until you change it.")
    messages.success(request, sentence % {"tag": tag.label, "version": version}, fail_silently=True)
    return _back(tag)


def _page(
    request: HttpRequest, thread: Thread, *, fault: dict[str, object] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "section": "editors",
        "thread": thread,
        "rows": versions.learned_tags(thread),
        "tabs": places.tabs("editors-learned", thread),
        "fault": fault,
    }
    return render(request, "analysis/desk/learned.html", context, status=status)


def _find(tag_id: int) -> Tag:
    found = Tag.objects.select_related("thread").filter(pk=tag_id).first()
    if found is None:
        raise Refusal("not_found", _("There is no such tag any more."), status=404)
    return found


def _share(typed: str) -> float | None:
    """Per cent as typed, as a probability; what is no number is out of every range."""
    if not typed:
        return None
    return int(typed) / 100 if typed.isascii() and typed.isdigit() and len(typed) < 4 else -1.0


def _back(tag: Tag) -> HttpResponse:
    to = reverse("analysis:editors-learned", args=[tag.thread_id])
    return HttpResponseRedirect(f"{to}#tag-{tag.pk}", status=303)
