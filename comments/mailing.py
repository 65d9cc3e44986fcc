"""The outbox: queues mails in the transaction that gives reason for them, and sends them, each once.

Verbs queue here; a task and the sweep send. The queue of tasks is a hint and the table the truth: a row that is due
goes at the next look, whoever was killed before. A row is claimed by one UPDATE that must find it unclaimed; a claim
that its worker did not live to answer lapses. Between the mail server's yes and our note of it lies the one gap that
nobody can close: a worker killed there repeats that mail, under the same Message-ID, by which a mailbox folds it.

Locks are taken in one order everywhere: thread, comments, subscriptions, then mails by commenter and pace.
"""

from __future__ import annotations

import logging
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import django
from django.core import mail as django_mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from comments import alert_letters, conf, letters, privacy, signals, tallies
from comments.errors import Refusal
from comments.models import Comment, ConfirmationRequest, Notice, Outbox, Pace, Subscription

log = logging.getLogger(__name__)

PACES = {Pace.DAILY: timedelta(days=1), Pace.WEEKLY: timedelta(days=7)}

FRESH = timedelta(days=1)
"""A comment that gets a tag later than this after it was posted is no news: somebody has changed the tags."""

_JOINED_DELAYS = 10
"""How many times `MAIL_DELAY` a mail may be put off by what joins it: a thread that never rests mails all the same."""

_AWAY = "comments.mail_server_away"
_AWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Backlog:
    """What an operator wants to know of the outbox.

    Args:
        waiting: mails that are to go, those being sent among them.
        given_up: mails that somebody should look at.
        oldest_due_seconds: for how long the first of those that are due has been due; 0 where none is.
    """

    waiting: int
    given_up: int
    oldest_due_seconds: float


def is_offered() -> bool:
    """Whether this site sends mail at all: links in a mail have to lead somewhere."""
    return bool(conf.SITE_URL)


def queue_confirmation(request: ConfirmationRequest) -> Outbox:
    """Queue the mail that asks the owner of an address to confirm it, due at once."""
    mail = Outbox.objects.create(
        commenter=request.commenter, kind=Outbox.Kind.CONFIRM, request=request, language=request.language
    )
    signals.tell(signals.mail_queued, mail=mail)
    return mail


def queue_news(comment: Comment) -> None:
    """Put a comment that has just become public before those who want to hear of it.

    For verbs, inside their transaction. Nobody hears twice of one comment from one subscription, nor of their own.
    """
    about = Q(comment__isnull=True, thread=comment.thread_id)
    if comment.parent_id is not None:
        about |= Q(comment=comment.parent_id)
    _queue_news(comment, about)


def queue_tag_news(comment: Comment) -> None:
    """Put a comment that has just got a tag before those who follow that tag. An old one is no news: its tags change
    where somebody changes the taxonomy."""
    if comment.tag_mask and timezone.now() - comment.created_at < FRESH:
        _queue_news(comment, Q(thread=comment.thread_id, tag__isnull=False))


def due(*, limit: int) -> list[int]:
    """The mails that should go now, oldest first: due ones, and those whose worker has not come back."""
    now = timezone.now()
    rows = Outbox.objects.filter(due_at__lte=now).filter(
        Q(state=Outbox.State.WAITING) | Q(state=Outbox.State.SENDING, claimed_at__lt=now - _claim_lapses())
    )
    return list(rows.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


def backlog() -> Backlog:
    """How much waits, how much was given up, and for how long the first has been due."""
    open_states = Q(state__in=[Outbox.State.WAITING, Outbox.State.SENDING])
    found = Outbox.objects.filter(open_states).aggregate(waiting=Count("pk"), first=Min("due_at"))
    late = (timezone.now() - found["first"]).total_seconds() if found["first"] else 0.0
    given_up = Outbox.objects.filter(state=Outbox.State.GIVEN_UP).count()
    return Backlog(found["waiting"], given_up, max(late, 0.0))


def send_due(*, limit: int) -> int:
    """Send what is due; return how many mails were handed over.

    A mail server that cannot be reached is left alone for a minute: one wait for it is enough, and other work is
    queued behind this.
    """
    sent = 0
    if not is_offered() or _is_server_away():
        return sent
    for pk in due(limit=limit):
        sent += send(pk) == Outbox.State.SENT
        if _is_server_away():
            break
    return sent


def send(pk: int) -> str:
    """Send one mail, if it is due and nobody else is at it.

    Returns:
        The state in which the mail is left; empty where there was nothing to do, or the mail server is being left
        alone: the sweep comes back to it.
    """
    if not is_offered() or _is_server_away():
        return ""
    claimed = _claim(pk)
    if claimed is None:
        return ""
    letter, fault = _write(claimed)
    is_final = False
    if not fault:
        if letter is None:
            return _leave(claimed, Outbox.State.DROPPED)
        fault, is_final = _hand_over(claimed, letter)
    if not fault:
        return _leave(claimed, Outbox.State.SENT, sent_at=timezone.now(), fault="")
    pauses = tuple(conf.MAIL_TRIES)
    if is_final or claimed.attempts > len(pauses):
        return _give_up(claimed, fault)
    pause = timedelta(seconds=pauses[claimed.attempts - 1])
    return _leave(claimed, Outbox.State.WAITING, fault=fault, due_at=timezone.now() + pause)


def retry(pk: int) -> None:
    """Try a mail that was given up from the first pause on once more. For the operator who has mended what was wrong.

    Raises:
        Refusal: it is not given up, or not any more (409).
    """
    with transaction.atomic():
        # One try stays counted: the mail server may hold this mail, so nothing new may join it.
        changed = Outbox.objects.filter(pk=pk, state=Outbox.State.GIVEN_UP).update(
            state=Outbox.State.WAITING, attempts=1, due_at=timezone.now()
        )
        if not changed:
            raise Refusal("not_given_up", _("Only a mail that was given up can be tried again."), status=409)
        signals.tell(signals.mail_queued, mail=Outbox.objects.get(pk=pk))


def address_of_account(user: Any) -> str:
    """The address of a member of staff; empty where the account has none."""
    return str(getattr(user, user.get_email_field_name(), "") or "")


def _queue_news(comment: Comment, about: Q) -> None:
    if not is_offered() or not comment.is_public:
        return
    rows = Subscription.objects.filter(about, confirmed_at__isnull=False).select_related("tag")
    if comment.commenter_id is not None:
        rows = rows.exclude(commenter=comment.commenter_id)
    if comment.reader_id is not None:
        # Who writes here under another address is still the one who confirmed the first.
        rows = rows.exclude(commenter__confirmations__reader=comment.reader_id)
    # Held: a subscription that ends at this moment would otherwise be found missing when the transaction ends, and the
    # comment would go with it. In one order, so that two discussions with the same followers cannot block each other.
    held = rows.select_for_update(of=("self",), no_key=True).order_by("commenter_id", "pace", "pk")
    for subscription in held:
        if subscription.tag is None or subscription.tag.mask & comment.tag_mask:
            _notify(subscription, comment)


def _notify(subscription: Subscription, comment: Comment) -> None:
    if Notice.objects.filter(subscription=subscription, comment=comment).exists():
        return
    mail = _collecting(subscription.commenter_id, subscription.pace, subscription.language)
    Notice.objects.create(outbox=mail, subscription=subscription, comment=comment)


def _collecting(commenter_id: int, pace: str, language: str) -> Outbox:
    """The mail of this person and pace that nobody has tried to send yet, held until the transaction ends; made where
    none waits. A digest goes a day, or a week, after the first thing that it tells of.

    One that has been tried collects nothing more: the mail server may hold it, and a repetition has to be that mail.
    """
    mine = {
        "commenter_id": commenter_id,
        "kind": Outbox.Kind.NEWS,
        "pace": pace,
        "state": Outbox.State.WAITING,
        "attempts": 0,
    }
    delay = timedelta(seconds=conf.MAIL_DELAY)
    pause = PACES.get(Pace(pace), delay)
    while True:
        # Held, because a worker that claimed it now would write it without the notice that is about to join.
        held = Outbox.objects.select_for_update().filter(**mine).first()
        now = timezone.now()
        if held is not None:
            later = min(now + delay, held.created_at + pause + _JOINED_DELAYS * delay)
            if later > held.due_at:
                held.due_at = later
                held.save(update_fields=["due_at"])
            return held
        # The constraint lets one of two transactions make it; the other waits, and holds what the first has made. A
        # worker may have claimed that by then, so this looks again and does not expect to find it.
        with suppress(IntegrityError), transaction.atomic():
            return Outbox.objects.create(**mine, due_at=now + pause, language=language)


def _claim_lapses() -> timedelta:
    """After this long nobody is at work on a claimed mail any more."""
    return timedelta(seconds=conf.MAIL_CLAIM_SECONDS)


def _claim(pk: int) -> Outbox | None:
    """Take a mail that is due, or return None: somebody else has it, or it is done."""
    now = timezone.now()
    with transaction.atomic():
        mail = Outbox.objects.select_for_update().filter(pk=pk, due_at__lte=now).first()
        if mail is None:
            return None
        has_lapsed = mail.claimed_at is not None and mail.claimed_at < now - _claim_lapses()
        if mail.state != Outbox.State.WAITING and not (mail.state == Outbox.State.SENDING and has_lapsed):
            return None
        if mail.state == Outbox.State.SENDING and mail.attempts > len(tuple(conf.MAIL_TRIES)):
            # Whoever takes it up dies of it; the next worker shall live.
            _give_up(mail, "lapsed")
            return None
        # The filter names what was found: where the lock is none (SQLite's are of the whole file) it still claims once.
        taken = Outbox.objects.filter(pk=pk, state=mail.state, attempts=mail.attempts).update(
            state=Outbox.State.SENDING, claimed_at=now, attempts=mail.attempts + 1
        )
        if not taken:
            return None
    return Outbox.objects.select_related("commenter", "request", "event", "user").get(pk=pk)


def _leave(mail: Outbox, state: str, **fields: object) -> str:
    """Note what became of a claimed mail, unless its claim has lapsed and somebody else took it."""
    rows = Outbox.objects.filter(
        pk=mail.pk, state=Outbox.State.SENDING, attempts=mail.attempts, claimed_at=mail.claimed_at
    )
    return state if rows.update(state=state, claimed_at=None, **fields) else ""


def _give_up(mail: Outbox, fault: str) -> str:
    log.warning("%s is given up after %d tries: %s.", mail, mail.attempts, fault)
    return _leave(mail, Outbox.State.GIVEN_UP, fault=fault)


def _write(mail: Outbox) -> tuple[letters.Letter | None, str]:
    """Write a mail as things stand now: None where nothing is left to say, and a code where it cannot be written."""
    try:
        if mail.kind == Outbox.Kind.NEWS and mail.attempts == 1:
            _sort_out(mail)
        is_for_staff = mail.kind in {Outbox.Kind.ALERT, Outbox.Kind.DRIFT}
        return (alert_letters if is_for_staff else letters).write(mail), ""
    except Exception as error:  # a broken template must not keep the sweep from the other mails
        # Its words may quote what a template was given, the links of the mail included.
        log.error("%s cannot be written: %s", mail, type(error).__name__)
        return None, type(error).__name__[:40]


def _sort_out(mail: Outbox) -> None:
    """Before the first try, take out what this mail will not tell of.

    What may not be told may become news again. What joined less than `MAIL_DELAY` ago goes with the next mail: its
    decision can still be undone. Later tries change nothing: the first one may have arrived.
    """
    since = timezone.now() - timedelta(seconds=conf.MAIL_DELAY)
    fresh = mail.notices.filter(created_at__gt=since)
    untold = mail.notices.exclude(pk__in=letters.tellable(mail))
    threads = set((fresh | untold).values_list("comment__thread_id", flat=True))
    if not threads:
        return
    with transaction.atomic():
        for thread_id in sorted(threads):
            # Who makes a comment public anew holds this, and finds either the notice, told, or none.
            tallies.lock(thread_id)
        mail.notices.exclude(pk__in=letters.tellable(mail)).filter(comment__thread__in=threads).delete()
        late = fresh.filter(comment__thread__in=threads)
        if mail.commenter_id is not None and late.exists():
            late.update(outbox=_collecting(mail.commenter_id, mail.pace, mail.language))


def _is_server_away() -> bool:
    return bool(cache.get(_AWAY))


@sensitive_variables()
def _hand_over(mail: Outbox, letter: letters.Letter) -> tuple[str, bool]:
    """Give a mail to the mail server.

    Returns:
        What went wrong, as a code, and whether it will go wrong each time; an empty code where nothing did. What a
        server says repeats the address, so neither its words nor the exception go any further than this.
    """
    try:
        address = privacy.open_address(mail.commenter) if mail.commenter is not None else address_of_account(mail.user)
    except privacy.UnreadableAddress:
        return "unreadable", True
    if not address:
        return "no address", True
    if not _is_deliverable(address):
        # It would need SMTPUTF8 (RFC 6531), of which Django's backends know nothing: one of them would write to
        # another mailbox, whose name is the encoded form of this one's. Or its domain cannot be written at all.
        return "not supported", True
    message = django_mail.EmailMultiAlternatives(
        subject=letter.subject, body=letter.text, to=[address], headers=dict(letter.headers)
    )
    message.attach_alternative(letter.html, "text/html")
    fault, is_final, is_away = _deliver(message)
    if is_away:
        cache.set(_AWAY, True, _AWAY_SECONDS)
    return fault, is_final


@sensitive_variables()
def _is_deliverable(address: str) -> bool:
    local, _at, domain = address.rpartition("@")
    try:
        return local.isascii() and domain.encode("idna").isascii()
    except UnicodeError:
        return False  # stored before such a one was refused where it is typed


@sensitive_variables()
def _deliver(message: django_mail.EmailMessage) -> tuple[str, bool, bool]:
    """Return a code for what went wrong, whether it is final, and whether the server had better be left alone."""
    mailer: Any = None
    is_open = False
    try:
        mailer = django_mail.mailers.default if django.VERSION >= (6, 1) else django_mail.get_connection()
        mailer.open()
        is_open = True
        mailer.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        return f"recipient {max(codes, default=0)}", min(codes, default=0) >= 500, 421 in codes
    except smtplib.SMTPDataError as error:
        return f"data {error.smtp_code}", error.smtp_code >= 500, error.smtp_code == 421
    except (smtplib.SMTPException, OSError) as error:
        code = getattr(error, "smtp_code", "")
        return f"{type(error).__name__} {code}".strip()[:40], False, True
    except UnicodeError:
        # Something in the mail cannot be written, today or tomorrow; before it is open it is the name of the server.
        return "UnicodeError", is_open, False
    except Exception as error:  # whatever a backend raises; its words may hold the address
        return type(error).__name__[:40], False, False
    finally:
        # Opened and closed here and not by the backend: what goes wrong with the farewell, after the server's yes,
        # is no reason to send the mail again.
        if mailer is not None:
            with suppress(Exception):
                mailer.close()
    return "", False, False
