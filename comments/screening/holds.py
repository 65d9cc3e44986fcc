"""Whether somebody is blocked.

The screens are told by way of `Facts`; the verbs of readers that no screen sees, such as recommending and reporting,
ask here themselves. `comments.blocks` writes what is read here.

What holds a person is the browser that posted, and, where the address was confirmed in that browser, its owner in every
other one. An address that is merely typed proves nothing, neither when it is typed again nor when somebody was blocked
who had typed it: there the comment waits for a moderator, and a stranger's address shuts no stranger out. To be erased
ends no block: until it ends by itself, it knows the address by its digest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments import conf
from comments.errors import Refusal
from comments.models import Block, Commenter, Confirmation, Reader
from comments.prepared import Select
from comments.screening.verdict import Hold

_NONE = "comments.blocks.none"
_NONE_SECONDS = 5
"""For so long another process may not know of the first block of a site. Each further one holds at once."""


def on(*, thread_id: int, reader: Reader | None, commenter: Commenter | None = None) -> Hold | None:
    """Whether somebody is blocked in a discussion; at most one query, and none on a site without blocks.

    Args:
        reader: the browser.
        commenter: the address that was typed, if any.
    """
    if (reader is None and commenter is None) or _is_none():
        return None
    now = timezone.now()
    reader_id, commenter_id = reader.pk if reader else None, commenter.pk if commenter else None
    found: list[Hold] = []
    for where, until, whom, address, is_owner, is_erased_owner in _OF_PERSON.rows(
        reader_id=reader_id, commenter_id=commenter_id
    ):
        if (where is None or where == thread_id) and (until is None or until > now):
            is_proven = bool(
                (reader_id is not None and whom == reader_id)
                or (is_owner and reader is not None and address in reader.commenter_ids)
                or is_erased_owner
            )
            found.append(Hold(is_proven, until, where is None))
    return max(found, key=_weight, default=None)


def require_free(reader: Reader | None, *, thread_id: int) -> None:
    """Let a reader pass who is not blocked.

    Raises:
        Refusal: the browser, or the owner of an address that is confirmed in it, is blocked here (403).
    """
    held = on(thread_id=thread_id, reader=reader)
    if held is not None and held.is_proven:
        raise Refusal("blocked", sentence(held.until, is_everywhere=held.is_everywhere), status=403)


def sentence(until: datetime | None, *, is_everywhere: bool) -> str:
    """What somebody reads who is blocked: where, until when, and where to turn."""
    # In English it ends with the full stop of "a.m."; the sentence has one of its own.
    moment = "" if until is None else date_format(timezone.localtime(until), "DATETIME_FORMAT").removesuffix(".")
    if is_everywhere:
        held = (
            _("The moderators have blocked you from this site until %(until)s.") % {"until": moment}
            if moment
            else _("The moderators have blocked you from this site.")
        )
    else:
        held = (
            _("The moderators have blocked you from this discussion until %(until)s.") % {"until": moment}
            if moment
            else _("The moderators have blocked you from this discussion.")
        )
    contact = str(conf.PRIVACY_CONTACT)
    turn = (
        _("If you think that this is a mistake, turn to: %(contact)s") % {"contact": contact}
        if contact
        else _("If you think that this is a mistake, turn to the editors of this site.")
    )
    return f"{held} {turn}"


def forget() -> None:
    """Look anew whether the site has any block. For whoever writes blocks, and for tests."""
    cache.delete(_NONE)


def _is_none() -> bool:
    """Whether no block stands on the whole site: the usual case, and the posting of a comment is to be quick."""
    known: bool | None = cache.get(_NONE)
    if known is None:
        known = not Block.objects.filter(lifted_at__isnull=True).exists()
        cache.set(_NONE, known, _NONE_SECONDS)
    return known


def _weight(hold: Hold) -> tuple[bool, bool, float]:
    """What is proven outweighs what is not, then the one that lasts longest."""
    return hold.is_proven, hold.until is None, hold.until.timestamp() if hold.until else 0.0


def _rows_of_person(rows: QuerySet[Any], given: Any) -> QuerySet[Any]:
    confirmed = Confirmation.objects.filter(reader_id=given("reader_id")).values("commenter_id")
    mine = Q(reader_id=given("reader_id")) | Q(commenter_id=given("commenter_id")) | Q(commenter_id__in=confirmed)
    owned = Confirmation.objects.filter(reader_id=OuterRef("reader_id"), commenter_id=OuterRef("commenter_id"))
    # Of somebody who was erased: the address is typed again, or confirmed in this browser.
    typed = Commenter.objects.filter(pk=given("commenter_id")).values("address_digest")
    proven = Q(address_digest__in=Commenter.objects.filter(pk__in=confirmed).values("address_digest"))
    return (
        rows.filter(mine | Q(address_digest__in=typed) | proven, lifted_at__isnull=True)
        .order_by()
        .values_list(
            "thread_id",
            "expires_at",
            "reader_id",
            "commenter_id",
            Exists(owned),
            ExpressionWrapper(proven & Q(is_owners=True), output_field=BooleanField()),
        )
    )


_OF_PERSON = Select(Block, _rows_of_person)
