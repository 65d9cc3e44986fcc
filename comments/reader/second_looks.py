"""The views of an author whose comment was rejected: ask for another look, or revise it and send it again.

Thin doors to `comments.appealing`. Both are plain forms; what is refused is said at the field, and nothing typed is
lost.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View

from comments import appealing, appeals, clients, conf
from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import Comment
from comments.reader.guards import readers_own
from comments.reader.pages import own_page, private, see_other
from comments.reader.views import own_comment


@method_decorator(readers_own, name="dispatch")
class Appeal(View):
    """Ask for another look."""

    def get(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        answer = appeals.answer(found)
        if answer is None or not answer.can_appeal:
            return private(see_other(_status(found)))
        return self.show(request, found, "", [])

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        text = request.POST.get("text", "")
        try:
            appealing.appeal(found, reader=clients.reader_of(request), text=text)
        except Refusal as refusal:
            return self.show(request, found, text, _sentences(refusal), status=refusal.status)
        return private(see_other(_status(found)))

    def show(
        self, request: HttpRequest, found: Comment, text: str, errors: list[Sentence], status: int = 200
    ) -> HttpResponseBase:
        context = {**_context(found, errors), "text": text, "max_length": appeals.MAX_TEXT}
        return private(own_page(request, "comments/appeal.html", context, status=status))


@method_decorator(readers_own, name="dispatch")
class Revise(View):
    """Send a revised text."""

    def get(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        answer = appeals.answer(found)
        if answer is None or not answer.can_revise:
            return private(see_other(_status(found)))
        return self.show(request, found, found.body, [])

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        body = request.POST.get("body", "")
        try:
            appealing.resubmit(found, body=body, reader=clients.reader_of(request))
        except Refusal as refusal:
            return self.show(request, found, body, _sentences(refusal), status=refusal.status)
        return private(see_other(_status(found)))

    def show(
        self, request: HttpRequest, found: Comment, body: str, errors: list[Sentence], status: int = 200
    ) -> HttpResponseBase:
        context = {**_context(found, errors), "body": body, "max_length": conf.MAX_LENGTH}
        return private(own_page(request, "comments/revise.html", context, status=status))


def _context(found: Comment, errors: list[Sentence]) -> dict[str, Any]:
    return {"comment": found, "thread": found.thread, "answer": appeals.answer(found), "errors": errors}


def _sentences(refusal: Refusal) -> list[Sentence]:
    if isinstance(refusal, InvalidFields):
        return [sentence for said in refusal.fields.values() for sentence in said]
    return [refusal.detail]


def _status(found: Comment) -> str:
    return reverse("comments:status", args=[found.pk])
