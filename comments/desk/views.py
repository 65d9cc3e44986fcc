"""The views of the moderation desk: its queues, the page of a comment, decisions and their undoing.

Thin doors: parse, call the verb, answer. The tools of a card are `comments.desk.tools`, decisions on many comments and
undoing `comments.desk.bulk`, and what a page hears while it is open `comments.desk.live`.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from comments import moderation
from comments.desk import answers
from comments.desk.answers import for_moderators
from comments.desk.cards import CardForm, card_of
from comments.desk.queue import read_view
from comments.errors import Refusal

__all__ = ["decide", "for_moderators", "one", "queue"]


@for_moderators
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show a queue."""
    return answers.queue_page(request, read_view(request.GET))


@for_moderators
@require_safe
def one(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show one comment with what happened to it."""
    card = card_of(comment_id, user=answers.user_of(request))
    if card is None:
        raise answers.not_found()
    return answers.alone(request, card)


@for_moderators
@require_POST
def decide(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take a decision. What cannot be done comes back as the card it was about, with all that was typed."""
    sent = request.POST
    view = answers.view_of(request)
    form = CardForm(
        reason=sent.get("reason", ""),
        note=sent.get("note", ""),
        message=sent.get("message", ""),
        invite=bool(sent.get("invite")),
    )
    seen = (sent.get("seen_status", ""), sent.get("seen_revision", ""))
    is_read = False
    try:
        basis = answers.seen_of(request)
        is_read = True
        decision = moderation.decide(
            moderation.find_for_decision(comment_id),
            to=sent.get("to", ""),
            by=answers.user_of(request),
            seen=basis,
            reason=form.reason,
            note=form.note,
            message=form.message,
            invite=form.invite and sent.get("to") == "rejected",
        )
    except Refusal as refusal:
        if not answers.is_answerable(refusal):
            raise
        form = answers.form_after(refusal, form, seen=seen if is_read else ("", ""))
        return answers.in_vain(request, view, comment_id, form, status=refusal.status)
    return answers.decided(request, view, decision)
