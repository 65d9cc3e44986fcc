"""What became of somebody's earlier comments, for the cards of a page; never who they are. Only the cards call it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Substr
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from comments.models import Block, Comment, Commenter, Status
from comments.prepared import Given, Select
from comments.sanitize import plain_text

HISTORY = 100
"""So many of a commenter's latest comments are counted for a card."""

LATEST = 3
"""So many of them are shown."""

_BLOCKS = 200
"""Blocks that are read for a page."""

_EXCERPT = 70
_Key = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier comment of the same person, in a line."""

    pk: int
    status: str
    status_label: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A block that holds or held the person."""

    since: datetime
    until: datetime | None
    is_standing: bool
    is_everywhere: bool

    @property
    def label(self) -> str:
        """It in a line."""
        until = date_format(localtime(self.until), "DATE_FORMAT") if self.until else ""
        if not self.is_standing:
            return _("was blocked until %(date)s") % {"date": until}
        if not until:
            return _("blocked on the whole site") if self.is_everywhere else _("blocked in one discussion")
        if self.is_everywhere:
            return _("blocked on the whole site until %(date)s") % {"date": until}
        return _("blocked in one discussion until %(date)s") % {"date": until}


@dataclass(frozen=True, slots=True)
class History:
    """What became of the latest comments from the same address, and whether its owner has confirmed it.

    Args:
        since: when the address was first seen.
        is_proven: whether it is the owner of the address who posted this comment, as far as its browser tells. Anybody
            can type the address of somebody with a good history.
        latest: the last few, newest first.
    """

    approved: int
    rejected: int
    spam: int
    since: datetime | None = None
    is_confirmed: bool = False
    is_proven: bool = True
    latest: tuple[Earlier, ...] = ()
    blocks: tuple[Blocked, ...] = ()

    @property
    def label(self) -> str:
        """The figures in a line."""
        if self.is_empty:
            parts = [_("nothing decided yet")]
        else:
            counts = {"approved": self.approved, "rejected": self.rejected, "spam": self.spam}
            parts = [_("%(approved)d approved, %(rejected)d rejected, %(spam)d spam") % counts]
        if self.since is not None:
            parts.append(_("since %(date)s") % {"date": date_format(localtime(self.since), "SHORT_DATE_FORMAT")})
            parts.append(self._address)
        return " · ".join(parts)

    @property
    def _address(self) -> str:
        if not self.is_confirmed:
            return _("address not confirmed")
        return _("address confirmed") if self.is_proven else _("address confirmed by its owner, but only typed here")

    @property
    def is_empty(self) -> bool:
        return not (self.approved or self.rejected or self.spam)

    @property
    def is_bounded(self) -> bool:
        return self.approved + self.rejected + self.spam >= HISTORY


def histories(comments: Sequence[Comment]) -> dict[int, History]:
    """The history behind each of these comments, by the comment's id; at most three queries, bounded for each person.

    Where a comment has no address, there are its blocks alone.
    """
    keys = {comment.pk: (comment.commenter_id, comment.reader_id) for comment in comments}
    proven = {comment.pk for comment in comments if comment.is_confirmed}
    commenters = {commenter for commenter, _reader in keys.values() if commenter}
    rows = _rows(commenters)
    shown = _shown({pk for row in rows.values() for pk in row["latest"]})
    blocks = _blocks(keys.values())
    found: dict[int, History] = {}
    for pk, (commenter, reader) in keys.items():
        own = tuple(
            block for (by, browser), block in blocks if (by and by == commenter) or (browser and browser == reader)
        )
        row = rows.get(commenter) if commenter else None
        if row is None:
            if own:
                found[pk] = History(0, 0, 0, blocks=own)
            continue
        found[pk] = History(
            row["approved"],
            row["rejected"],
            row["spam"],
            since=row["since"],
            is_confirmed=row["is_confirmed"],
            is_proven=pk in proven,
            latest=tuple(shown[key] for key in row["latest"] if key != pk and key in shown)[:LATEST],
            blocks=own,
        )
    return found


def _rows(commenters: set[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    keys = sorted(commenters)
    for at in range(0, len(keys), _AT_ONCE):
        part = keys[at : at + _AT_ONCE]
        # Places that are left over name the last one again.
        places = dict(enumerate(part)) | dict.fromkeys(range(len(part), _AT_ONCE), part[-1])
        for pk, since, confirmed_at, approved, rejected, spam, *latest in _ROWS.rows(
            **{f"id_{place}": key for place, key in places.items()}
        ):
            found[pk] = {
                "since": since,
                "is_confirmed": confirmed_at is not None,
                "approved": approved,
                "rejected": rejected,
                "spam": spam,
                "latest": [key for key in latest if key is not None],
            }
    return found


def _shown(keys: set[int]) -> dict[int, Earlier]:
    if not keys:
        return {}
    rows = Comment.objects.filter(pk__in=keys).values_list("pk", "status", Substr("html", 1, 4 * _EXCERPT))
    return {
        # What was cut in the middle of a tag ends in half of it.
        pk: Earlier(pk, status, str(Status(status).label), _line(html.rsplit("<", 1)[0] if "<" in html[1:] else html))
        for pk, status, html in rows
    }


def _line(html: str) -> str:
    # Django's Truncator counts combining marks and takes ten times as long; this is a hint of what was said.
    line = " ".join(plain_text(html).split())
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1].rstrip()}…"


def _blocks(keys: Iterable[_Key]) -> list[tuple[_Key, Blocked]]:
    pairs = list(keys)
    commenters = {commenter for commenter, _reader in pairs if commenter}
    readers = {reader for _commenter, reader in pairs if reader}
    # Of one who was erased since, a block knows the digest of the address.
    digests = Commenter.objects.filter(pk__in=commenters, address_digest__isnull=False).values("address_digest")
    now_known = Commenter.objects.filter(address_digest=OuterRef("address_digest")).values("pk")[:1]
    rows = (
        Block.objects.filter(Q(commenter__in=commenters) | Q(reader__in=readers) | Q(address_digest__in=digests))
        .order_by("-pk")
        .annotate(whose=Coalesce("commenter_id", Subquery(now_known)))
        .values_list("whose", "reader_id", "created_at", "expires_at", "lifted_at", "thread_id")[:_BLOCKS]
    )
    now = timezone.now()
    return [
        (
            (commenter, reader),
            Blocked(
                since,
                lifted or until,
                lifted is None and (until is None or until > now),
                thread is None,
            ),
        )
        for commenter, reader, since, until, lifted, thread in rows
    ]


def _latest(column: str) -> QuerySet[Any, Any]:
    latest: QuerySet[Any, Any] = Comment.objects.filter(commenter=OuterRef("pk")).order_by("-pk").values(column)
    return latest


def _decided(status: Status) -> Coalesce:
    latest: QuerySet[Any, Any] = (
        Comment.objects.filter(commenter=OuterRef(OuterRef("pk"))).order_by("-pk").values("pk")[:HISTORY]
    )
    counted = (
        Comment.objects.filter(pk__in=latest, status=status)
        .order_by()
        .values("status")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return Coalesce(Subquery(counted), 0)


_AT_ONCE = 25
"""Commenters that one statement asks for: as many as a page has cards."""

# Seven subqueries: Django takes longer to write this anew for each page than the database to answer it.
_ROWS = Select(
    Commenter,
    lambda rows, _given: rows.filter(
        pk__in=[Given(f"id_{place}", models.BigIntegerField()) for place in range(_AT_ONCE)]
    ).values_list(
        "pk",
        "created_at",
        "confirmed_at",
        _decided(Status.APPROVED),
        _decided(Status.REJECTED),
        _decided(Status.SPAM),
        # One more than is shown: the comment itself may be among them.
        *(Subquery(_latest("pk")[number : number + 1]) for number in range(LATEST + 1)),
    ),
)
