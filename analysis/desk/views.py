"""The views of the editors' desk. Thin doors to `analysis.summaries`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import summaries
from analysis.desk import places
from analysis.desk.gate import for_editors


@for_editors
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the discussions, newest first."""
    before = places.number(request.GET.get("before", ""))
    page = summaries.threads_page(before=before or None)
    context = {"section": "editors", "page": page, "tabs": places.tabs("editors")}
    return render(request, "analysis/desk/index.html", context)


@for_editors
@require_safe
def thread(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Show what the discussion of one article is about."""
    found = places.find_thread(thread_id)
    context = {
        "section": "editors",
        "summary": summaries.thread_summary(found),
        "tabs": places.tabs("editors-thread", found),
    }
    return render(request, "analysis/desk/thread.html", context)
