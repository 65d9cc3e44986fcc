"""What an open page of the desk hears and says: how long the queues are, what is new, who has which card open.

The page asks every 20 seconds while somebody looks at it. Nothing that comes back moves what they are looking at.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from comments import viewing
from comments.desk import answers
from comments.desk.answers import for_moderators, user_of
from comments.desk.cards import cards_of, for_cards
from comments.desk.finding import PAGE_SIZE
from comments.desk.narrowing import read_number
from comments.desk.printing import Printer
from comments.desk.queue import View, count_newer, newer, newest_id, read_tabs, read_view
from comments.models import Comment


@for_moderators
@require_POST
def live(request: HttpRequest) -> HttpResponse:
    """Note which card is open, and say what changed: nothing (204), or the pieces of the page that did."""
    sent = request.POST
    user, view = user_of(request), answers.view_of(request) or View()
    card = read_number(sent.get("card", ""))
    shown = [number for text in sent.getlist("shown")[: 2 * PAGE_SIZE] if (number := read_number(text)) is not None]
    if card is not None and Comment.objects.filter(pk=card).exists():
        viewing.look(card, by=user)
    since = read_number(sent.get("since", "")) or 0
    viewers = viewing.others(shown, than=user)
    tabs = read_tabs(view)
    count = count_newer(view, since)
    state = _state([(tab.queue.value, tab.count) for tab in tabs], count, sorted(viewers.items()))
    if state == sent.get("state"):
        return HttpResponse(status=204)
    context = {
        "tabs": tabs,
        "view": view,
        "view_query": view.query,
        "since": since,
        "count": count,
        "state": state,
        "places": [(str(pk), viewers.get(pk, [])) for pk in shown],
    }
    return render(request, "comments/desk/_live.html", context)


@for_moderators
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The cards of what is new in a queue since the page was made, for htmx to put at its end."""
    view = read_view(request.GET)
    since = read_number(request.GET.get("since", "")) or 0
    last = newest_id(view.queue)
    keys = newer(view, since)
    by_id = {comment.pk: comment for comment in for_cards(Comment.objects.filter(pk__in=keys))}
    viewers = viewing.others(keys, than=user_of(request))
    printer = Printer(request, view.query)
    cards = printer.with_forms(cards_of([by_id[key] for key in keys if key in by_id], open_elsewhere=viewers))
    context = {"cards": cards, "since": last, "view": view, **printer.context}
    return render(request, "comments/desk/_news.html", context)


def _state(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
