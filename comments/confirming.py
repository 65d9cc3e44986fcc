"""Confirming an address: offered, never needed to post.

Somebody asks, from a browser; a mail goes to the address; whoever opens its link and presses the button there is the
owner of the address, in the browser in which they press it. Views, tasks and `comments.subscribing` call this.

What is answered to the one who asks is the same for every address, and so is the work done before the answer: the
address is stored as it came, and matched by a task. The mail carries no word that the one who asked could choose.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from comments import commenters, drafts, links, mailboxes, mailing, privacy, signals, tallies
from comments.errors import InvalidFields, Refusal
from comments.models import (
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    Reader,
    Status,
    Subscription,
)
from comments.retrying import once_more

log = logging.getLogger(__name__)

ASKS_OF_A_BROWSER, ASKS_OF_A_CLIENT = 5, 20
"""How often may be asked within an hour, whatever the addresses; a household or an office is one client."""

_HOUR = timedelta(hours=1)
_LANGUAGE = 12
"""Characters that the column holds."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link would confirm, for its page to show.

    Args:
        request: the request behind the link.
        is_same_browser: whether the link was opened where it was asked for.
        is_done: whether the link has been used in this very browser; nothing is left to do.
        subscriptions: what waits for this address to be confirmed.
        wanted: ids of those that were asked for together with the mail, so that they are ticked already.
        comments: how many comments were posted with the address.
    """

    request: ConfirmationRequest
    is_same_browser: bool
    is_done: bool = False
    subscriptions: tuple[Subscription, ...] = ()
    wanted: frozenset[int] = frozenset()
    comments: int = 0


@sensitive_variables("address")
def ask(*, address: str, reader: Reader, client_digest: str = "") -> ConfirmationRequest:
    """Ask that an address be confirmed. The same work for each address; the rest is done by `settle`.

    Args:
        client_digest: keyed digest of the client's address; empty where that is unknown.

    Raises:
        InvalidFields: this is no address.
        Refusal: the site sends no mail (404), or too much was asked from here (429).
    """
    require_mail()
    if faults := drafts.address_faults(address.strip()):
        raise InvalidFields({"email": faults})
    require_patience(reader, client_digest)
    with transaction.atomic():
        return ask_for(privacy.unmatched_commenter(address), reader=reader)


def ask_for_own(comment: Comment, *, reader: Reader, client_digest: str = "") -> ConfirmationRequest:
    """Ask for the address with which one's own comment was posted; nothing has to be typed again.

    Raises:
        Refusal: not one's own or posted without an address (404), no mail (404), or too much was asked (429).
    """
    require_mail()
    if comment.commenter is None or not comment.is_owned_by(reader):
        raise Refusal("not_found", _("There is no such comment."), status=404)
    require_patience(reader, client_digest)
    return once_more(lambda: _ask_for_own(comment, reader))


def ask_for(commenter: Commenter, *, reader: Reader) -> ConfirmationRequest:
    """Ask for an address that is stored already, inside a transaction. Its request is settled after commit."""
    request = ConfirmationRequest.objects.create(
        commenter=commenter, reader=reader, nonce=secrets.token_urlsafe(16), language=current_language()
    )
    signals.tell(signals.confirmation_requested, request=request)
    return request


def settle(request_id: int) -> None:
    """Match the address of a request and queue its mail, unless the address has had its share. Twice is once."""
    once_more(lambda: _settle(request_id))


def settle_waiting(*, limit: int) -> int:
    """Settle requests whose task was lost; return how many."""
    waiting = ConfirmationRequest.objects.filter(settled_at__isnull=True).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    for pk in ids:
        try:
            settle(pk)
        except (DatabaseError, ObjectDoesNotExist) as error:
            # The next sweep has it before it; the others need not wait for that.
            log.warning("Request %d is not settled yet: %s", pk, type(error).__name__)
    return len(ids)


def read(token: str, *, reader: Reader | None) -> Offer:
    """Return what a link offers to confirm. Changes nothing: mail programs open links on their own.

    Raises:
        Refusal: the link is damaged, too old or used, other than by this browser (410).
    """
    request = links.read_confirmation(token)
    is_same_browser = reader is not None and reader.pk == request.reader_id
    if request.used_at is not None:
        if reader is None or not _is_confirmed_in(request, reader):
            raise links.gone()
        return Offer(request, is_same_browser, is_done=True)
    rows = Subscription.objects.filter(commenter=request.commenter_id, confirmed_at__isnull=True)
    subscriptions = tuple(rows.select_related("thread", "comment", "tag").order_by("pk"))
    # A browser that has been forgotten asked for nothing: None is not None's fellow.
    together = {row.pk for row in subscriptions if row.reader_id is not None and row.reader_id == request.reader_id}
    return Offer(
        request,
        is_same_browser,
        subscriptions=subscriptions,
        wanted=frozenset(together),
        comments=Comment.objects.filter(commenter=request.commenter_id).exclude(status=Status.WITHDRAWN).count(),
    )


def confirm(token: str, *, reader: Reader, subscriptions: Collection[int]) -> Commenter:
    """Confirm an address in this browser, once. Pressing the button twice is pressing it once.

    Args:
        reader: the browser in which the button was pressed. Never the one that asked: whoever types another one's
            address would be trusted as soon as its owner pressed a button.
        subscriptions: ids of those waiting ones that the owner wants.

    Raises:
        Refusal: the link is damaged, too old or used (410).
    """
    with transaction.atomic():
        request = links.read_confirmation(token)
        # The filter is what makes the link work once, whoever presses the button twice at one moment.
        is_first = ConfirmationRequest.objects.filter(pk=request.pk, used_at__isnull=True).update(
            used_at=timezone.now()
        )
        # Read again, now that the row is held: its address may just have been found to be another row's.
        request.refresh_from_db()
        if not is_first and not _is_confirmed_in(request, reader):
            raise links.gone()
        commenter = request.commenter
        if is_first:
            _trust(commenter, reader, subscriptions)
    reader.__dict__.pop("commenter_ids", None)
    return commenter


def mark_confirmed(commenter: Commenter, reader: Reader) -> None:
    """Show the mark on what was posted from this browser with this address, inside a transaction."""
    rows = Comment.objects.filter(commenter=commenter, reader=reader, is_confirmed=False)
    threads = sorted(set(rows.values_list("thread_id", flat=True)))
    for thread_id in threads:
        tallies.touch(thread_id)
    rows.update(is_confirmed=True)


def can_confirm(comment: Comment, reader: Reader) -> bool:
    """Whether to offer the owner of a comment that its address be confirmed in this browser."""
    known = comment.commenter_id
    return mailing.is_offered() and known is not None and known not in reader.commenter_ids


def may_ask(reader: Reader) -> bool:
    """Whether this browser has not asked for so many mails within the hour that it has to wait."""
    lately = ConfirmationRequest.objects.filter(reader=reader, created_at__gt=timezone.now() - _HOUR)
    return lately.count() < ASKS_OF_A_BROWSER


def require_patience(reader: Reader, client_digest: str) -> None:
    """Refuse whoever asks again and again: each time stores rows, whether a mail goes or not.

    Counted by who asks and never by the address, so that the refusal tells nothing of that.

    Raises:
        Refusal: too much was asked from this browser or this client (429).
    """
    if may_ask(reader) and _count_of(client_digest) <= ASKS_OF_A_CLIENT:
        return
    raise Refusal(
        "too_many_asks",
        _("You have asked for several mails within the hour. Look into your mailbox, or try again later."),
        status=429,
        retry_after=int(_HOUR.total_seconds()),
    )


def current_language() -> str:
    """The language of the page, as rows of mail keep it."""
    return (get_language() or "")[:_LANGUAGE]


def require_mail() -> None:
    """Refuse where the site sends no mail.

    Raises:
        Refusal: `SITE_URL` is empty (404).
    """
    if not mailing.is_offered():
        raise Refusal("no_mail", _("This site sends no mail."), status=404)


def _settle(request_id: int) -> None:
    with transaction.atomic():
        request = (
            ConfirmationRequest.objects.select_for_update(of=("self",))
            .select_related("commenter", "reader")
            .filter(pk=request_id, settled_at__isnull=True)
            .first()
        )
        if request is None:
            return
        request.settled_at = timezone.now()
        try:
            commenter = commenters.settle(request.commenter)
        except privacy.UnreadableAddress:
            # Its key is gone: nothing can ever be sent there.
            log.warning("The address of %s cannot be opened; its request is given up.", request)
        else:
            request.commenter = commenter
            _queue(request, Commenter.objects.select_for_update().get(pk=commenter.pk))
        request.save(update_fields=["settled_at", "commenter"])


def _ask_for_own(comment: Comment, reader: Reader) -> ConfirmationRequest:
    with transaction.atomic():
        # Looked up anew: a merge may have handed the comment to another row since it was read.
        commenter = Commenter.objects.filter(comments=comment).first()
        if commenter is None:
            raise Refusal("not_found", _("There is no such comment."), status=404)
        return ask_for(commenter, reader=reader)


def _trust(commenter: Commenter, reader: Reader, subscriptions: Collection[int]) -> None:
    now = timezone.now()
    Confirmation.objects.update_or_create(commenter=commenter, reader=reader, defaults={"at": now})
    Commenter.objects.filter(pk=commenter.pk).update(confirmed_at=now, seen_at=now)
    mailboxes.be_patient(commenter)
    waiting = Subscription.objects.filter(commenter=commenter, confirmed_at__isnull=True)
    waiting.filter(pk__in=subscriptions).update(confirmed_at=now)
    mark_confirmed(commenter, reader)


def _is_confirmed_in(request: ConfirmationRequest, reader: Reader) -> bool:
    return Confirmation.objects.filter(commenter=request.commenter_id, reader=reader).exists()


def _count_of(client_digest: str) -> int:
    """Count one more request of a client and return how many it made in this hour."""
    if not client_digest:
        # Those whose address is unknown (behind a socket, say) are not one client: one would lock all others out.
        return 0
    seconds = int(_HOUR.total_seconds())
    counter = f"comments.asks.{client_digest}.{int(time.time()) // seconds}"
    # A cache that forgets or that other processes do not share lets a few more through, which does no harm.
    cache.add(counter, 0, seconds)
    try:
        return cache.incr(counter)
    except ValueError:
        return 1


def _queue(request: ConfirmationRequest, commenter: Commenter) -> None:
    if request.reader is not None and commenter.pk in request.reader.commenter_ids:
        # Confirmed here already: what this browser asks for in its owner's name needs no mail.
        Subscription.objects.filter(commenter=commenter, reader=request.reader, confirmed_at__isnull=True).update(
            confirmed_at=timezone.now()
        )
        return
    if mailboxes.take_share(commenter):
        mailing.queue_confirmation(request)
