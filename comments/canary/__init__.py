"""The canary: posts comments under made-up addresses, fetches whatever the site hands out, and looks for the addresses.

`manage.py check_privacy` and the tests call it. It uses the real form, the real API and every page that it can find,
so a page that is added later is looked at without being named here. All of it happens in one transaction that is
rolled back – of SQLite in a copy –, with a cache that keeps nothing, a mail outbox in memory and a queue that takes
nothing: the site's own tables are as they were before.
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from comments import alerting, confirming, mailing, moderation, signals, tagging, webhooks
from comments.canary.forms import Form, find_form
from comments.canary.quiet import HOST, kept_in_caches, listening, nothing_stays, on_a_copy
from comments.canary.traces import Traces, unpacked
from comments.canary.visitors import Visitor, own_pages, pages_of_the_admin, pages_of_the_site
from comments.models import Comment, Commenter, Delivery, Outbox, Subscription, Tag, Thread, Webhook
from comments.screening import Facts
from comments.tasks import kept_from_the_queue

OWN_APPS = ("comments", "analysis")
"""Apps whose receivers hear of the canary's comments. A host's own might do what no rollback takes back."""

_ROWS = 40
"""Newest rows of each table that are read; the canary's are among them."""

_MAIL_LINK = re.compile(rf"https://{HOST}(/\S+)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A trace of an address: where it stands, and in which form."""

    where: str
    form: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the canary found.

    Args:
        places: how many texts were searched.
        kinds: how many of each kind.
        hits: the traces.
        broken: places that could not be looked at, because they answered with an error of the server.
    """

    places: int
    kinds: dict[str, int]
    hits: tuple[Hit, ...]
    broken: tuple[str, ...]


class CannotCheck(Exception):
    """The site does not let the canary in: there is nothing to check, or nothing can be posted."""


def check(thread: Thread | None = None, *, progress: Callable[[str], object] | None = None) -> Finding:
    """Post, fetch, search, and take everything back.

    Args:
        thread: where to post; the newest one with a page by default.
        progress: told of each place.

    Raises:
        CannotCheck: no comment could be posted.
    """
    with on_a_copy(), nothing_stays(), transaction.atomic():
        try:
            return _Canary(thread or _some_thread(), progress or (lambda where: None)).sing()
        finally:
            transaction.set_rollback(True)


def stumble(facts: Facts) -> None:
    """A screen that fails: what does a site's error report say of the address that was just typed?"""
    raise RuntimeError("The canary stumbled on purpose.")


def canary_addresses() -> tuple[str, ...]:
    """Addresses in odd forms that exist nowhere: mixed case, a plus-tag, an international name, dots."""
    token = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
    return (
        f"Canary.{token.upper()[:6]}{token[6:]}@Mail-{token}.Example.ORG",
        f"q{token}x+harbour.news@{token}-post.example",
        f"пошта-{token}@приклад-{token}.укр",
        f"c.a.n.a.r.y.{token}.w@{token}.dots.example",
    )


def _some_thread() -> Thread:
    found = Thread.objects.exclude(url="").order_by("-pk").first() or Thread.objects.order_by("-pk").first()
    return found or Thread.objects.create(key=f"canary-{secrets.token_hex(8)}", title="Canary", url="/")


@dataclass
class _Canary:
    """One check: what was posted, where it looked, what it found."""

    thread: Thread
    progress: Callable[[str], object]
    traces: Traces = field(default_factory=Traces)
    kinds: Counter[str] = field(default_factory=Counter)
    hits: dict[Hit, None] = field(default_factory=dict)
    broken: dict[str, None] = field(default_factory=dict)
    told: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)

    def look(self, where: str, content: str, *, kind: str) -> None:
        """Search one text."""
        self.kinds[kind] += 1
        self.progress(where)
        for form in self.traces.find(content):
            self.hits[Hit(where, form)] = None

    def note_broken(self, who: str, path: str, response: Any) -> None:
        """Remember a page that could not be looked at. 503 is an answer: a probe says so of a part that is down."""
        if response.status_code >= 500 and response.status_code != 503:
            self.broken[f"{who}: {path} -> {response.status_code}"] = None

    def sing(self) -> Finding:
        """Post, do what readers and staff do, fetch everything, search everything."""
        addresses = canary_addresses()
        for address in addresses:
            self.traces.add(address)
        Thread.objects.filter(pk=self.thread.pk).update(
            mode="publish", close_after_days=None, created_at=timezone.now()
        )
        self.thread.refresh_from_db()
        with ExitStack() as stack:
            stack.enter_context(listening(lambda where, text: self.look(where, text, kind="log records")))
            stack.enter_context(patch.object(signals, "tell", self._hear))
            stranger, author, staff = (Visitor(name, self) for name in ("stranger", "author", "staff"))
            user = _member_of_staff()
            staff.client.force_login(user)
            _listen(user)
            self._post(author, addresses)
            comments = list(Comment.objects.filter(thread=self.thread).order_by("-pk")[: 2 * len(addresses)])
            self._decide(comments, user)
            self._correspond(author, stranger, addresses)
            self._err(author, stranger, addresses, comments)
            self._use_the_api(author, staff, comments)
            start = [*own_pages(self.thread, comments), *pages_of_the_site(self.thread, comments)]
            stranger.crawl(start)
            author.crawl(start)
            staff.crawl([*start, *pages_of_the_admin()])
            self._break(author, addresses)
            self._tell_receivers()
        self._send_mail()
        self._read_mail()
        self._read_webhooks()
        self._read_tables()
        for key, value in kept_in_caches():
            self.look(f"cache: {key}", f"{key} {value!r}", kind="cache entries")
        return Finding(sum(self.kinds.values()), dict(self.kinds), tuple(self.hits), tuple(self.broken))

    def _hear(self, signal: Any, **arguments: Any) -> None:
        self.told.append((signal, arguments))

    def _post(self, author: Visitor, addresses: tuple[str, ...]) -> None:
        """Through the form and through the API, as readers and programs do."""
        first = None
        for number, address in enumerate(addresses):
            fields = {
                "body": f"The canary sings, verse {secrets.token_hex(4)}.",
                "name": f"Canary {number}",
                "email": address,
                "website": "https://canary.example/",
                "remember": "1",
                "notify": "1",
                "parent": first or "",
            }
            form = self._form(author)
            for name in form.kept:
                place, typed = f"browser: what the form keeps of “{name}”", str(fields.get(name, ""))
                self.look(place, typed, kind="kept in the browser")
            response = author.send("post", form.target, {**form.hidden, **fields})
            if response.status_code != 303:
                raise CannotCheck(f"The reply form answered {response.status_code} to a valid comment.")
            # Programs have the comment's id from the answer; here, the newest of the thread is ours.
            first = first or Comment.objects.filter(thread=self.thread).latest("pk").pk
            again: dict[str, Any] = {key: value for key, value in fields.items() if key not in {"remember", "notify"}}
            again |= {"body": f"The canary sings to programs, {secrets.token_hex(4)}.", "parent": first}
            author.send("post", self._api(), again, is_json=True, headers={"Idempotency-Key": secrets.token_hex(8)})
        for commenter in Commenter.objects.order_by("-pk")[: len(addresses)]:
            self.traces.add_secret(bytes(commenter.sealed_address), "sealed address")
            self.traces.add_secret((commenter.address_digest or "").encode(), "keyed digest of the address")

    def _form(self, visitor: Visitor) -> Form:
        """The reply form, as the page of the article has it, or one that came back."""
        target = reverse("comments:post", args=[self.thread.pk])
        page = urlsplit(self.thread.get_absolute_url()).path or "/"
        for response in (
            lambda: visitor.send("get", page),
            lambda: visitor.send("post", target, {"body": "", "name": "", "email": ""}),
        ):
            if (found := find_form(response().text_seen, target)) is not None:
                return found
        raise CannotCheck(f"There is no reply form on {page}.")

    def _api(self) -> str:
        return reverse("comments:api-comments", args=[str(self.thread.pk)])

    def _decide(self, comments: list[Comment], user: Any) -> None:
        """Bring the comments into every status, and give them tags."""
        tag = Tag.objects.filter(thread=self.thread).first()
        if tag is None:
            (tag,) = tagging.define_tags(self.thread, [tagging.TagSpec("canary", "indicator", "Canary")])
        for comment, to in zip(comments, ("rejected", "spam"), strict=False):
            seen = moderation.Seen(comment.status, comment.revision)
            moderation.decide(comment, to=to, by=user, seen=seen, reason="other" if to == "rejected" else "")
        Comment.objects.filter(pk__in=[comment.pk for comment in comments[2:3]]).update(status="pending")
        for comment in comments:
            tagging.correct(comment, tag, applies=True, by=user)

    def _correspond(self, author: Visitor, stranger: Visitor, addresses: tuple[str, ...]) -> None:
        """Ask for mail, confirm, be told of a reply, and follow every link of every mail."""
        follow = reverse("comments:subscribe", args=[self.thread.pk])
        for address in addresses:
            # Newcomers, because one browser may ask only so often.
            for visitor in (Visitor("asker", self), Visitor("follower", self)):
                visitor.send("post", reverse("comments:ask"), {"email": address})
                visitor.send("post", reverse("comments:ask"), {"email": f"{address}@{address}"})
                visitor.send("post", follow, {"email": address, "pace": "daily"})
                visitor.send("post", follow, {"email": address, "pace": "nonsense"})
        confirming.settle_waiting(limit=_ROWS)
        self._send_mail()
        for path in self._links_of_mails():
            author.send("get", path)
            author.send(
                "post", path, {"subscription": [row.pk for row in Subscription.objects.order_by("-pk")[:_ROWS]]}
            )
        # Not one for each: Django cannot write to an international name in front of the @.
        if not mail.outbox:
            raise CannotCheck("The site did not send its confirmation mails to the canary.")
        before = len(mail.outbox)
        form = self._form(stranger)
        for parent in Comment.objects.public().filter(thread=self.thread).order_by("-pk")[: 2 * len(addresses)]:
            fields = {"body": f"An answer to the canary, {secrets.token_hex(4)}.", "name": "Echo"}
            fields |= {"email": f"echo-{secrets.token_hex(6)}@example.org", "parent": str(parent.pk)}
            stranger.send("post", form.target, {**form.hidden, **fields})
        self._send_mail()
        if len(mail.outbox) == before:
            raise CannotCheck("Nobody was told of the replies to the canary's comments.")
        for path in self._links_of_mails(before):
            stranger.send("get", path)
            stranger.send("post", path, {})

    def _send_mail(self) -> None:
        """Send what waits, digests included, without waiting for their day."""
        for pk in (
            Outbox.objects.filter(state=Outbox.State.WAITING).order_by("-pk").values_list("pk", flat=True)[:_ROWS]
        ):
            Outbox.objects.filter(pk=pk).update(due_at=timezone.now())
            mailing.send(pk)

    def _links_of_mails(self, first: int = 0) -> list[str]:
        """The paths of our own pages in the mails from number `first` on."""
        bodies = "\n".join(str(message.body) for message in mail.outbox[first:])
        return list(dict.fromkeys(_MAIL_LINK.findall(bodies)))

    def _err(self, author: Visitor, stranger: Visitor, addresses: tuple[str, ...], comments: list[Comment]) -> None:
        """Everything that goes wrong while an address is being typed."""
        target, gone = reverse("comments:post", args=[self.thread.pk]), reverse("comments:post", args=[2**40])
        for address in addresses:
            bad = {"body": "", "name": "", "email": address, "website": "javascript:alert(1)", "parent": "no number"}
            good = {**bad, "body": "Once more.", "name": "Canary", "website": "", "parent": ""}
            form = self._form(author)
            author.send("post", form.target, {**form.hidden, **bad})
            author.send("post", form.target, {**form.hidden, **bad, "email": f"{address}@{address}"})
            author.send("post", form.target, {**form.hidden, **good, "preview": "1"})
            author.send("post", form.target, {**good, "stamp": "forged"})
            author.send("post", form.target, {**form.hidden, **good, "name": "Admin"})
            author.send("post", gone, {**form.hidden, **good})
            stranger.send("post", target, good, headers={"Origin": "https://evil.example"})
            author.send("post", reverse("comments:preview"), good)
            author.send("put", target, good)
            for fields in (bad, {**good, "email": [address]}, {**good, "no_such_field": address}, [address]):
                author.send("post", self._api(), fields, is_json=True)
            author.send("post", self._api(), good, headers={"Idempotency-Key": "x" * 1000})
            author.send("post", reverse("comments:api-comments", args=["gone"]), good, is_json=True)
        for comment in comments[-2:]:
            for name in ("report", "recommend", "edit", "withdraw", "status"):
                path = reverse(f"comments:{name}", args=[comment.pk])
                author.send("get", path)
                if name != "withdraw":
                    author.send("post", path, {"reason": "nonsense", "note": "n" * 600, "body": ""})
                stranger.send("post", path, {"reason": "other", "note": "from a stranger"})

    def _use_the_api(self, author: Visitor, staff: Visitor, comments: list[Comment]) -> None:
        """Calls that change something, well and badly."""
        for comment in comments[:2] + comments[-2:]:
            path = reverse("comments:api-comment", args=[comment.pk])
            author.send("patch", path, {"body": "A correction by the canary."}, is_json=True)
            author.send("patch", path, {"nonsense": 1}, is_json=True)
            tag = reverse("comments:api-comment-tag", args=[comment.pk, "no-such-tag"])
            staff.send("put", tag, {"applies": True}, is_json=True)
            for to, seen in (("approved", "approved"), ("spam", "pending"), ("nonsense", "approved")):
                decision = {"comment": comment.pk, "to": to, "seen_status": seen, "seen_revision": 1}
                path = reverse("comments:api-decisions")
                staff.send("post", path, {"decisions": [decision]}, is_json=True)
                author.send("post", path, {"decisions": [decision]}, is_json=True)

    def _break(self, author: Visitor, addresses: tuple[str, ...]) -> None:
        """Fail in the middle of posting: the log record is what the administrators are mailed."""
        screens = {**settings.COMMENTS, "SCREENS": (f"{__name__}.{stumble.__name__}",)}
        form = self._form(author)
        with override_settings(COMMENTS=screens):
            for address in addresses:
                fields = {"body": "The canary stumbles.", "name": "Canary", "email": address, "website": ""}
                author.send("post", form.target, {**form.hidden, **fields})
                author.send("post", self._api(), fields, is_json=True)

    def _tell_receivers(self) -> None:
        """Let our own apps hear what they would hear after commit, and look at what they queue."""
        with kept_from_the_queue() as kept:
            for signal, arguments in self.told:
                receivers, *_ = signal._live_receivers(None)
                for receive in receivers:
                    if receive.__module__.partition(".")[0] in OWN_APPS:
                        receive(signal=signal, sender=None, **arguments)
        for call in kept:
            self.look(f"queue: {call.partition('(')[0]}", call, kind="queued tasks")

    def _read_mail(self) -> None:
        """Every mail, but for the one header that has to name whom it is for."""
        for message in mail.outbox:
            content = message.message()
            del content["To"]
            texts = [str(message.body), *(str(part[0]) for part in getattr(message, "alternatives", ()))]
            headers = "\n".join(f"{name}: {value}" for name, value in content.items())
            self.look(f"mail: {message.subject}", "\n".join([headers, unpacked(headers), *texts]), kind="mails")

    def _read_webhooks(self) -> None:
        """What programs would be told. Nothing is sent: no rollback takes that back."""
        for delivery in Delivery.objects.select_related("webhook", "comment", "decision").order_by("-pk")[:_ROWS]:
            content = json.dumps(webhooks.content_of(delivery))
            self.look(f"webhook: {delivery.event}", content, kind="webhook messages")

    def _read_tables(self) -> None:
        """The newest rows of every table. The sealed address and its digest may stand in one."""
        for model in apps.get_models(include_auto_created=True):
            columns = [
                column.attname
                for column in model._meta.concrete_fields
                if model is not Commenter or column.name not in {"sealed_address", "address_digest"}
            ]
            try:
                with transaction.atomic():
                    rows = list(model._base_manager.order_by("-pk").values_list(*columns)[:_ROWS])
            except DatabaseError:
                continue  # a table that is not there, or somebody else's
            where = f"table {model._meta.db_table}"
            self.look(where, "\n".join(_read(value) for row in rows for value in row), kind="tables")


def _listen(user: Any) -> None:
    """Have alerts mailed to the member of staff, and a webhook told of everything."""
    alerting.choose(user, pending="at_once", reported="at_once", digest_hours=24)
    address = f"https://{HOST}/{secrets.token_hex(8)}"
    Webhook.objects.create(url=address, sealed_secret=b"", on_pending=True, on_reported=True, on_decided=True)


def _read(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _member_of_staff() -> Any:
    """An account that may do everything but see an address. No superuser, who may do that, too."""
    model = get_user_model()
    user = model(**{model.USERNAME_FIELD: f"desk-{secrets.token_hex(6)}"})
    for flag in ("is_staff", "is_active"):
        if hasattr(user, flag):
            setattr(user, flag, True)
    setattr(user, model.get_email_field_name(), f"desk@{HOST}")
    user.set_unusable_password()
    user.save()
    if hasattr(user, "user_permissions"):
        user.user_permissions.set(Permission.objects.exclude(codename="see_address"))
    return user
