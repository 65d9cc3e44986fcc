"""Who is asking for their data: the browsers and the addresses that belong to one person, and the rows that are theirs.

`comments.exporting`, `comments.erasing` and the faces of "my data" start here. Nothing here writes.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from comments import privacy
from comments.models import (
    Block,
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    Outbox,
    Reader,
    Recommendation,
    Report,
    Subscription,
)
from comments.querysets import CommentQuerySet


@dataclass(frozen=True, slots=True)
class Person:
    """One person, as far as rows can tell.

    Args:
        readers: ids of the browsers that are theirs alone, and of the one that asks.
        commenters: ids of the rows of the addresses that are theirs.
        asking: id of the browser that asks; None where an operator does.
    """

    readers: frozenset[int] = frozenset()
    commenters: frozenset[int] = frozenset()
    asking: int | None = None

    def __bool__(self) -> bool:
        return bool(self.readers or self.commenters)


NOBODY = Person()


def of_browser(reader: Reader | None) -> Person:
    """The person in front of a browser: it, the addresses confirmed in it, and their other browsers."""
    if reader is None:
        return NOBODY
    commenters = reader.commenter_ids
    return Person(frozenset({reader.pk}) | _browsers_of(commenters), commenters, asking=reader.pk)


@sensitive_variables("address")
def of_address(address: str) -> Person:
    """The person behind an address, for an operator who has made sure who is asking. Makes no rows.

    A browser that posted under this address and under no other counts as theirs, confirmed or not: most people never
    confirm, and what they liked and reported is to go as well.
    """
    commenters = frozenset(row.pk for row in privacy.known_commenters(address))
    return Person(_browsers_of(commenters, has_only_posted=True), commenters)


def comments_of(person: Person) -> CommentQuerySet:
    """What the person posted, however it stands."""
    rows: CommentQuerySet = Comment.objects.filter(Q(reader__in=person.readers) | Q(commenter__in=person.commenters))
    return rows


def recommendations_of(person: Person) -> QuerySet[Recommendation]:
    """What the person recommends."""
    return Recommendation.objects.filter(reader__in=person.readers)


def reports_of(person: Person) -> QuerySet[Report]:
    """What the person reported."""
    return Report.objects.filter(reader__in=person.readers)


def blocks_of(person: Person) -> QuerySet[Block]:
    """What keeps, or kept, the person from taking part. One that only holds an address that was typed is not theirs to
    see, unless the address is: it would tell a stranger about its owner."""
    return Block.objects.filter(Q(commenter__in=person.commenters) | Q(reader__in=person.readers))


def subscriptions_of(person: Person) -> QuerySet[Subscription]:
    """What the person follows by mail. What waits for an address to be confirmed elsewhere is not among it: whether it
    still waits would tell somebody who typed a stranger's address what that stranger does."""
    return Subscription.objects.filter(commenter__in=person.commenters)


def mails_of(person: Person) -> QuerySet[Outbox]:
    """The mails to the person's addresses."""
    return Outbox.objects.filter(commenter__in=person.commenters)


def requests_of(person: Person) -> QuerySet[ConfirmationRequest]:
    """The person's requests to have an address confirmed, made from their browsers or for their addresses."""
    return ConfirmationRequest.objects.filter(Q(commenter__in=person.commenters) | Q(reader__in=person.readers))


def confirmations_of(person: Person) -> QuerySet[Confirmation]:
    """In which browsers the person's addresses are confirmed."""
    return Confirmation.objects.filter(commenter__in=person.commenters)


def addresses_of(person: Person) -> QuerySet[Commenter]:
    """The rows that hold the person's addresses, sealed."""
    return Commenter.objects.filter(pk__in=person.commenters)


def _browsers_of(commenters: frozenset[int], *, has_only_posted: bool = False) -> frozenset[int]:
    """The browsers that belong to the owner of these addresses, and to nobody else.

    One in which another address is confirmed, or from which something was posted under another one or under none, is
    left out. It may stand in a library; or somebody was talked into pressing the button of a stranger's mail, and the
    stranger would read and delete what they wrote.
    """
    if not commenters:
        return frozenset()
    theirs = Q(confirmations__commenter__in=commenters)
    if has_only_posted:
        theirs |= Q(comments__commenter__in=commenters)
    others_confirmed = Confirmation.objects.filter(reader=OuterRef("pk")).exclude(commenter__in=commenters)
    others_posted = Comment.objects.filter(reader=OuterRef("pk")).filter(
        Q(commenter__isnull=True) | ~Q(commenter__in=commenters)
    )
    rows = Reader.objects.filter(theirs).exclude(Exists(others_confirmed)).exclude(Exists(others_posted))
    return frozenset(rows.values_list("pk", flat=True))
