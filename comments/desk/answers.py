"""How the desk answers: in place where htmx asks, as pages where a form was sent without JavaScript.

Shared by the views of the desk; it calls no verb that changes anything but who has which card open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import reswap, retarget
from django_htmx.middleware import HtmxDetails

from comments import moderation, viewing
from comments.desk.cards import Card, CardForm, card_of
from comments.desk.log import lines_of
from comments.desk.printing import Printer
from comments.desk.queue import View, read_page, read_tabs, read_view
from comments.errors import IllegalTransition, InvalidFields, Refusal, Sentence, StaleDecision
from comments.gates import staff_page
from comments.models import Comment, ModerationEvent, Status
from comments.moderation import Decision, Seen
from comments.queues import Queue

if TYPE_CHECKING:
    from django.contrib.auth.models import User

for_moderators = staff_page(
    moderation.may_moderate,
    home="comments:moderation",
    sentence=gettext_lazy(
        "The moderation desk is for moderators. Ask the newsroom to make your account one, or log in with another."
    ),
)

_DONE: dict[str, Sentence] = {
    Status.APPROVED: gettext_lazy("Approved."),
    Status.REJECTED: gettext_lazy("Rejected."),
    Status.SPAM: gettext_lazy("Marked as spam."),
}
_HELD_ALREADY: dict[str, Sentence] = {
    Status.APPROVED: gettext_lazy("Approved already."),
    Status.REJECTED: gettext_lazy("Rejected already, for the same reason."),
    Status.SPAM: gettext_lazy("Marked as spam already."),
}


def user_of(request: HttpRequest) -> User:
    """Who is logged in; the gate has let nobody else through."""
    return cast("User", request.user)


def view_of(request: HttpRequest) -> View | None:
    """The queue that a form was sent from; None for the page of the comment itself."""
    if "view" not in request.POST:
        return None
    try:
        return read_view(QueryDict(request.POST["view"]))
    except (Refusal, ValueError):
        return View(queue=Queue.PENDING)


def seen_of(request: HttpRequest) -> Seen:
    """What the moderator was looking at, as the form says.

    Raises:
        InvalidFields: the form is damaged.
    """
    return read_seen(request.POST.get("seen_status", ""), request.POST.get("seen_revision", ""))


def read_seen(status: str, revision: str) -> Seen:
    """A status and a revision as they stand in a form.

    Raises:
        InvalidFields: they are none.
    """
    if status not in Status.values or not (revision.isascii() and revision.isdigit() and len(revision) < 9):
        raise InvalidFields({"": [_("This form was damaged on its way. Look at the comment and decide once more.")]})
    return Seen(status, int(revision))


def queue_page(
    request: HttpRequest, view: View, *, first: Card | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """Answer with a queue.

    Args:
        first: a card that stands before all others.
    """
    user = user_of(request)
    page = read_page(view, user=user, without=first.comment.pk if first else None)
    printer = Printer(request, view.query)
    cards = printer.with_forms([first, *page.cards] if first else page.cards)
    if cards:
        # Whoever loads a queue begins with its first card; without JavaScript nothing else tells.
        viewing.look(cards[0].comment.pk, by=user)
    context = {
        "section": "moderation",
        "page": page,
        "cards": cards,
        "offered": printer.offered,
        **printer.context,
        **context,
    }
    return render(request, "comments/desk/queue.html", context, status=status)


def alone(request: HttpRequest, card: Card, *, status: int = 200, **context: Any) -> HttpResponse:
    """Answer with the page of one comment.

    Args:
        context: `tool`, the template of a tool that stands open below it, and what that needs.
    """
    printer = Printer(request, None)
    events = card.comment.events.select_related("by", "undone_by")[:50]
    context = {
        "section": "moderation",
        "card": printer.with_form(card),
        "lines": lines_of(events),
        "of_one": True,
        **printer.context,
        **context,
    }
    return render(request, "comments/desk/one.html", context, status=status)


def card_in_place(
    request: HttpRequest,
    card: Card,
    *,
    view: View | None,
    status: int = 200,
    tool: SafeString = SafeString(""),  # noqa: B008  a string
    **context: Any,
) -> HttpResponse:
    """Answer htmx with a card.

    Args:
        tool: a tool that stands open below it.
    """
    printer = Printer(request, view.query if view else None)
    context = {"card": printer.with_form(card, tool=tool), **printer.context, **context}
    return render(request, "comments/desk/_card.html", context, status=status)


def in_vain(request: HttpRequest, view: View | None, comment_id: int, form: CardForm, *, status: int) -> HttpResponse:
    """Show the card of a decision that was not carried out, where it was taken."""
    card = card_of(comment_id, form, user=user_of(request))
    if card is None:
        raise not_found()
    if HtmxDetails(request):
        # Sent from a tool below the card, too, it is the card that comes back.
        answer = card_in_place(request, card, view=view, status=status)
        return reswap(retarget(answer, f"#c-{card.number}"), "outerHTML")
    if view is None:
        return alone(request, card, status=status)
    return queue_page(request, view, first=card, status=status)


def decided(request: HttpRequest, view: View | None, decision: Decision, *, sentence: str = "") -> HttpResponse:
    """Answer a decision that was carried out: the card becomes a line, or the queue comes again."""
    sentence = sentence or said_of(decision)
    if HtmxDetails(request):
        answer = render(request, "comments/desk/_done.html", done_context(request, view, decision, sentence))
        return reswap(retarget(answer, f"#c-{decision.comment.pk}"), "outerHTML")
    return back(request, view, decision.comment, about(decision.comment, sentence))


def done_context(request: HttpRequest, view: View | None, decision: Decision, sentence: str) -> dict[str, Any]:
    """What the line of a decided comment needs."""
    return {
        "comment": decision.comment,
        "sentence": sentence,
        "event": decision.event,
        "tabs": read_tabs(view or View()),
        "view_query": view.query if view else "",
        "is_alone": view is None,
    }


def back(request: HttpRequest, view: View | None, comment: Comment, sentence: str) -> HttpResponse:
    """Lead back to where a form was sent from, and say there what was done."""
    messages.success(request, sentence, fail_silently=True)
    to = view.url() if view is not None else reverse("comments:desk-comment", args=[comment.pk])
    # 303: the browser fetches the queue, and a reload does not decide once more.
    return HttpResponseRedirect(to, status=303)


def said_of(decision: Decision) -> str:
    """What a decision did, in a sentence."""
    said = _DONE if decision.event is not None else _HELD_ALREADY
    return str(said[decision.comment.status])


def about(comment: Comment, sentence: str) -> str:
    return _("%(sentence)s The comment by %(name)s.") % {"sentence": sentence, "name": comment.author_name}


def form_after(error: Refusal, form: CardForm, *, seen: tuple[str, str]) -> CardForm:
    """What the card's form holds after a decision in vain, with what was wrong.

    Args:
        form: what the moderator sent.
        seen: status and revision that the decision rested on.
    """
    sent = {name: getattr(form, name) for name in ("reason", "note", "message", "invite")}
    if isinstance(error, StaleDecision):
        # What stands there now is shown, so the next decision rests on that.
        return CardForm(**sent, news=_news(error, seen))
    if isinstance(error, InvalidFields):
        # The decision still rests on what was seen: had the comment changed meanwhile, the next try is to say so.
        status, revision = seen
        return CardForm(**sent, seen_status=status, seen_revision=revision, faults=error.fields)
    return CardForm(**sent, news=(error.detail,))


def is_answerable(error: Refusal) -> bool:
    """Whether a refusal belongs on the card that it is about."""
    return isinstance(error, StaleDecision | InvalidFields | IllegalTransition) or error.status == 403


def _news(stale: StaleDecision, seen: tuple[str, str]) -> tuple[Sentence, ...]:
    """What happened to a comment while a moderator was looking at it."""
    standing = stale.standing
    found = [stale.detail]
    if str(standing.revision) != seen[1]:
        found.append(_text_was_changed(stale.comment))
    if standing.decided_by and standing.status != seen[0]:
        moment = date_format(localtime(standing.decided_at), "DATETIME_FORMAT")
        found.append(
            _("Decided on %(when)s by %(who)s: %(status)s.")
            % {"who": standing.decided_by, "status": stale.comment.get_status_display(), "when": moment}
        )
    return tuple(found)


def _text_was_changed(comment: Comment) -> Sentence:
    last = ModerationEvent.objects.filter(comment=comment).order_by("-pk").values_list("action", flat=True).first()
    if last == ModerationEvent.Action.EDIT:
        return _("A member of staff has changed the text.")
    return _("Its author has changed the text.")


def not_found() -> Refusal:
    """What is said of a comment that is not there."""
    return Refusal("not_found", _("There is no comment with this number."), status=404)


def see_other(url: str) -> HttpResponse:
    """Lead on after a form was sent."""
    return HttpResponseRedirect(url, status=303)
