"""The views of the moderation desk. Thin doors: parse, call the verb, answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from comments import moderation
from comments.desk.cards import Card, CardForm, card_of
from comments.desk.log import read_log
from comments.desk.queue import View, read_page, read_tabs, read_view
from comments.errors import IllegalTransition, InvalidFields, Refusal, Sentence, StaleDecision
from comments.gates import staff_page
from comments.models import Comment, Status
from comments.moderation import Decision, Seen
from comments.queues import Queue

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


@for_moderators
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show a queue."""
    return _queue_page(request, read_view(request.GET))


@for_moderators
@require_safe
def one(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show one comment with what happened to it."""
    card = card_of(comment_id)
    if card is None:
        raise _not_found()
    return _alone(request, card)


@for_moderators
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log."""
    return render(request, "comments/desk/log.html", {"section": "log", "log": read_log(request.GET)})


@for_moderators
@require_POST
def decide(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Take a decision. What cannot be done comes back as the card it was about, with all that was typed."""
    sent = {name: request.POST.get(name, "") for name in ("to", "reason", "seen_status", "seen_revision")}
    note = request.POST.get("note", "")
    view = _view_of(request)
    try:
        decision = moderation.decide(
            moderation.find_for_decision(comment_id),
            to=sent["to"],
            by=request.user,  # type: ignore[arg-type]
            seen=_seen(sent),
            reason=sent["reason"],
            note=note,
        )
    except StaleDecision as stale:
        # What stands there now is shown, so the next decision rests on that.
        form = CardForm(reason=sent["reason"], note=note, news=_news(stale, sent))
        return _in_vain(request, view, comment_id, form, status=stale.status)
    except InvalidFields as invalid:
        # The decision still rests on what was seen: had the comment changed meanwhile, the next try is to say so.
        form = CardForm(sent["reason"], note, sent["seen_status"], sent["seen_revision"], faults=invalid.fields)
        return _in_vain(request, view, comment_id, form, status=invalid.status)
    except IllegalTransition as illegal:
        form = CardForm(reason=sent["reason"], note=note, news=(illegal.detail,))
        return _in_vain(request, view, comment_id, form, status=illegal.status)
    sentence = _sentence(decision)
    if HtmxDetails(request):
        context = {"comment": decision.comment, "sentence": sentence, "tabs": read_tabs(view or View())}
        return render(request, "comments/desk/_done.html", context)
    messages.success(request, _about(decision.comment, sentence), fail_silently=True)
    to = view.url() if view is not None else reverse("comments:desk-comment", args=[comment_id])
    # 303: the browser fetches the queue, and a reload does not decide once more.
    return HttpResponseRedirect(to, status=303)


def _queue_page(request: HttpRequest, view: View, *, first: Card | None = None, status: int = 200) -> HttpResponse:
    page = read_page(view, without=first.comment.pk if first else None)
    context = {"section": "moderation", "page": page, "first": first, "view_query": view.query}
    return render(request, "comments/desk/queue.html", context, status=status)


def _alone(request: HttpRequest, card: Card, *, status: int = 200) -> HttpResponse:
    events = card.comment.events.select_related("by")[:50]
    context = {"section": "moderation", "card": card, "events": events, "is_alone": True}
    return render(request, "comments/desk/one.html", context, status=status)


def _in_vain(request: HttpRequest, view: View | None, comment_id: int, form: CardForm, *, status: int) -> HttpResponse:
    """Show the card of a decision that was not carried out, where it was taken."""
    card = card_of(comment_id, form)
    if card is None:
        raise _not_found()
    if HtmxDetails(request):
        context = {"card": card, "view_query": view.query if view else ""}
        return render(request, "comments/desk/_card.html", context, status=status)
    if view is None:
        return _alone(request, card, status=status)
    return _queue_page(request, view, first=card, status=status)


def _view_of(request: HttpRequest) -> View | None:
    """The queue that a decision was taken in; None for the page of the comment itself."""
    if "view" not in request.POST:
        return None
    try:
        return read_view(QueryDict(request.POST["view"]))
    except Refusal:
        return View(queue=Queue.PENDING)


def _seen(sent: dict[str, str]) -> Seen:
    status, revision = sent["seen_status"], sent["seen_revision"]
    if status not in Status.values or not (revision.isascii() and revision.isdigit() and len(revision) < 9):
        sent["seen_status"] = sent["seen_revision"] = ""
        raise InvalidFields({"": [_("This form was damaged on its way. Look at the comment and decide once more.")]})
    return Seen(status, int(revision))


def _news(stale: StaleDecision, sent: dict[str, str]) -> tuple[Sentence, ...]:
    """What happened to a comment while a moderator was looking at it."""
    standing = stale.standing
    found = [stale.detail]
    if str(standing.revision) != sent["seen_revision"]:
        found.append(_("Its author has changed the text."))
    if standing.decided_by and standing.status != sent["seen_status"]:
        moment = date_format(localtime(standing.decided_at), "DATETIME_FORMAT")
        found.append(
            _("Decided on %(when)s by %(who)s: %(status)s.")
            % {"who": standing.decided_by, "status": stale.comment.get_status_display(), "when": moment}
        )
    return tuple(found)


def _sentence(decision: Decision) -> str:
    said = _DONE if decision.event is not None else _HELD_ALREADY
    return str(said[decision.comment.status])


def _about(comment: Comment, sentence: str) -> str:
    return _("%(sentence)s The comment by %(name)s.") % {"sentence": sentence, "name": comment.author_name}


def _not_found() -> Refusal:
    return Refusal("not_found", _("There is no comment with this number."), status=404)
