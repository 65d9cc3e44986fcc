"""The tools of a card: reply as staff, edit, block, pin, the address, the mode of the discussion.

Each is a form on the page of its comment, which htmx puts below the card instead. Thin doors to the verbs.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget
from django_htmx.middleware import HtmxDetails

from comments import answering, blocks, clients, disclosing, editing, modes, pinning
from comments.desk import answers
from comments.desk.answers import for_moderators, user_of
from comments.desk.cards import CardForm, card_of
from comments.desk.narrowing import read_number
from comments.errors import InvalidFields, Refusal, Sentence, StaleDecision
from comments.models import Block, Comment, Status
from comments.models.thread import Mode
from comments.posting import Origin

DAYS: tuple[tuple[str, Sentence], ...] = (
    ("1", gettext_lazy("for a day")),
    ("7", gettext_lazy("for a week")),
    ("30", gettext_lazy("for 30 days")),
    ("365", gettext_lazy("for a year")),
    ("", gettext_lazy("for ever")),
)
"""For how long somebody may be blocked, as the form offers it."""


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Reply as staff; a comment that waits is approved with it."""
    comment = _find(comment_id)
    user = user_of(request)
    # Names this reply, so that a form that is sent twice posts once.
    attempt = request.POST.get("attempt", "")[:64] or secrets.token_urlsafe(16)
    context: dict[str, Any] = {
        "name": clients.staff_name(user),
        "body": request.POST.get("body", ""),
        "attempt": attempt,
    }
    if request.method != "POST":
        return _tool(request, comment, "reply", context)
    view = answers.view_of(request)
    origin = Origin(
        reader=clients.reader_of(request),
        user=user,
        client_digest=clients.client_digest(request),
        key=f"desk {user.pk} {attempt}",
    )
    try:
        answer = answering.answer(
            comment,
            by=user,
            name=context["name"],
            body=request.POST.get("body", ""),
            seen=answers.seen_of(request),
            origin=origin,
        )
    except StaleDecision as stale:
        return _stale(request, comment, stale, "reply", context)
    except Refusal as refusal:
        return _tool(request, comment, "reply", {**context, **_faults(refusal)}, status=refusal.status)
    said = _("Your reply is published.") if answer.posted.comment.is_public else _("Your reply waits for a moderator.")
    if answer.decision is not None and answer.decision.event is not None:
        sentence = f"{answers.said_of(answer.decision)} {said}"
        response = answers.decided(request, view, answer.decision, sentence=sentence)
    else:
        response = _said(request, comment, said, link=answer.posted.comment.get_absolute_url())
    clients.remember(response, request, answer.posted.cookie)
    return response


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Give a comment another text; what stood there before stays in the log."""
    comment = _find(comment_id)
    context: dict[str, Any] = {
        "body": request.POST.get("body", comment.body),
        "note": request.POST.get("note", ""),
        "seen_status": request.POST.get("seen_status", comment.status),
        "seen_revision": request.POST.get("seen_revision", str(comment.revision)),
    }
    if request.method != "POST":
        return _tool(request, comment, "edit", context)
    try:
        editing.edit(
            comment,
            by=user_of(request),
            body=context["body"],
            seen=answers.seen_of(request),
            note=context["note"],
        )
    except StaleDecision as stale:
        return _stale(request, comment, stale, "edit", context)
    except Refusal as refusal:
        return _tool(request, comment, "edit", {**context, **_faults(refusal)}, status=refusal.status)
    return _card_again(request, comment, _("The text is changed. The one before is in the log."))


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def block(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Block whoever posted a comment, for a time or for ever, here or on the whole site."""
    comment = _find(comment_id)
    sent = request.POST
    context: dict[str, Any] = {
        "days": DAYS,
        "chosen_days": sent.get("days", "7"),
        "everywhere": bool(sent.get("everywhere")),
        "reason": sent.get("reason", ""),
        "standing": blocks.of_commenter(comment)[:10],
    }
    if request.method != "POST":
        return _tool(request, comment, "block", context)
    try:
        days = read_number(sent.get("days", "")) if sent.get("days") in dict(DAYS) else 0
        if days == 0:
            raise InvalidFields({"days": [_("Choose for how long.")]})
        blocks.block(
            comment,
            by=user_of(request),
            days=days,
            everywhere=context["everywhere"],
            reason=context["reason"],
        )
    except Refusal as refusal:
        return _tool(request, comment, "block", {**context, **_faults(refusal)}, status=refusal.status)
    return _card_again(request, comment, _("Blocked. What they have posted stays as it is."))


@for_moderators
@require_POST
def lift(request: HttpRequest, comment_id: int, block_id: int) -> HttpResponse:
    """End a block before its time."""
    comment = _find(comment_id)
    found = blocks.of_commenter(comment).filter(pk=block_id).first() if block_id < 2**63 else None
    if not isinstance(found, Block):
        raise Refusal("not_found", _("There is no such block."), status=404)
    blocks.lift(found, by=user_of(request))
    return _card_again(request, comment, _("The block is lifted."))


@for_moderators
@require_safe
def more(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Offer the rarer tools."""
    return _tool(request, _find(comment_id), "more", {})


@for_moderators
@require_POST
def pin(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Put a comment above the others of its discussion, or back into its place."""
    comment = _find(comment_id)
    if request.POST.get("pin"):
        pinning.pin(comment, by=user_of(request))
        return _card_again(request, comment, _("Pinned: readers see it first."))
    pinning.unpin(comment, by=user_of(request))
    return _card_again(request, comment, _("Not pinned any more."))


@for_moderators
@require_POST
def mode(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Close, hold or open the discussion that a comment stands in."""
    comment = _find(comment_id)
    modes.set_mode(comment.thread, mode=request.POST.get("mode", ""), by=user_of(request))
    said = _("New comments in this discussion: %(mode)s.") % {"mode": Mode(comment.thread.mode).label}
    return _said(request, comment, said)


@for_moderators
@require_POST
@sensitive_variables("address")
def address(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show an address to who may see it; that it was seen is in the log."""
    comment = _find(comment_id)
    address = disclosing.address_of(comment, by=user_of(request))
    return _tool(request, comment, "address", {"address": address})


def _find(comment_id: int) -> Comment:
    found = Comment.objects.select_related("thread").filter(pk=comment_id).first() if comment_id < 2**63 else None
    if found is None:
        raise answers.not_found()
    return found


def _tool(
    request: HttpRequest, comment: Comment, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a tool: below its card where htmx asks, on the comment's page otherwise."""
    context = _context(request, comment, context)
    template = f"comments/desk/_tool_{name}.html"
    if context["is_in_place"]:
        return render(request, template, context, status=status)
    card = card_of(comment.pk, user=user_of(request))
    if card is None:
        raise answers.not_found()
    return answers.alone(request, card, status=status, tool=template, **context)


def _context(request: HttpRequest, comment: Comment, more: dict[str, Any]) -> dict[str, Any]:
    """What the templates of tools need."""
    return {
        "comment": comment,
        "id": str(comment.pk),
        "is_in_place": bool(HtmxDetails(request)),
        "is_public": comment.is_public,
        "is_gone": comment.status == Status.WITHDRAWN,
        "is_pinned": comment.thread.pinned_id == comment.pk,
        "modes": Mode.choices,
        "may_see_address": disclosing.may_see(request.user) and comment.commenter_id is not None,
        "seen_status": comment.status,
        "seen_revision": str(comment.revision),
        **more,
    }


def _said(request: HttpRequest, comment: Comment, sentence: str, *, link: str = "") -> HttpResponse:
    """Say below the card that something was done."""
    if HtmxDetails(request):
        return render(request, "comments/desk/_tool_said.html", {"sentence": sentence, "link": link})
    return answers.back(request, answers.view_of(request), comment, sentence)


def _card_again(request: HttpRequest, comment: Comment, sentence: str) -> HttpResponse:
    """Show the card as it is after a tool was used."""
    if not HtmxDetails(request):
        return answers.back(request, answers.view_of(request), comment, sentence)
    card = card_of(comment.pk, user=user_of(request))
    if card is None:
        raise answers.not_found()
    answer = answers.card_in_place(request, card, view=answers.view_of(request), said=sentence)
    return reswap(retarget(answer, f"#c-{card.number}"), "outerHTML")


def _stale(
    request: HttpRequest, comment: Comment, stale: StaleDecision, name: str, context: dict[str, Any]
) -> HttpResponse:
    """Show the card as it stands now, and the tool with all that was typed: the next try rests on what is shown."""
    seen = (request.POST.get("seen_status", ""), request.POST.get("seen_revision", ""))
    form = answers.form_after(stale, CardForm(), seen=seen)
    card = card_of(comment.pk, form, user=user_of(request))
    if card is None:
        raise answers.not_found()
    stands = {"seen_status": card.comment.status, "seen_revision": str(card.comment.revision)}
    context = _context(request, card.comment, {**context, **stands})
    template = f"comments/desk/_tool_{name}.html"
    if not context["is_in_place"]:
        return answers.alone(request, card, status=stale.status, tool=template, **context)
    tool = render_to_string(template, context, request=request)
    view = answers.view_of(request)
    answer = answers.card_in_place(request, card, view=view, status=stale.status, tool=tool)
    return reswap(retarget(answer, f"#c-{card.number}"), "outerHTML")


def _faults(refusal: Refusal) -> dict[str, Any]:
    """What was wrong, at its field or above the tool."""
    if isinstance(refusal, InvalidFields):
        known = {name: said[0] for name, said in refusal.fields.items() if name in {"body", "note", "days", "reason"}}
        others = [said for name, sentences in refusal.fields.items() if name not in known for said in sentences]
        return {"faults": known, "alerts": others}
    return {"faults": {}, "alerts": [refusal.detail]}
