"""The desk's page of word lists: search them, try entries on what was written before, add and remove them.

A thin door to `comments.wordlists`; a plain form without JavaScript.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from comments import wordlists
from comments.desk.narrowing import read_number
from comments.errors import InvalidFields, Sentence
from comments.gates import staff_page
from comments.models import WordEntry
from comments.texts import clean_name

PAGE_SIZE = 100


def may_see_lists(user: Any) -> bool:
    """Whether a user may read the word lists."""
    return bool(user.is_active and user.has_perm("comments.view_wordentry"))


for_list_keepers = staff_page(
    may_see_lists,
    home="comments:word-lists",
    sentence=gettext_lazy("The word lists are for moderators. Ask for the permission to see them."),
)


@for_list_keepers
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """Show the lists; a POST tries or adds entries."""
    if request.method != "POST":
        return _page(request)
    typed = {name: request.POST.get(name, "") for name in ("patterns", "list", "note")}
    try:
        patterns = wordlists.patterns_of(typed["patterns"])
        if request.POST.get("act") == "try":
            return _page(request, typed=typed, trial=wordlists.try_out(patterns))
        added = wordlists.add(patterns, list=typed["list"], note=typed["note"], by=request.user)  # type: ignore[arg-type]
    except InvalidFields as invalid:
        return _page(request, typed=typed, faults=invalid.fields, status=422)
    said = ngettext("%(count)d entry added.", "%(count)d entries added.", added) % {"count": added}
    if added < len(patterns):
        said += " " + _("The others were already in the lists.")
    messages.success(request, said, fail_silently=True)
    return HttpResponseRedirect(reverse("comments:word-lists"), status=303)


@for_list_keepers
@require_http_methods(["POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """Take the chosen entries out."""
    chosen = request.POST.getlist("entry")[:PAGE_SIZE]
    ids = [int(pk) for pk in chosen if pk.isascii() and pk.isdigit() and len(pk) < 19]
    removed = wordlists.remove(ids, by=request.user)  # type: ignore[arg-type]
    said = ngettext("%(count)d entry removed.", "%(count)d entries removed.", removed) % {"count": removed}
    messages.success(request, said, fail_silently=True)
    return HttpResponseRedirect(reverse("comments:word-lists"), status=303)


def _page(
    request: HttpRequest,
    *,
    typed: dict[str, str] | None = None,
    faults: dict[str, list[Sentence]] | None = None,
    trial: wordlists.Trial | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page in two queries, whatever the lists hold."""
    query = clean_name(request.GET.get("q", ""))[:200]
    chosen = request.GET.get("list", "")
    chosen = chosen if chosen in WordEntry.List.values else ""
    before = read_number(request.GET.get("before", ""))
    rows = WordEntry.objects.select_related("by")
    if query:
        rows = rows.filter(pattern__icontains=query)
    if chosen:
        rows = rows.filter(list=chosen)
    total = rows.count()  # bounded: `wordlists.add` takes no more than some thousands
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    has_more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    more = {name: value for name, value in (("q", query), ("list", chosen)) if value}
    if has_more:
        more["before"] = str(found[-1].pk)
    context = {
        "section": "lists",
        "entries": found,
        "total": total,
        "q": query,
        "chosen": chosen,
        "choices": WordEntry.List.choices,
        "typed": typed or {"list": WordEntry.List.HOLD},
        "faults": faults or {},
        "trial": trial,
        "looked_at": wordlists.LOOKED_AT,
        "next_url": f"{reverse('comments:word-lists')}?{urlencode(more)}" if has_more else "",
    }
    return render(request, "comments/desk/lists.html", context, status=status)
