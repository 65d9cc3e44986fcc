"""The views of "my data": what this site keeps about whoever is asking, and what they can do about it. Thin doors to
the verbs.

Who is asking is the browser, by its cookie, and through it the owner of the addresses that were confirmed in it. To a
browser that is neither known nor confirmed each of these pages says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from comments import appeals, clients, conf, cookies, erasing, exporting, mailing, owning, subscribing
from comments.appeals import Answer
from comments.errors import InvalidFields, Sentence
from comments.models import Comment, Pace, Status, Subscription
from comments.owning import Person
from comments.reader import mailbox
from comments.reader.guards import readers_own
from comments.reader.pages import own_page, private, see_other

PER_PAGE = 50
"""Comments that the overview lists at a time."""

_EXCERPT = 200

_DONE: dict[str, Sentence] = {
    "confirmed": gettext_lazy("Your email address is confirmed in this browser."),
    "renamed": gettext_lazy("Your name has been corrected."),
    "withdrawn": gettext_lazy("It is withdrawn. The text is gone."),
    "subscriptions": gettext_lazy("Your choice is kept."),
}
"""What an address may say has just been done."""


@dataclass(frozen=True, slots=True)
class Row:
    """A comment as the overview lists it."""

    comment: Comment
    excerpt: str
    standing: str
    is_gone: bool
    """Whether nothing is left to withdraw."""
    answer: Answer | None = None
    """What is said of a rejection."""


@readers_own
@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """Show what is kept about this browser, and about the owner of the addresses that were confirmed in it."""
    return _overview(request)


@readers_own
@require_safe
def data(request: HttpRequest) -> HttpResponseBase:
    """Hand out all of it as one file."""
    person = _person(request)
    if not person:
        return private(see_other(reverse("comments:mine")))
    text = json.dumps(exporting.export(person), ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    # The file holds what people typed; no browser is to take it for a page.
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)


@readers_own
@require_POST
def rename(request: HttpRequest) -> HttpResponseBase:
    """Correct the name on all comments."""
    person = _person(request)
    name = request.POST.get("name", "")
    try:
        erasing.rename(person, name)
    except InvalidFields as refusal:
        errors = refusal.fields["name"]
        return _overview(request, name=name, errors=errors, status=refusal.status)
    response = see_other(_done("renamed"))
    # It holds the former name, and would fill it in next time.
    cookies.drop(response, cookies.AUTHOR)
    return private(response)


@method_decorator(readers_own, name="dispatch")
class Withdraw(View):
    """Withdraw one comment, or all, after asking once. No window closes on this."""

    def get(self, request: HttpRequest, comment_id: int | None = None) -> HttpResponseBase:
        rows = owning.comments_of(_person(request)).exclude(status=Status.WITHDRAWN)
        if comment_id is not None:
            rows = rows.filter(pk=comment_id)
        count = rows.count()
        if not count:
            return private(see_other(reverse("comments:mine")))
        comment = rows.select_related("thread").first() if comment_id is not None else None
        context = {"comment": comment, "count": count}
        return private(own_page(request, "comments/mine_withdraw.html", context))

    def post(self, request: HttpRequest, comment_id: int | None = None) -> HttpResponseBase:
        erasing.withdraw(_person(request), None if comment_id is None else [comment_id])
        return private(see_other(_done("withdrawn")))


@readers_own
@require_POST
def subscriptions(request: HttpRequest) -> HttpResponseBase:
    """Change or end what comes by mail. Whoever confirmed an address in this browser needs no link from a mail."""
    try:
        mailbox.change(_subscriptions(_person(request)), request.POST)
    except InvalidFields as refusal:
        return _overview(request, refused=refusal, status=refusal.status)
    return private(see_other(_done("subscriptions")))


@method_decorator(readers_own, name="dispatch")
class Erase(View):
    """Forget whoever is asking, after a choice and a box that says so."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not _person(request):
            return private(see_other(reverse("comments:mine")))
        return self.show(request)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        person = _person(request)
        if not person:
            # Sent twice, or erased from another browser meanwhile: what was wanted holds.
            return self.done(request, None)
        choice = request.POST.get("comments", "")
        errors: dict[str, str] = {}
        if choice not in {"keep", "remove"}:
            errors["comments"] = _("Choose what is to become of your comments.")
        if "sure" not in request.POST:
            errors["sure"] = _("Tick the box if you are sure.")
        if errors:
            return self.show(request, choice=choice, errors=errors, status=422)
        return self.done(request, erasing.erase(person, keep_comments=choice == "keep"))

    def show(
        self, request: HttpRequest, *, choice: str = "", errors: dict[str, str] | None = None, status: int = 200
    ) -> HttpResponseBase:
        context = {
            "choice": choice,
            "errors": errors or {},
            "count": owning.comments_of(_person(request)).count(),
            "unconfirmed_days": conf.UNCONFIRMED_DAYS,
        }
        return private(own_page(request, "comments/erase.html", context, status=status))

    def done(self, request: HttpRequest, erased: erasing.Erased | None) -> HttpResponseBase:
        response = own_page(request, "comments/erased.html", {"erased": erased})
        for cookie in cookies.COOKIES:
            cookies.drop(response, cookie)
        return private(response)


def _overview(
    request: HttpRequest,
    *,
    name: str | None = None,
    errors: list[Any] | None = None,
    refused: InvalidFields | None = None,
    status: int = 200,
) -> HttpResponseBase:
    person = _person(request)
    if not person:
        context: dict[str, Any] = {"is_mail_offered": mailing.is_offered(), "is_known": False}
        return private(own_page(request, "comments/mine.html", context))
    comments = owning.comments_of(person)
    before = request.GET.get("before", "")
    page = comments.filter(pk__lt=int(before)) if _is_id(before) else comments
    rows = list(page.select_related("thread").order_by("-pk")[: PER_PAGE + 1])
    shown, has_more = rows[:PER_PAGE], len(rows) > PER_PAGE
    said = appeals.answers(shown)
    if name is None:
        named = comments.exclude(author_name="").order_by("-pk").values_list("author_name", flat=True)
        name = named.first() or ""
    context = {
        "is_known": True,
        "is_mail_offered": mailing.is_offered(),
        "is_confirmed": bool(person.commenters),
        "rows": [_row(comment, said.get(comment.pk)) for comment in shown],
        "older_url": f"{reverse('comments:mine')}?before={shown[-1].pk}#comments" if has_more else "",
        "is_first": not _is_id(before),
        "comment_count": comments.count(),
        "can_withdraw": comments.exclude(status=Status.WITHDRAWN).exists(),
        "recommendation_count": owning.recommendations_of(person).count(),
        "report_count": owning.reports_of(person).count(),
        "subscriptions": mailbox.lines(_subscriptions(person), request.POST, refused),
        "paces": Pace.choices,
        "name": name,
        "max_name_length": conf.MAX_NAME_LENGTH,
        "errors": errors or [],
        "done": _DONE.get(request.GET.get("done", ""), ""),
    }
    return private(own_page(request, "comments/mine.html", context, status=status))


def _person(request: HttpRequest) -> Person:
    return owning.of_browser(clients.reader_of(request))


def _subscriptions(person: Person) -> list[Subscription]:
    return list(subscribing.subscriptions_of(person.commenters))


def _row(comment: Comment, answer: Answer | None) -> Row:
    # To its author spam waits like the rest, here as on the page of the discussion.
    status = Status.PENDING if comment.status == Status.SPAM else Status(comment.status)
    excerpt = Truncator(comment.text).chars(_EXCERPT)
    return Row(comment, excerpt, str(status.label), is_gone=comment.status == Status.WITHDRAWN, answer=answer)


def _done(what: str) -> str:
    return f"{reverse('comments:mine')}?done={what}"


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
