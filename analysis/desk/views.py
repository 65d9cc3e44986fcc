"""The views of the editors' desk. Thin doors to `analysis.summaries`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from analysis import summaries
from comments.errors import Refusal
from comments.gates import staff_page
from comments.models import Thread

PERMISSION = "comments.change_tag"


def may_summarise(user: Any) -> bool:
    """Whether a user may see the editors' desk."""
    return bool(user.is_active and user.has_perm(PERMISSION))


for_editors = staff_page(
    may_summarise,
    home="analysis:editors",
    sentence=gettext_lazy(
        "The editors’ desk is for editors. Ask the newsroom to make your account one, or log in with another."
    ),
)


@for_editors
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the discussions, newest first."""
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Refusal("bad_number", _("This address is damaged. Start again from the first page."))
    page = summaries.threads_page(before=int(before) if before else None)
    return render(request, "analysis/desk/index.html", {"section": "editors", "page": page})


@for_editors
@require_safe
def thread(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Show what the discussion of one article is about."""
    found = Thread.objects.filter(pk=thread_id).first()
    if found is None:
        raise Refusal("not_found", _("There is no such discussion."), status=404)
    summary = summaries.thread_summary(found)
    return render(request, "analysis/desk/thread.html", {"section": "editors", "summary": summary})
