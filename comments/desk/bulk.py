"""Decisions on many comments, and undoing: what is selected, all about a tag, the last decision, one of the log.

Thin doors to `comments.bulk` and `comments.undoing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap
from django_htmx.middleware import HtmxDetails

from comments import bulk, facets, reasons, undoing
from comments.bulk import Result
from comments.desk import answers
from comments.desk.answers import for_moderators, user_of
from comments.desk.cards import Card, CardForm, card_of, cards_of, for_cards
from comments.desk.log import read_batch, read_search
from comments.desk.narrowing import View, read_number, read_view
from comments.desk.printing import Printer
from comments.desk.queue import newest_id, read_tabs
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Tag, Thread
from comments.queues import Queue, bounded_count

_LISTED = 100
"""Results of one decision that are listed; of a longer list, what was refused comes first."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one of many, as the page lists it."""

    pk: int | None
    name: str
    words: str
    sentence: str
    is_refused: bool
    status: str


@for_moderators
@require_POST
def decide_selected(request: HttpRequest) -> HttpResponse:
    """Decide alike on what was selected, each as it was seen, with one result for each."""
    sent = request.POST
    view = answers.view_of(request) or View()
    picks = [_read_pick(text) for text in dict.fromkeys(sent.getlist("pick")[: bulk.MOST_CHOSEN + 1])]
    choices = [
        bulk.Choice(pk, sent.get("to", ""), seen, reason=sent.get("reason", ""), note=sent.get("note", ""))
        for pk, seen in picks
    ]
    if not choices:
        raise Refusal("nothing_selected", _("Select some comments first."), status=422)
    done = bulk.decide_many(choices, by=user_of(request))
    if HtmxDetails(request):
        return _in_place(request, view, done, choices)
    return _results(request, view, done.results, batch=done.batch)


@for_moderators
@require_http_methods(["GET", "HEAD", "POST"])
def decide_topic(request: HttpRequest) -> HttpResponse:
    """Decide alike on all that waits about a tag in a discussion, with the number said before it happens."""
    view = replace(read_view(request.GET), queue=Queue.PENDING, after=None, before=None)
    thread = Thread.objects.named(view.thread).first()
    tags = list(thread.tags.filter(slug__in=view.tags)) if thread else []
    if thread is None or len(tags) != 1 or len(view.tags) != 1:
        raise Refusal("unknown_tag", _("Choose one discussion and one of its tags first."), status=404)
    rows = Comment.objects.in_queue(Queue.PENDING).filter(thread=thread).matching(facets.masks_of(tags, view.tags))
    if request.method != "POST":
        return _ask(request, view, thread, tags[0], form=CardForm())
    sent = request.POST
    form = CardForm(reason=sent.get("reason", ""), note=sent.get("note", ""))
    newest, expected = read_number(sent.get("newest", "")), read_number(sent.get("expected", ""))
    if newest is None or expected is None:
        return _ask(request, view, thread, tags[0], form=form, status=422)
    try:
        done = bulk.decide_all(
            rows.filter(pk__lte=newest),
            by=user_of(request),
            to=sent.get("to", ""),
            expected=expected,
            reason=form.reason,
            note=form.note,
        )
    except InvalidFields as invalid:
        return _ask(request, view, thread, tags[0], form=replace(form, faults=invalid.fields), status=422)
    except Refusal as refusal:
        form = replace(form, news=(refusal.detail,))
        return _ask(request, view, thread, tags[0], form=form, status=refusal.status)
    return _results(request, view, done.results, batch=done.batch)


@for_moderators
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back a decision of the log, all that were made at once, or the moderator's last."""
    view, user, log_url = answers.view_of(request), user_of(request), _log_url(request)
    batch = read_batch(request.POST.get("batch", ""))
    event = None
    if batch is None:
        number = read_number(request.POST.get("event", ""))
        event = undoing.find_event(number) if number is not None else undoing.last_decision_of(user)
        if event is None:
            return _say(request, view, _("There is nothing of the last hour to undo."), back_url=log_url)
        # The key takes back what was done last, however much of it there was.
        batch = event.batch if number is None else None
    if batch is not None:
        results = bulk.undo_batch(batch, by=user)
        if HtmxDetails(request):
            messages.success(request, _summary(results), fail_silently=True)
            return HttpResponseClientRedirect((view or View()).url())
        return _results(request, view or View(), results, back_url=log_url)
    assert event is not None
    comment_id = event.comment_id or 0
    try:
        decision = undoing.undo(event, by=user)
    except Refusal as refusal:
        if not answers.is_answerable(refusal):
            raise
        form = CardForm(news=(refusal.detail,))
        if HtmxDetails(request):
            return _card(request, view, comment_id, form, status=refusal.status)
        return answers.in_vain(request, view, comment_id, form, status=refusal.status)
    sentence = _("Undone.") if decision.event is not None else _("Undone already.")
    said = answers.about(decision.comment, sentence)
    if HtmxDetails(request):
        return _card(request, view, comment_id, CardForm(), said=said)
    if log_url:
        messages.success(request, said, fail_silently=True)
        return answers.see_other(log_url)
    return answers.back(request, view, decision.comment, said)


def _card(
    request: HttpRequest, view: View | None, comment_id: int, form: CardForm, *, status: int = 200, said: str = ""
) -> HttpResponse:
    """The card as it stands again, with the counts."""
    card = card_of(comment_id, form, user=user_of(request))
    if card is None:
        raise answers.not_found()
    printer = Printer(request, view.query if view else None)
    context = {"card": printer.with_form(card), "tabs": read_tabs(view or View()), "live": said, **printer.context}
    return render(request, "comments/desk/_undone.html", context, status=status)


def _log_url(request: HttpRequest) -> str:
    """The page of the log that a form was sent from; empty for another page."""
    if "log" not in request.POST:
        return ""
    try:
        return read_search(QueryDict(request.POST["log"])).url("comments:log")
    except (Refusal, ValueError):
        return reverse("comments:log")


def _say(request: HttpRequest, view: View | None, sentence: str, *, back_url: str = "") -> HttpResponse:
    if HtmxDetails(request):
        return reswap(render(request, "comments/desk/_say.html", {"live": sentence}), "none")
    messages.info(request, sentence, fail_silently=True)
    return answers.see_other(back_url or (view or View()).url())


def _in_place(request: HttpRequest, view: View, done: bulk.Bulk, choices: Sequence[bulk.Choice]) -> HttpResponse:
    """Each card becomes a line, or comes back with what stands there now."""
    seen = {choice.comment_id: choice.seen for choice in choices}
    lines: list[dict[str, Any]] = []
    cards: list[Card] = []
    printer = Printer(request, view.query)
    for result in done.results:
        if result.decision is not None:
            lines.append(
                {
                    "comment": result.decision.comment,
                    "sentence": answers.said_of(result.decision),
                    "event": result.decision.event,
                }
            )
        elif result.refusal is not None and result.comment_id is not None:
            was = seen[result.comment_id]
            form = answers.form_after(result.refusal, CardForm(), seen=(was.status, str(was.revision)))
            card = card_of(result.comment_id, form)
            if card is not None:
                cards.append(printer.with_form(card))
    context = {
        "lines": lines,
        "cards": cards,
        "tabs": read_tabs(view),
        "batch": done.batch if done.changed else None,
        "live": _summary(done.results),
        **printer.context,
    }
    return render(request, "comments/desk/_bulk_done.html", context)


def _results(
    request: HttpRequest, view: View, results: Sequence[Result], *, batch: UUID | None = None, back_url: str = ""
) -> HttpResponse:
    """A page with one line for each.

    Args:
        back_url: where it leads back to; empty for the queue.
    """
    first = sorted(results, key=lambda result: result.refusal is None)[:_LISTED]
    rows = {
        comment.pk: comment
        for comment in Comment.objects.filter(pk__in=[result.comment_id for result in first]).only(
            "pk", "author_name", "html", "status"
        )
    }
    context = {
        "section": "moderation",
        "view": view,
        "summary": _summary(results),
        "lines": [_line(result, rows.get(result.comment_id or 0)) for result in first],
        "more": len(results) - len(first),
        "batch": batch if any(result.event is not None for result in results) else None,
        "back_url": back_url,
    }
    return render(request, "comments/desk/results.html", context)


def _line(result: Result, comment: Comment | None) -> Line:
    sentence = str(result.sentence)
    if result.decision is not None and result.undoes is None:
        sentence = answers.said_of(result.decision)
    return Line(
        pk=result.comment_id,
        name=comment.author_name if comment else "",
        words=comment.text if comment else "",
        sentence=sentence,
        is_refused=result.refusal is not None,
        status=comment.status if comment else "",
    )


def _summary(results: Sequence[Result]) -> str:
    """All of it in one sentence."""
    changed = sum(result.event is not None for result in results)
    refused = sum(result.refusal is not None for result in results)
    if any(result.undoes is not None for result in results):
        said = ngettext("%(count)d decision undone.", "%(count)d decisions undone.", changed) % {"count": changed}
    else:
        said = ngettext("%(count)d comment decided.", "%(count)d comments decided.", changed) % {"count": changed}
    if refused:
        other = ngettext("%(count)d was not: look below.", "%(count)d were not: look below.", refused)
        said = f"{said} {other % {'count': refused}}"
    return said


def _ask(
    request: HttpRequest, view: View, thread: Thread, tag: Tag, *, form: CardForm, status: int = 200
) -> HttpResponse:
    """Say how many there are, show the first of them, and ask what is to become of all."""
    rows = Comment.objects.in_queue(Queue.PENDING).filter(thread=thread).matching([tag.mask])
    count = bounded_count(rows)
    context = {
        "section": "moderation",
        "view": view,
        "thread": thread,
        "tag": tag,
        "count": count,
        "is_too_many": count > bulk.CEILING,
        "most": bulk.CEILING,
        "newest": newest_id(Queue.ALL),
        "examples": cards_of(list(for_cards(rows.order_by("pk"))[:5])),
        "offered": reasons.offered(),
        "form": form,
    }
    return render(request, "comments/desk/topic.html", context, status=status)


def _read_pick(text: str) -> tuple[int, Any]:
    pk, _dot, rest = text.partition(".")
    status, _dot, revision = rest.partition(".")
    number = read_number(pk)
    if number is None:
        raise Refusal("damaged", _("This form was damaged on its way. Select the comments once more."), status=422)
    return number, answers.read_seen(status, revision)
