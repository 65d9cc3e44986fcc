"""The links of mails: signed, each bound to its purpose by a salt of its own, absolute under `SITE_URL`.

`comments.letters` makes them; the verbs behind the pages read them. A link names rows, never an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from itertools import accumulate, pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from comments import conf
from comments.errors import Refusal
from comments.models import Alert, Comment, Commenter, ConfirmationRequest, Subscription

CONFIRM, MANAGE, STOP, DECIDE = "comments.confirm", "comments.manage", "comments.stop", "comments.decide"
"""Salts: what one link may do, no other can."""

MANAGE_FOR = timedelta(days=90)

_MOST_STOPPED = 200
"""Subscriptions that one link ends. A line of a mail's head holds 998 characters (RFC 5322, section 2.1.1)."""

_MAX_ID = 2**63 - 1


def absolute(path: str) -> str:
    """A path of the site as an address that works from a mailbox."""
    return urljoin(str(conf.SITE_URL), path)


def site_name() -> str:
    """The name that the site goes by in mails."""
    return str(conf.SITE_NAME or urlsplit(conf.SITE_URL).hostname or "")


def of_comment(comment: Comment) -> str:
    """Leads to the page that shows a comment."""
    return absolute(comment.get_absolute_url())


def of_status(comment: Comment) -> str:
    """Leads to the page on which an author sees how a comment stands; it opens in a browser of theirs alone."""
    return absolute(reverse("comments:status", args=[comment.pk]))


def of_confirmation(request: ConfirmationRequest) -> str:
    """Leads to the page that confirms an address."""
    token = signing.dumps([request.pk, request.nonce], salt=CONFIRM)
    return absolute(reverse("comments:confirm", args=[token]))


def of_management(commenter: Commenter) -> str:
    """Leads to the page of somebody's subscriptions."""
    return absolute(reverse("comments:subscriptions", args=[signing.dumps(commenter.pk, salt=MANAGE)]))


def of_stopping(subscriptions: Iterable[Subscription]) -> str:
    """Leads to where these subscriptions end; for the header of a mail as well, which a mail program posts to."""
    ids = sorted({row.pk for row in subscriptions})[:_MOST_STOPPED]
    # The first, and how far it is to each next one: short enough for the head of a mail, however many there are.
    steps = [after - before for before, after in pairwise([0, *ids])]
    token = signing.dumps(steps, salt=STOP, compress=True)
    return absolute(reverse("comments:stop", args=[token]))


def of_decision(alert: Alert, to: str) -> str:
    """Leads to the page on which one member of staff takes one decision on a comment as it stood."""
    token = signing.dumps([alert.pk, alert.nonce, to], salt=DECIDE)
    return absolute(reverse("comments:decide-from-mail", args=[token]))


def read_decision(token: str) -> tuple[Alert, str]:
    """Return the alert behind a link, a used one as well, and what the link decides.

    Raises:
        Refusal: the link is damaged or too old, or the alert is gone (410).
    """
    with suppress(Refusal):
        match _read(token, DECIDE, timedelta(hours=conf.ALERT_LINK_HOURS)):
            case [int(pk), str(nonce), str(to)] if _is_id(pk) and nonce.isascii():
                found = Alert.objects.select_related("outbox__user", "comment__thread").filter(pk=pk).first()
                # As with a confirmation: whoever reads the key has not read the table.
                if found is not None and secrets.compare_digest(found.nonce, nonce):
                    return found, to
    raise Refusal("link_gone", _("This link is too old, or damaged. What waits is on the desk."), status=410)


def read_confirmation(token: str) -> ConfirmationRequest:
    """Return the request behind a link, a used one as well.

    Raises:
        Refusal: the link is damaged or too old (410).
    """
    match _read(token, CONFIRM, timedelta(hours=conf.CONFIRM_HOURS)):
        case [int(pk), str(nonce)] if _is_id(pk) and nonce.isascii():
            found = ConfirmationRequest.objects.select_related("commenter", "reader").filter(pk=pk).first()
            # The signature alone does not do: whoever reads the key has not read the table.
            if found is not None and secrets.compare_digest(found.nonce, nonce):
                return found
    raise gone()


def read_management(token: str) -> Commenter:
    """Return whose subscriptions a link manages.

    Raises:
        Refusal: the link is damaged or too old, or its person is gone (410).
    """
    content = _read(token, MANAGE, MANAGE_FOR)
    found = Commenter.objects.filter(pk=content).first() if _is_id(content) else None
    if found is None:
        raise gone()
    return found


def read_stopping(token: str) -> list[int]:
    """Return the ids of the subscriptions that a link ends. It never grows old: a mail may be read late.

    Raises:
        Refusal: the link is damaged (410).
    """
    content = _read(token, STOP, None)
    if not isinstance(content, list) or not content or not all(_is_id(step) for step in content):
        raise gone()
    ids = list(accumulate(content))
    if len(ids) > _MOST_STOPPED or not _is_id(ids[-1]):
        raise gone()
    return ids


def gone() -> Refusal:
    """The refusal of a link that does nothing any more."""
    return Refusal(
        "link_gone",
        _("This link has been used or is too old. Ask for a new one where you asked for this one."),
        status=410,
    )


def _is_id(value: object) -> bool:
    """Whether this could be the id of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MAX_ID


def _read(token: str, salt: str, max_age: timedelta | None) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError):
        raise gone() from None
