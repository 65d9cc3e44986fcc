"""The views of readers. Thin doors: parse, call the verb, answer."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from comments import appeals, clients, conf, confirming, cookies, mailing, posting, recommending, reporting
from comments.errors import InvalidFields, Refusal
from comments.models import READERS_REASONS, Comment, Recommendation, Status, Thread
from comments.reader import discussion
from comments.reader.forms import HONEYPOT, ReplyForm
from comments.reader.guards import readers_own, refused
from comments.reader.pages import article_page, own_page, private, see_other
from comments.reader.stamps import read_stamp
from comments.sanitize import render as render_body
from comments.texts import clean_body


@sensitive_post_parameters("email")
@readers_own
@require_POST
def post(request: HttpRequest, thread_id: int) -> HttpResponseBase:
    """Take the reply form."""
    thread = get_object_or_404(Thread, pk=thread_id)
    form = ReplyForm(request.POST)
    if "preview" in request.POST:
        return article_page(request, thread, form, status=200)
    stamp = read_stamp(request.POST.get("stamp", ""), thread.pk)
    draft = form.draft()
    origin = posting.Origin(
        reader=clients.reader_of(request),
        user=clients.staff_user(request),
        client_digest=clients.client_digest(request),
        seconds=stamp.seconds,
        honeypot=request.POST.get(HONEYPOT, ""),
        # Two readers who were shown one page by a shared cache hold one stamp, and each has something else to say.
        key=stamp.key and "\0".join([stamp.key, *map(str, astuple(draft))]),
    )
    if origin.user is not None and not draft.name:
        draft = replace(draft, name=clients.staff_name(origin.user))
    try:
        posted = posting.post(thread, draft, origin)
    except Refusal as refusal:
        form.add_refusal(refusal)
        response = article_page(request, thread, form, status=refusal.status)
        if refusal.retry_after:
            response["Retry-After"] = str(refusal.retry_after)
        return response
    answer = see_other(discussion.address_of(posted.comment, reader=posted.comment.reader))
    clients.remember(answer, request, posted.cookie)
    _remember_author(answer, request, posted.comment)
    return private(answer)


@require_safe
def comment(request: HttpRequest, comment_id: int) -> HttpResponseBase:
    """Lead to the page that shows a comment. One that only its author may see is not found by anybody else."""
    found = _visible(request, comment_id)
    response = HttpResponseRedirect(discussion.address_of(found, reader=clients.reader_of(request)))
    return response if found.is_public else private(response)


@require_safe
def status(request: HttpRequest, comment_id: int) -> HttpResponseBase:
    """Show an author how a comment of theirs stands."""
    found = own_comment(request, comment_id)
    reader = clients.reader_of(request)
    context = {
        "comment": found,
        "thread": found.thread,
        "can_change": found.is_editable_by(reader),
        "can_confirm": reader is not None and confirming.can_confirm(found, reader),
        "can_follow": mailing.is_offered() and found.status in {Status.PENDING, Status.SPAM, Status.APPROVED},
        "is_waiting": found.status in {Status.PENDING, Status.SPAM},
        "answer": appeals.answer(found),
        "has_appeal": appeals.is_marked(found) and found.appeals.filter(settled_at__isnull=True).exists(),
    }
    return private(own_page(request, "comments/status.html", context))


@require_safe
def replies(request: HttpRequest, comment_id: int) -> HttpResponseBase:
    """Show further replies of a conversation: as a piece of the page to htmx, as a page of their own otherwise."""
    root = get_object_or_404(
        Comment.objects.select_related("thread"), pk=comment_id, parent__isnull=True, is_listed=True
    )
    after, until = request.GET.get("after", "0"), request.GET.get("until", "999999999")
    if not all(number.isascii() and number.isdigit() and len(number) < 10 for number in (after, until)):
        refusal = Refusal("bad_cursor", _("This link is damaged. Start again from the discussion."))
        return refused(request, refusal, thread=root.thread)
    context = discussion.replies_context(
        root, after=int(after), until=int(until), page_url=root.thread.get_absolute_url()
    )
    template = "comments/_replies.html" if HtmxDetails(request) else "comments/replies.html"
    return either(own_page(request, template, {**context}))


@method_decorator(readers_own, name="dispatch")
class Edit(View):
    """Let an author change the text."""

    def get(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        if not found.is_editable_by(clients.reader_of(request)):
            return private(see_other(reverse("comments:status", args=[found.pk])))
        return self.show(request, found, found.body, [])

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        body = request.POST.get("body", "")
        try:
            edited = posting.edit(found, body=body, reader=clients.reader_of(request))
        except InvalidFields as refusal:
            return self.show(request, found, body, next(iter(refusal.fields.values())), status=refusal.status)
        except Refusal as refusal:
            # The window closed meanwhile: what was typed is shown once more, so that it can be taken elsewhere.
            return self.show(request, found, body, [refusal.detail], status=refusal.status)
        return private(see_other(discussion.address_of(edited, reader=clients.reader_of(request))))

    def show(
        self, request: HttpRequest, found: Comment, body: str, errors: list[Any], status: int = 200
    ) -> HttpResponseBase:
        context = {
            "comment": found,
            "thread": found.thread,
            "body": body,
            "errors": errors,
            "max_length": conf.MAX_LENGTH,
        }
        return private(own_page(request, "comments/edit.html", context, status=status))


@method_decorator(readers_own, name="dispatch")
class Withdraw(View):
    """Let an author take a comment back, after asking once."""

    def get(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        if not found.is_editable_by(clients.reader_of(request)):
            return private(see_other(reverse("comments:status", args=[found.pk])))
        return private(own_page(request, "comments/withdraw.html", {"comment": found, "thread": found.thread}))

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = own_comment(request, comment_id)
        posting.withdraw(found, reader=clients.reader_of(request))
        return private(see_other(reverse("comments:status", args=[found.pk])))


@method_decorator(readers_own, name="dispatch")
class Recommend(View):
    """Give a recommendation, or take it back: a button to htmx, a page that says how it stands otherwise."""

    def get(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        return self.show(request, _public(comment_id))

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found = _public(comment_id)
        reader, cookie = clients.reader_for(request)
        is_given = Recommendation.objects.filter(comment=found, reader=reader).exists()
        recommending.recommend(found, reader=reader, wanted=not is_given)
        if HtmxDetails(request):
            response: HttpResponseBase = self.show(request, found, is_given=not is_given)
        else:
            response = see_other(reverse("comments:recommend", args=[found.pk]))
        clients.remember(response, request, cookie)
        return private(response)

    def show(self, request: HttpRequest, found: Comment, is_given: bool | None = None) -> HttpResponse:
        if is_given is None:
            reader = clients.reader_of(request)
            is_given = reader is not None and Recommendation.objects.filter(comment=found, reader=reader).exists()
        context = {"comment": found, "thread": found.thread, "is_given": is_given}
        template = "comments/_recommend.html" if HtmxDetails(request) else "comments/recommend.html"
        response = own_page(request, template, context)
        private(response)
        return response


@method_decorator(readers_own, name="dispatch")
class ReportView(View):
    """Take a complaint."""

    def get(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        return self.show(request, _public(comment_id))

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        found, cookie = _public(comment_id), ""
        try:
            reader, cookie = clients.reader_for(request)
            reporting.report(
                found, reader=reader, reason=request.POST.get("reason", ""), note=request.POST.get("note", "")
            )
        except InvalidFields as refusal:
            response = self.show(request, found, refusal.fields, status=refusal.status)
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            # Blocked, or too many at once: what was typed is shown once more.
            response = self.show(request, found, {"": [refusal.detail]}, status=refusal.status)
        else:
            response = self.show(request, found, is_done=True)
        clients.remember(response, request, cookie)
        return response

    def show(
        self,
        request: HttpRequest,
        found: Comment,
        errors: dict[str, list[Any]] | None = None,
        *,
        is_done: bool = False,
        status: int = 200,
    ) -> HttpResponseBase:
        context = {
            "comment": found,
            "thread": found.thread,
            "reasons": READERS_REASONS,
            "reason": request.POST.get("reason", ""),
            "note": request.POST.get("note", ""),
            "errors": errors or {},
            "refusals": (errors or {}).get("", []),
            "is_done": is_done,
            "is_piece": bool(HtmxDetails(request)),
        }
        template = "comments/_report.html" if HtmxDetails(request) else "comments/report.html"
        return private(own_page(request, template, context, status=status))


@readers_own
@require_POST
def preview(request: HttpRequest) -> HttpResponseBase:
    """Render what stands in the form, without storing anything."""
    body = clean_body(request.POST.get("body", ""))[: conf.MAX_LENGTH]
    return private(own_page(request, "comments/_preview.html", {"html": render_body(body) if body else ""}))


def either(response: HttpResponseBase) -> HttpResponseBase:
    """Say that this address answers htmx with a piece and everybody else with a page, so that no cache mixes them."""
    patch_vary_headers(response, ("HX-Request",))
    return response


def _remember_author(response: HttpResponseBase, request: HttpRequest, stored: Comment) -> None:
    if request.POST.get("remember"):
        value = signing.dumps([stored.author_name, stored.author_website], salt=discussion.AUTHOR_COOKIE)
        cookies.keep(response, request, cookies.AUTHOR, value)
    elif discussion.AUTHOR_COOKIE in request.COOKIES:
        cookies.drop(response, cookies.AUTHOR)


def _public(comment_id: int) -> Comment:
    return get_object_or_404(Comment.objects.public().select_related("thread"), pk=comment_id)


def _visible(request: HttpRequest, comment_id: int) -> Comment:
    """A comment that this browser may see: public, listed as a tombstone, or its own."""
    shown = Comment.objects.visible_to(clients.reader_of(request))
    return get_object_or_404(shown.select_related("thread"), pk=comment_id)


def own_comment(request: HttpRequest, comment_id: int) -> Comment:
    """A comment of this browser's own, however it stands; to any other it is not found."""
    reader = clients.reader_of(request)
    if reader is None:
        raise Http404
    return get_object_or_404(Comment.objects.owned_by(reader).select_related("thread"), pk=comment_id)
