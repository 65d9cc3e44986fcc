"""How often a mailbox is asked to confirm an address, so that nobody can have a stranger's filled.

`comments.confirming` takes from the share of a mailbox, `comments.erasing` and `comments.commenters` tend to the rows.
What is counted is the mailbox and not the address: whoever typed `name+1@`, `name+2@` and so on would otherwise have a
mail sent for each. Call these inside a transaction; the row of a mailbox is held last, after that of its address.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from django.utils import timezone

from comments import conf, privacy
from comments.models import Commenter, Mailbox

BETWEEN_MAILS = timedelta(days=1)


def take_share(commenter: Commenter) -> bool:
    """Count one more mail to the mailbox behind an address; False, and nothing counted, where it has had its share.

    Two that ask at one moment wait for each other here, so one mail goes.

    Raises:
        UnreadableAddress: none of the keys in force sealed the address.
    """
    digests = privacy.mailbox_digests(commenter)
    # Made first and held then: of two that make it, one waits for the other at the unique digest.
    if not Mailbox.objects.filter(digest__in=digests).exists():
        Mailbox.objects.get_or_create(digest=digests[0])
    mailbox = _hold(digests)
    now = timezone.now()
    if mailbox is None or not _may_be_asked(mailbox, now):
        return False
    Mailbox.objects.filter(pk=mailbox.pk).update(asked_at=now, asked_count=mailbox.asked_count + 1)
    return True


def be_patient(commenter: Commenter) -> None:
    """Count from nothing again: the owner of the address has answered. One mail a day it stays."""
    if (mailbox := _of(commenter)) is not None:
        Mailbox.objects.filter(pk=mailbox.pk).update(asked_count=0)


def renew(commenter: Commenter) -> None:
    """Have the row of a mailbox found under the newest key alone, as a rotation of keys wants it."""
    _of(commenter)


def forget(commenters: Iterable[Commenter]) -> None:
    """Delete what was counted of somebody who is erased."""
    for commenter in commenters:
        if (mailbox := _of(commenter)) is not None:
            mailbox.delete()


def share_of(commenter: Commenter) -> Mailbox | None:
    """What was counted of the mailbox behind an address, for its owner to read."""
    with suppress(privacy.UnreadableAddress):
        return Mailbox.objects.filter(digest__in=privacy.mailbox_digests(commenter)).order_by("-asked_at").first()
    return None


def _may_be_asked(mailbox: Mailbox, now: datetime) -> bool:
    is_rested = mailbox.asked_at is None or now - mailbox.asked_at >= BETWEEN_MAILS
    return is_rested and mailbox.asked_count < conf.CONFIRM_MAILS


def _of(commenter: Commenter) -> Mailbox | None:
    with suppress(privacy.UnreadableAddress):
        return _hold(privacy.mailbox_digests(commenter))
    return None


def _hold(digests: list[str]) -> Mailbox | None:
    """The one row of a mailbox, under the newest key, held until the transaction ends; None where there is none.

    Whoever asked while a key was new made a row under it beside the older one: the two become one here.
    """
    rows = list(Mailbox.objects.select_for_update().filter(digest__in=digests).order_by("pk"))
    if not rows:
        return None
    kept = min(rows, key=lambda row: digests.index(row.digest))
    kept.asked_count = sum(row.asked_count for row in rows)
    kept.asked_at = max((row.asked_at for row in rows if row.asked_at), default=None)
    if len(rows) > 1 or kept.digest != digests[0]:
        kept.digest = digests[0]
        Mailbox.objects.filter(pk__in=[row.pk for row in rows if row.pk != kept.pk]).delete()
        kept.save(update_fields=["digest", "asked_count", "asked_at"])
    return kept
