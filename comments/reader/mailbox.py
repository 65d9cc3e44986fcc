"""The views around mail: ask to be told, confirm an address, change or stop what comes. Thin doors to the verbs.

What these pages answer is the same for every address. A link shows; only a button acts: mail programs open links by
themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from comments import clients, confirming, drafts, links, subscribing
from comments.errors import InvalidFields, Sentence
from comments.models import Comment, Pace, Subscription, Tag, Thread
from comments.reader.guards import readers_own
from comments.reader.pages import own_page, private, see_other


@method_decorator([sensitive_post_parameters("email"), readers_own], name="dispatch")
class Subscribe(View):
    """Let a reader follow a thread, a tag of it, or the replies to a comment of their own."""

    def get(self, request: HttpRequest, thread_id: int) -> HttpResponseBase:
        return self.show(request, _wish(request, thread_id), {})

    @method_decorator(sensitive_variables("address"))
    def post(self, request: HttpRequest, thread_id: int) -> HttpResponseBase:
        wish = _wish(request, thread_id)
        address = request.POST.get("email", "").strip()
        client_digest = clients.client_digest(request)
        try:
            # In one transaction, so that what is refused leaves no reader behind.
            with transaction.atomic():
                reader, cookie = clients.reader_for(request)
                subscription = subscribing.subscribe(wish, reader=reader, address=address, client_digest=client_digest)
        except InvalidFields as refusal:
            return self.show(request, wish, {**refusal.fields}, status=refusal.status)
        # Never where an address was typed: that would tell whether it is known.
        is_active = not address and subscription.confirmed_at is not None
        response = self.show(request, wish, {}, is_done=True, is_active=is_active)
        clients.remember(response, request, cookie)
        return response

    def show(
        self,
        request: HttpRequest,
        wish: subscribing.Wish,
        errors: dict[str, Any],
        *,
        is_done: bool = False,
        is_active: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        confirming.require_mail()
        reader = clients.reader_of(request)
        context = {
            "thread": wish.thread,
            "wish": wish,
            "paces": Pace.choices,
            "email": drafts.TypedAddress(request.POST.get("email", "")),
            "errors": errors,
            "is_done": is_done,
            "is_active": is_active,
            "is_known": reader is not None and bool(reader.commenter_ids),
        }
        page = own_page(request, "comments/subscribe.html", context, status=status)
        private(page)
        return page


@method_decorator([sensitive_post_parameters("email"), readers_own], name="dispatch")
class Ask(View):
    """Take an address that somebody wants to have confirmed in this browser."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(request, {})

    @method_decorator(sensitive_variables("address"))
    def post(self, request: HttpRequest) -> HttpResponseBase:
        address = request.POST.get("email", "")
        client_digest = clients.client_digest(request)
        try:
            with transaction.atomic():
                reader, cookie = clients.reader_for(request)
                confirming.ask(address=address, reader=reader, client_digest=client_digest)
        except InvalidFields as refusal:
            return self.show(request, {**refusal.fields}, status=refusal.status)
        response = self.show(request, {}, is_done=True)
        clients.remember(response, request, cookie)
        return response

    def show(
        self, request: HttpRequest, errors: dict[str, Any], *, is_done: bool = False, status: int = 200
    ) -> HttpResponse:
        confirming.require_mail()
        context = {"email": drafts.TypedAddress(request.POST.get("email", "")), "errors": errors, "is_done": is_done}
        page = own_page(request, "comments/ask.html", context, status=status)
        private(page)
        return page


@method_decorator(readers_own, name="dispatch")
class AskForOwn(View):
    """Have the address confirmed with which one's own comment was posted; nothing needs to be typed again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, comment_id: int) -> HttpResponseBase:
        reader = clients.reader_of(request)
        if reader is None:
            raise Http404
        own = Comment.objects.owned_by(reader).select_related("commenter", "thread")
        found = get_object_or_404(own, pk=comment_id)
        confirming.ask_for_own(found, reader=reader, client_digest=clients.client_digest(request))
        context = {"is_done": True, "errors": {}, "thread": found.thread}
        return private(own_page(request, "comments/ask.html", context))


@method_decorator(readers_own, name="dispatch")
class Confirm(View):
    """Show what a link would confirm, and confirm it when its owner says so."""

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        offer = confirming.read(token, reader=clients.reader_of(request))
        if offer.is_done:
            return private(see_other(reverse("comments:mine")))
        return by_link(own_page(request, "comments/confirm.html", {"offer": offer, "token": token}))

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        # First: a link that is gone neither makes a new reader nor counts as one.
        confirming.read(token, reader=clients.reader_of(request))
        chosen = [int(pk) for pk in request.POST.getlist("subscription") if _is_id(pk)]
        with transaction.atomic():
            reader, cookie = clients.reader_for(request)
            confirming.confirm(token, reader=reader, subscriptions=chosen)
        response = see_other(reverse("comments:mine") + "?done=confirmed")
        clients.remember(response, request, cookie)
        return by_link(response)


@method_decorator(readers_own, name="dispatch")
class Subscriptions(View):
    """Show and change what somebody gets, by the link of a mail: no account, no cookie."""

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        return self.show(request, token)

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        rows = subscribing.subscriptions_of([links.read_management(token).pk])
        try:
            change(rows, request.POST)
        except InvalidFields as refusal:
            return self.show(request, token, refusal=refusal)
        return self.show(request, token, is_changed=True)

    def show(
        self, request: HttpRequest, token: str, *, is_changed: bool = False, refusal: InvalidFields | None = None
    ) -> HttpResponseBase:
        rows = subscribing.subscriptions_of([links.read_management(token).pk])
        context = {
            "subscriptions": lines(rows, request.POST, refusal),
            "paces": Pace.choices,
            "token": token,
            "is_changed": is_changed,
        }
        status = refusal.status if refusal else 200
        return by_link(own_page(request, "comments/subscriptions.html", context, status=status))


@dataclass(frozen=True, slots=True)
class Line:
    """A subscription as its form shows it: with what was chosen there, where that was refused."""

    row: Subscription
    pace: str
    errors: Sequence[Sentence] = ()


def lines(rows: Iterable[Subscription], form: QueryDict, refusal: InvalidFields | None = None) -> list[Line]:
    """The form of these subscriptions, as they stand or, where it was refused, as it was sent."""
    if refusal is None:
        return [Line(row, row.pace) for row in rows]
    return [
        Line(row, form.get(name, row.pace), refusal.fields.get(name, ())) for row in rows for name in [f"pace-{row.pk}"]
    ]


def change(rows: Iterable[Subscription], form: QueryDict) -> None:
    """Do to these subscriptions what their form asks for: end one or all, or change how often they write.

    Raises:
        InvalidFields: there is no such pace; nothing is changed.
    """
    chosen = form.get("stop", "")
    if "stop_all" in form or chosen:
        subscribing.stop([row.pk for row in rows if "stop_all" in form or str(row.pk) == chosen])
        return
    paces = {row: form.get(f"pace-{row.pk}", row.pace) for row in rows}
    subscribing.change_paces({row: pace for row, pace in paces.items() if pace != row.pace})


@method_decorator(readers_own, name="dispatch")
class Stop(View):
    """End what one mail came from. A mail program posts here by itself when its reader presses "unsubscribe"
    (RFC 8058): it brings no cookie, and nothing but the link says who it is."""

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        ids = links.read_stopping(token)
        rows = Subscription.objects.filter(pk__in=ids).select_related("thread", "comment", "tag").order_by("pk")
        context = {"subscriptions": rows, "token": token, "is_done": not rows}
        return by_link(own_page(request, "comments/stop.html", context))

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        subscribing.stop_by_link(token)
        return by_link(own_page(request, "comments/stop.html", {"token": token, "is_done": True}))


def by_link(response: HttpResponseBase) -> HttpResponseBase:
    """Mark an answer at an address that is a secret: no cache keeps it, and no other site is told of it."""
    response["Referrer-Policy"] = "same-origin"
    return private(response)


def _wish(request: HttpRequest, thread_id: int) -> subscribing.Wish:
    """What the address and the form of the page ask for."""
    thread = get_object_or_404(Thread, pk=thread_id)
    asked = request.POST if request.method == "POST" else request.GET
    pace = asked.get("pace", Pace.AT_ONCE)
    if asked.get("comment"):
        return subscribing.Wish(thread, comment=_own_comment(request, thread, asked["comment"]), pace=pace)
    # Compared here, not in the query: PostgreSQL raises on a NUL.
    slug = asked.get("tag", "")
    tag = next((tag for tag in Tag.objects.filter(thread=thread) if tag.slug == slug), None) if slug else None
    if slug and tag is None:
        raise Http404
    return subscribing.Wish(thread, tag=tag, pace=pace)


def _own_comment(request: HttpRequest, thread: Thread, number: str) -> Comment:
    """A comment of one's own: whose replies come by mail is its author's affair."""
    reader = clients.reader_of(request)
    if reader is None or not _is_id(number):
        raise Http404
    return get_object_or_404(Comment.objects.owned_by(reader), pk=int(number), thread=thread)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
