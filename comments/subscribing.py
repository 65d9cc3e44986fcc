"""Subscriptions: hear by mail of the replies to a comment, of a thread, or of a tag of a thread.

Views and `comments.posting` call these. Nothing is sent before the owner of the address has confirmed it: a wish made
with a typed address waits for that, and what is answered does not tell whether it has to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from comments import confirming, drafts, links, mailing, privacy
from comments.errors import InvalidFields, Sentence
from comments.models import Comment, Commenter, Notice, Pace, Reader, Subscription, Tag, Thread


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hear of: the replies to `comment`, or `tag` of a thread, or all of the thread."""

    thread: Thread
    comment: Comment | None = None
    tag: Tag | None = None
    pace: str = Pace.AT_ONCE


@sensitive_variables("address")
def subscribe(wish: Wish, *, reader: Reader, address: str = "", client_digest: str = "") -> Subscription:
    """Subscribe. Where an address has been confirmed in this browser and none is typed, it holds at once; a typed one
    is asked to confirm, in the same words and with the same work whether it is known or not.

    Args:
        client_digest: keyed digest of the client's address; empty where that is unknown.

    Raises:
        InvalidFields: the pace or the address is wrong, or no address is known here and none was typed.
        Refusal: the site sends no mail (404), or too much was asked from here (429).
    """
    confirming.require_mail()
    if wish.pace not in Pace.values:
        raise InvalidFields({"pace": [_("Choose how often you want mail.")]})
    address = address.strip()
    if not address and (commenter := _confirmed_here(reader)):
        return _store(commenter, wish, reader, is_confirmed=True)
    if faults := drafts.address_faults(address):
        raise InvalidFields({"email": faults})
    confirming.require_patience(reader, client_digest)
    with transaction.atomic():
        commenter = privacy.unmatched_commenter(address)
        subscription = _store(commenter, wish, reader, is_confirmed=False)
        confirming.ask_for(commenter, reader=reader)
    return subscription


def follow_own(comment: Comment, *, reader: Reader) -> None:
    """Subscribe the author of a new comment to its replies, inside the transaction that stores it.

    Raises nothing where the site sends no mail: the box that asks for it is not shown then. Nor where this browser has
    asked too often: the comment counts more, and the wish waits for a mail that went before or is asked for later.
    """
    if comment.commenter is None or not mailing.is_offered():
        return
    is_confirmed = comment.commenter_id in reader.commenter_ids
    _store(comment.commenter, Wish(comment.thread, comment=comment), reader, is_confirmed=is_confirmed)
    if not is_confirmed and confirming.may_ask(reader):
        confirming.ask_for(comment.commenter, reader=reader)


def subscriptions_of(commenters: Collection[int]) -> models.QuerySet[Subscription]:
    """What these people hear of, newest first, with what a page shows of it."""
    rows = Subscription.objects.filter(commenter__in=commenters, confirmed_at__isnull=False)
    return rows.select_related("thread", "comment", "tag").order_by("-pk")


def change_paces(paces: Mapping[Subscription, str]) -> None:
    """Hear more or less often: all as asked for, or nothing where one is refused. What has been put into a mail already
    goes with that mail.

    Raises:
        InvalidFields: there is no such pace; its field is named `pace-` and the id of the subscription.
    """
    faults: dict[str, list[Sentence]] = {
        f"pace-{row.pk}": [_("Choose how often you want mail.")]
        for row, pace in paces.items()
        if pace not in Pace.values
    }
    if faults:
        raise InvalidFields(faults)
    with transaction.atomic():
        # In the order in which everybody holds these rows.
        for row in sorted(paces, key=lambda row: row.pk):
            Subscription.objects.filter(pk=row.pk).update(pace=paces[row])


def stop(ids: Collection[int]) -> int:
    """End subscriptions, and take what waits to be sent of them out of its mail; return how many there were."""
    with transaction.atomic():
        # Held first: a comment that is posted at this moment may be adding one more notice.
        list(Subscription.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        Notice.objects.filter(subscription__in=ids).delete()
        return Subscription.objects.filter(pk__in=ids).delete()[1].get("comments.Subscription", 0)


def stop_by_link(token: str) -> int:
    """End what a mail's link ends; twice is once.

    Raises:
        Refusal: the link is damaged (410).
    """
    return stop(links.read_stopping(token))


def _confirmed_here(reader: Reader) -> Commenter | None:
    """Whose address was confirmed in this browser; the last one, where there are several."""
    return Commenter.objects.filter(confirmations__reader=reader).order_by("-confirmations__at").first()


def _store(commenter: Commenter, wish: Wish, reader: Reader, *, is_confirmed: bool) -> Subscription:
    thing = {"thread": wish.thread, "comment": wish.comment, "tag": wish.tag}
    now = timezone.now()
    existing = Subscription.objects.filter(commenter=commenter, **thing).first()
    if existing is None:
        try:
            with transaction.atomic():
                return Subscription.objects.create(
                    commenter=commenter,
                    **thing,
                    pace=wish.pace,
                    reader=reader,
                    language=confirming.current_language(),
                    confirmed_at=now if is_confirmed else None,
                )
        except IntegrityError:
            existing = Subscription.objects.get(commenter=commenter, **thing)  # a double click
    if is_confirmed:
        existing.pace, existing.confirmed_at = wish.pace, existing.confirmed_at or now
        existing.save(update_fields=["pace", "confirmed_at"])
    # Otherwise it stays as its owner has it: somebody who only typed the address changes nothing.
    return existing
