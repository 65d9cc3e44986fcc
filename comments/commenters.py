"""The verbs of Commenter rows: match an address that was typed, make two rows of one address one, seal anew.

Tasks, commands and the verbs of mail call these. No face does: what they find out must not show in an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from django.db import IntegrityError, OperationalError, models, transaction

from comments import mailboxes, privacy, tallies
from comments.models import (
    Block,
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    Notice,
    Outbox,
    Subscription,
)
from comments.retrying import once_more

log = logging.getLogger(__name__)


def settle(commenter: Commenter) -> Commenter:
    """Return the row that stands for an address, with all that was asked for in its name; inside a transaction.

    Raises:
        UnreadableAddress: none of the keys in force sealed it.
    """
    known = privacy.match(commenter)
    if known.pk != commenter.pk:
        merge(commenter, into=known)
    return known


def merge(commenter: Commenter, *, into: Commenter) -> None:
    """Hand everything of one row to another one that stands for the same address, and delete the first.

    Raises:
        Commenter.DoesNotExist: one of them is gone; see `comments.retrying`.
    """
    with transaction.atomic():
        # First, as whoever posts does it: one who has this row and waits for a thread that we hold would never get it.
        # Not against those who only refer to one: who holds a thread and is about to commit does that.
        rows = Commenter.objects.select_for_update(no_key=True).filter(pk__in=[commenter.pk, into.pk])
        held = {row.pk: row for row in rows.order_by("pk")}
        if len(held) < 2:
            raise Commenter.DoesNotExist  # another merge was first
        commenter, into = held[commenter.pk], held[into.pk]
        # Then in the order of `comments.mailing`: threads, comments, subscriptions, mails.
        for thread_id in sorted(set(Comment.objects.filter(commenter=commenter).values_list("thread_id", flat=True))):
            tallies.lock(thread_id)
        Comment.objects.filter(commenter=commenter).update(commenter=into)
        Block.objects.filter(commenter=commenter).update(commenter=into)
        ConfirmationRequest.objects.filter(commenter=commenter).update(commenter=into)
        known = Confirmation.objects.filter(commenter=into).values("reader")
        Confirmation.objects.filter(commenter=commenter).exclude(reader__in=known).update(commenter=into)
        _hand_over_subscriptions(commenter, into)
        # Held: a worker that claimed one now would send what is about to move into another.
        for mail in Outbox.objects.select_for_update().filter(commenter=commenter).order_by("pk"):
            _hand_over_mail(mail, into)
        kept = [row.confirmed_at for row in (commenter, into) if row.confirmed_at]
        into.confirmed_at = min(kept, default=None)
        into.seen_at = max(commenter.seen_at, into.seen_at)
        into.created_at = min(commenter.created_at, into.created_at)
        into.save(update_fields=["confirmed_at", "seen_at", "created_at"])
        commenter.delete()


def sealed_under_older_keys() -> models.QuerySet[Commenter]:
    """The rows that a rotation of keys has before it."""
    newest = privacy.key_name(privacy.address_keys()[0])
    return Commenter.objects.exclude(sealed_under=newest).order_by("pk")


def renew_seals(*, batch: int = 200) -> Iterator[int]:
    """Seal every address under the newest key, some at a time, while the site goes on.

    Each row is a transaction of its own, and a renewed one is not met again: what was interrupted goes on where it
    was. A row that no key opens, or that somebody else is changing for too long, is passed over and stays.

    Yields:
        How many rows were renewed or merged, after each batch.
    """
    after = 0
    while rows := list(sealed_under_older_keys().filter(pk__gt=after)[:batch]):
        done = 0
        for row in rows:
            after = row.pk
            try:
                done += once_more(partial(_renew, row.pk))
            except (OperationalError, IntegrityError, Commenter.DoesNotExist) as error:
                # A deadlock that fell on us, or a lock that did not come: the next run has this row before it.
                log.warning("%s is left under its old key: %s", row, type(error).__name__)
        yield done


def _renew(pk: int) -> bool:
    with transaction.atomic():
        row = Commenter.objects.select_for_update(no_key=True).filter(pk=pk).first()
        if row is None:
            return False
        try:
            twin = privacy.renew_seal(row)
        except privacy.UnreadableAddress:
            return False
        mailboxes.renew(row)
        if twin is not None:
            merge(row, into=twin)
        return True


def _hand_over_mail(mail: Outbox, into: Commenter) -> None:
    """Move a mail. One that still collects news joins the one that does so there: there is one for each pace."""
    collecting = (
        Outbox.objects.select_for_update()
        .filter(commenter=into, kind=Outbox.Kind.NEWS, pace=mail.pace, state=Outbox.State.WAITING, attempts=0)
        .first()
    )
    if collecting and (mail.kind, mail.state, mail.attempts) == (Outbox.Kind.NEWS, Outbox.State.WAITING, 0):
        Notice.objects.filter(outbox=mail).update(outbox=collecting)
        mail.delete()
    else:
        Outbox.objects.filter(pk=mail.pk).update(commenter=into)


def _hand_over_subscriptions(commenter: Commenter, into: Commenter) -> None:
    """Move what one row subscribed to. What the other has already stays as it is there, but for a confirmation.

    What a mail is to tell for the sake of the first is told for the sake of the other.
    """
    for row in Subscription.objects.select_for_update().filter(commenter=commenter).order_by("pk"):
        twin = Subscription.objects.filter(
            commenter=into, thread=row.thread_id, comment=row.comment_id, tag=row.tag_id
        ).first()
        if twin is None:
            Subscription.objects.filter(pk=row.pk).update(commenter=into)
            continue
        told = Notice.objects.filter(subscription=twin).values("comment")
        Notice.objects.filter(subscription=row).exclude(comment__in=told).update(subscription=twin)
        if row.confirmed_at and not twin.confirmed_at:
            Subscription.objects.filter(pk=twin.pk).update(confirmed_at=row.confirmed_at, pace=row.pace)
        elif not twin.confirmed_at and twin.created_at < row.created_at:
            # Both wait: the last word counts, and with it who said it. Somebody else may have typed the address first.
            Subscription.objects.filter(pk=twin.pk).update(
                reader=row.reader_id, pace=row.pace, language=row.language, created_at=row.created_at
            )
