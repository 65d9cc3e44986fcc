"""Writes mails: plain words and a modest HTML of the same, from rows as they stand when the mail goes.

`comments.mailing` alone calls it. No header holds what a reader typed; the HTML holds none of a reader's markup and
nothing that a mail program would fetch; a mail that asks for a confirmation holds no word that anybody could choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.policy import Policy
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments import appeals, conf, links
from comments.models import Comment, ModerationEvent, Notice, Outbox, Status, Subscription

MOST = 50
"""Comments that one mail shows; of the others it gives the number."""

_EXCERPT = 600

DECISIONS = frozenset({Status.APPROVED.value, Status.REJECTED.value})
"""What authors are told of. That something is taken for spam is told to nobody."""

_WORDS = tuple(ModerationEvent.Action(name) for name in ("status", "undo", "appeal", "resubmit"))
"""Acts after which a decision is no longer the last word."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail but for the address it goes to."""

    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One comment of a mail."""

    name: str
    title: str
    lines: tuple[str, ...]
    url: str
    is_answer: bool


class _Unsubscribe(str):
    """The header of that name, whose value goes out in one piece.

    Python folds a long one (`email.policy.SMTP`, Django 6) and turns what has no space to fold at into encoded words
    (RFC 2047). No mail program reads an address out of those. A value with a `name` and a `fold` folds itself. Django
    5.2 writes by an older policy, which begins a new line before the value and leaves it whole: that, all can read.
    """

    name = "List-Unsubscribe"

    def __str__(self) -> str:
        return self  # Django asks for it, and would get a plain string otherwise

    def fold(self, *, policy: Policy[Any]) -> str:
        """The line as it goes out."""
        return f"{self.name}: {self}{policy.linesep}"


def write(mail: Outbox) -> Letter | None:
    """Write a mail; None where nothing is left to say: the request was used, the comments are gone or not public."""
    with translation.override(mail.language or settings.LANGUAGE_CODE):
        if mail.kind == Outbox.Kind.CONFIRM:
            return _confirmation(mail)
        return _decision(mail) if mail.kind == Outbox.Kind.DECISION else _news(mail)


def tellable(mail: Outbox) -> QuerySet[Notice]:
    """What a mail of news may tell of now: public comments of others, for subscriptions that hold."""
    found = mail.notices.filter(comment__status="approved", subscription__confirmed_at__isnull=False)
    # Two rows of one address may have become one since the comment was queued.
    return found.exclude(comment__commenter=mail.commenter_id)


def _confirmation(mail: Outbox) -> Letter | None:
    request = mail.request
    lapses = timedelta(hours=conf.CONFIRM_HOURS)
    if request is None or request.used_at is not None or timezone.now() - request.created_at > lapses:
        return None
    context = {"url": links.of_confirmation(request), "hours": conf.CONFIRM_HOURS, "mails": conf.CONFIRM_MAILS}
    subject = _("Please confirm your email address for %(site)s") % {"site": links.site_name()}
    return compose(mail, subject, "confirm", context, {})


def _news(mail: Outbox) -> Letter | None:
    notices = (
        tellable(mail).select_related("comment__thread", "subscription").order_by("comment__created_at", "comment_id")
    )
    about: dict[int, tuple[Comment, list[Subscription]]] = {}
    for notice in notices:
        about.setdefault(notice.comment_id, (notice.comment, []))[1].append(notice.subscription)
    if not about or mail.commenter is None:
        return None
    items = [_item(comment, reasons) for comment, reasons in list(about.values())[:MOST]]
    titles = {comment.thread.title for comment, _reasons in about.values()}
    subject = ngettext("%(count)d new comment", "%(count)d new comments", len(about)) % {"count": len(about)}
    if len(titles) == 1 and (title := " ".join(titles.pop().split())):
        subject = _("%(news)s: %(title)s") % {"news": subject, "title": Truncator(title).chars(80)}
    subscriptions = [subscription for _comment, reasons in about.values() for subscription in reasons]
    stop_url = links.of_stopping({row.pk: row for row in subscriptions}.values())
    context = {
        "items": items,
        "more": len(about) - len(items),
        "stop_url": stop_url,
        "manage_url": links.of_management(mail.commenter),
    }
    return compose(mail, subject, "news", context, _unsubscribing(stop_url))


def _decision(mail: Outbox) -> Letter | None:
    """A decision on one's own comment, or that it was taken back, as long as it is the last word on it and the author
    wants to hear."""
    event = mail.event
    comment = Comment.objects.select_related("thread").filter(pk=event.comment_id or 0).first() if event else None
    if event is None or comment is None or comment.status != event.to_status or not comment.html:
        return None
    later = comment.events.filter(pk__gt=event.pk, action__in=_WORDS)
    if later.exclude(from_status=Status.APPROVED, to_status=Status.APPROVED).exists():
        return None
    wish = Subscription.objects.filter(comment=comment, commenter=mail.commenter_id, confirmed_at__isnull=False).first()
    if wish is None:
        return None
    answer = appeals.answer(comment)
    stop_url = links.of_stopping([wish])
    context = {
        "title": str(comment.thread),
        "lines": _lines(comment.text),
        "is_published": comment.is_public,
        "is_waiting": comment.status == Status.PENDING,
        "is_taken_back": event.action == ModerationEvent.Action.UNDO,
        "answer": answer,
        "message": _lines(answer.message, most=appeals.MAX_TEXT) if answer else (),
        "comment_url": links.of_comment(comment),
        "status_url": links.of_status(comment),
        "stop_url": stop_url,
        "manage_url": links.of_management(wish.commenter),
    }
    if comment.status == Status.PENDING:
        subject = _("Your comment waits for a moderator again")
    else:
        subject = _("Your comment was published") if comment.is_public else _("Your comment was not published")
    if title := " ".join(str(comment.thread.title).split()):
        subject = _("%(news)s: %(title)s") % {"news": subject, "title": Truncator(title).chars(80)}
    return compose(mail, subject, "decision", context, _unsubscribing(stop_url))


def _unsubscribing(stop_url: str) -> dict[str, str]:
    """RFC 8058: a mail program posts to this address when its reader presses "unsubscribe"."""
    return {
        _Unsubscribe.name: _Unsubscribe(f"<{stop_url}>"),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _lines(text: str, *, most: int = _EXCERPT) -> tuple[str, ...]:
    return tuple(Truncator(text).chars(most).splitlines())


def _item(comment: Comment, reasons: list[Subscription]) -> _Item:
    return _Item(
        name=comment.author_name or _("Anonymous"),
        title=str(comment.thread),
        lines=_lines(comment.text),
        url=links.of_comment(comment),
        is_answer=any(reason.comment_id is not None for reason in reasons),
    )


def compose(mail: Outbox, subject: str, name: str, context: Mapping[str, Any], headers: Mapping[str, str]) -> Letter:
    """Fill in the two templates of a mail of this name."""
    context = {**context, "site_name": links.site_name(), "site_url": conf.SITE_URL}
    host = urlsplit(conf.SITE_URL).hostname or "localhost"
    always = {
        "Message-ID": f"<{mail.message_id}@{host}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no answering machine answers it
    }
    return Letter(
        subject=subject,
        text=render_to_string(f"comments/mail/{name}.txt", context).strip() + "\n",
        html=render_to_string(f"comments/mail/{name}.html", context),
        headers=tuple({**always, **headers}.items()),
    )
