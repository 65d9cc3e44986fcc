"""The verbs by which somebody changes what is kept about them: correct a name, withdraw, be erased.

The pages of "my data" and `manage.py erase_reader` call these, with a Person from `comments.owning`. Each works thread
by thread, some rows at a time, under the thread's lock: no transaction is long, each leaves everything consistent, and
what a crash interrupts a second call finishes.

What readers see is cached under `thread.version`, which moves on with each transaction: from the next request on
nothing serves what was changed, and after `COMMENTS["CACHE_SECONDS"]` no cache of ours holds it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import appeals, drafts, mailboxes, moderation, owning, quoting, sampling, signals, tallies
from comments.drafts import Draft
from comments.errors import InvalidFields, Refusal, Sentence
from comments.models import (
    Block,
    Comment,
    Commenter,
    Confirmation,
    ConfirmationRequest,
    ModerationEvent,
    Notice,
    Outbox,
    Reader,
    Recommendation,
    Report,
    Status,
    Submission,
    Subscription,
    TagAssignment,
    Thread,
)
from comments.owning import Person
from comments.retrying import once_more
from comments.screening import Facts, Outcome, screen
from comments.screening.facts import staff_names
from comments.scrubbing import scrub
from comments.texts import clean_name

BATCH = 20
"""Comments that one transaction changes: others who want to write wait no longer than that."""

_PAST_IDS = 2**63


@dataclass(slots=True)
class Erased:
    """What an erasure did, in numbers.

    Args:
        removed: comments whose text is gone.
        kept: comments that stand without a name.
        quotes: comments of others that moderators are to look at.
    """

    removed: int = 0
    kept: int = 0
    recommendations: int = 0
    reports: int = 0
    subscriptions: int = 0
    mails: int = 0
    addresses: int = 0
    browsers: int = 0
    quotes: int = 0


def rename(person: Person, name: str) -> int:
    """Correct the name on all of one's own comments. What a member of staff posted as such keeps its name.

    Returns:
        How many comments carry another name now.

    Raises:
        InvalidFields: the name could not be posted under either.
    """
    name = clean_name(name)
    if faults := _name_faults(name):
        raise InvalidFields({"name": faults})
    rows = owning.comments_of(person).filter(user__isnull=True).exclude(status=Status.WITHDRAWN)
    rows = rows.exclude(author_name=name)
    changed = 0
    for thread_id, ids in _batches(rows):
        with transaction.atomic():
            tallies.lock(thread_id)
            done = rows.filter(pk__in=ids).update(author_name=name)
            tallies.touch(thread_id)
        changed += done
    return changed


def withdraw(person: Person, comment_ids: Collection[int] | None = None) -> int:
    """Take back comments of one's own, whatever their age: their text is gone, a tombstone stays where others have
    replied.

    Args:
        comment_ids: which; None for all.

    Returns:
        How many were withdrawn now.

    Raises:
        Refusal: one of them is not the person's (404).
    """
    rows = owning.comments_of(person)
    if comment_ids is not None:
        # Beyond 64 bits the database would raise; such an id names nothing, and is missed by the count.
        rows = rows.filter(pk__in=[pk for pk in comment_ids if pk < _PAST_IDS])
        if rows.count() != len(set(comment_ids)):
            raise Refusal("not_found", _("There is no such comment of yours."), status=404)
    rows = rows.exclude(status=Status.WITHDRAWN)
    withdrawn = 0
    for thread_id, ids in _batches(rows):
        with transaction.atomic():
            tallies.lock(thread_id)
            batch = list(rows.filter(pk__in=ids).select_related("thread"))
            take_text(batch)
            withdrawn += len(batch)
    scrub()
    return withdrawn


def erase(person: Person, *, keep_comments: bool) -> Erased:
    """Forget somebody: address, names, website, digests, recommendations, reports, history, and the browser itself.

    Their comments stay without a name, or go with their text. Others' comments that quote or name them wait in the
    moderators' queue of reports. The log of decisions keeps its rows: what was decided and when, and nothing that
    somebody wrote about the person. A block that stands keeps the digest of the address until it ends.

    Args:
        keep_comments: whether the text stays, as that of an anonymous person.
    """
    erased = Erased()
    # First: who had confirmed an address is known by the browsers, and these are about to go.
    _keep_blocks(person)
    _stop_mail(person, erased)
    for thread_id in sorted(_threads_of(person)):
        _take_back(person, thread_id, erased)
    # Not the one that asks: while its row is there, its cookie leads a second call to what is left.
    erased.browsers += _delete_readers(person.readers - {person.asking})
    while threads := sorted(set(owning.comments_of(person).values_list("thread_id", flat=True))):
        for thread_id in threads:
            _report_quotes(person, thread_id, with_phrases=not keep_comments, erased=erased)
            _erase_comments(person, thread_id, keep=keep_comments, erased=erased)
    browsers, erased.addresses = once_more(lambda: _delete_person(person))
    erased.browsers += browsers
    scrub()
    return erased


def blank(comments: Collection[Comment]) -> None:
    """Delete the words of comments that nobody sees any more, and all that was derived from them; inside a transaction
    that holds their threads."""
    ids = [comment.pk for comment in comments]
    if sampled := [comment.pk for comment in comments if sampling.is_marked(comment)]:
        sampling.drop(sampled)
    TagAssignment.objects.filter(comment__in=ids).delete()
    # The same words, as they stood before staff edited them.
    ModerationEvent.objects.filter(comment__in=ids).exclude(original="").update(original="")
    appeals.end(ids)
    Comment.objects.filter(pk__in=ids).update(**_WORDLESS)
    for comment in comments:
        # Receivers of this signal, and of those before it, get this very object: nothing may be left in it.
        for name, value in _WORDLESS.items():
            setattr(comment, name, value)
        signals.tell(signals.comment_erased, comment=comment)


def forget_who(event_ids: Collection[int]) -> None:
    """Delete from rows of the log who did it and what they wrote; what was done, and when, stays."""
    ModerationEvent.objects.filter(pk__in=event_ids).update(by=None, note="", message="", original="")


WORDS_IN_LOG = ~Q(note="") | ~Q(message="") | ~Q(original="")
"""Rows of the log in which somebody wrote something."""

_WORDLESS: dict[str, Any] = {
    "markup": "",
    "html": "",
    "author_name": "",
    "author_website": "",
    "screening": [],
    "language": "",
    "risk": None,
    "tag_mask": 0,
}


def take_text(comments: Collection[Comment]) -> None:
    """Withdraw comments, as far as they are not, and delete their words; inside a transaction that holds the thread."""
    for comment in comments:
        if comment.status != Status.WITHDRAWN:
            moderation.move(
                comment,
                to=Status.WITHDRAWN,
                actor=ModerationEvent.Actor.AUTHOR,
                seen=moderation.Seen(comment.status, comment.revision),
            )
    blank(comments)


def _name_faults(name: str) -> list[Sentence]:
    """What is wrong with a name: its shape, as with that of a draft, or what the screens say of it."""
    try:
        # A draft of nothing but a name: it never passes, and what is said at the other fields concerns nobody.
        drafts.check(Thread(), Draft(body="", name=name), is_staff=True)
    except InvalidFields as refusal:
        if faults := refusal.fields.get("name"):
            return faults
    # Asked as of an edit: the rules of a new comment (its age, its thread) have nothing to say here.
    screening = screen(Facts(text="", name=name, is_edit=True, approved_count=1, staff_names=staff_names()))
    if screening.refusal is not None:
        return [screening.refusal.detail]
    if screening.outcome > Outcome.PUBLISH:
        # A comment under this name would wait for a moderator; one that is public must not get it past them.
        return [_("This name cannot be taken here. Please choose another.")]
    return []


def _batches(rows: QuerySet[Comment]) -> Iterator[tuple[int, list[int]]]:
    """Thread by thread in the order of their ids, some comments at a time."""
    found: dict[int, list[int]] = {}
    for thread_id, pk in rows.order_by("thread_id", "pk").values_list("thread_id", "pk"):
        found.setdefault(thread_id, []).append(pk)
    for thread_id, ids in found.items():
        for start in range(0, len(ids), BATCH):
            yield thread_id, ids[start : start + BATCH]


def _stop_mail(person: Person, erased: Erased) -> None:
    """End all mail before anything else, so that none goes out meanwhile."""
    mine = Q(commenter__in=person.commenters)
    asked_here = Q(reader__in=person.readers)
    with transaction.atomic():
        _hold_subscriptions(mine)
        typed = set(ConfirmationRequest.objects.filter(asked_here).values_list("commenter", flat=True)) | set(
            Subscription.objects.filter(asked_here, confirmed_at__isnull=True).values_list("commenter", flat=True)
        )
        Notice.objects.filter(subscription__in=Subscription.objects.filter(mine)).delete()
        erased.subscriptions += Subscription.objects.filter(mine).delete()[1].get("comments.Subscription", 0)
        # What was asked for with a typed address, in somebody's name: nobody has said yes to it.
        Subscription.objects.filter(asked_here, confirmed_at__isnull=True).delete()
        erased.mails += Outbox.objects.filter(mine).delete()[1].get("comments.Outbox", 0)
        ConfirmationRequest.objects.filter(mine | asked_here).delete()
        _delete_unused(typed - person.commenters)


def _hold_subscriptions(mine: Q) -> None:
    """Hold them until the transaction ends: a comment that is posted now may be adding one more notice for each."""
    rows = Subscription.objects.select_for_update().filter(mine)
    list(rows.order_by("commenter_id", "pace", "pk").values_list("pk"))  # the order of `comments.mailing`


def _delete_person(person: Person) -> tuple[int, int]:
    """Delete the browsers and the addresses; return how many there were of either."""
    with transaction.atomic():
        _hold_subscriptions(Q(commenter__in=person.commenters))
        # Held: what was asked for in the meantime is seen by what follows, and what is asked for now finds them gone.
        commenters = Commenter.objects.filter(pk__in=person.commenters)
        list(commenters.select_for_update().order_by("pk").values_list("pk"))
        _let_go_of_blocks(person)
        mailboxes.forget(commenters)
        return _delete_readers(person.readers), commenters.delete()[1].get("comments.Commenter", 0)


def _keep_blocks(person: Person) -> None:
    """Leave of the blocks that stand a digest of the address, so that nobody sheds a block by being erased, and nothing
    that anybody wrote. Who had given no address is known by a browser alone, and goes with it."""
    now = timezone.now()
    standing = Block.objects.filter(
        Q(commenter__in=person.commenters) | Q(reader__in=person.readers),
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        lifted_at__isnull=True,
        commenter__address_digest__isnull=False,
    )
    owned = Confirmation.objects.filter(reader=OuterRef("reader"), commenter=OuterRef("commenter"))
    with transaction.atomic():
        for row in standing.annotate(is_proven=Exists(owned)).select_related("commenter"):
            assert row.commenter is not None
            Block.objects.filter(pk=row.pk).update(
                address_digest=row.commenter.address_digest,
                is_owners=row.is_proven,
                erased_at=now,
                commenter=None,
                reader=None,
                comment=None,
                reason="",
            )


def _let_go_of_blocks(person: Person) -> None:
    """Take the person out of the other blocks, and what was written about them; one that holds nobody any more goes."""
    theirs = Block.objects.filter(Q(commenter__in=person.commenters) | Q(reader__in=person.readers))
    ids = list(theirs.values_list("pk", flat=True))
    rows = Block.objects.filter(pk__in=ids)
    rows.update(comment=None, reason="")
    rows.filter(commenter__in=person.commenters).update(commenter=None)
    rows.filter(reader__in=person.readers).update(reader=None)
    rows.filter(commenter__isnull=True, reader__isnull=True).delete()


def _threads_of(person: Person) -> set[int]:
    """Where the person recommended or reported."""
    liked = owning.recommendations_of(person).values_list("comment__thread_id", flat=True)
    reported = owning.reports_of(person).values_list("comment__thread_id", flat=True)
    return {*liked, *reported}


def _take_back(person: Person, thread_id: int, erased: Erased) -> None:
    """Take back recommendations, and the person out of their reports, which stay for the moderators."""
    with transaction.atomic():
        tallies.lock(thread_id)
        liked = Recommendation.objects.filter(reader__in=person.readers, comment__thread=thread_id)
        for comment_id in liked.order_by("comment_id").values_list("comment_id", flat=True):
            Comment.objects.filter(pk=comment_id).update(recommendation_count=F("recommendation_count") - 1)
        erased.recommendations += liked.delete()[0]
        reports = Report.objects.filter(reader__in=person.readers, comment__thread=thread_id)
        erased.reports += reports.update(reader=None, note="")
        tallies.touch(thread_id)


def _report_quotes(person: Person, thread_id: int, *, with_phrases: bool, erased: Erased) -> None:
    """Put what others wrote with the person's words or name in it before the moderators, once.

    Where the comments stay as an anonymous person's, their words give nobody away, but their name does.
    """
    own = list(owning.comments_of(person).filter(thread=thread_id).only("html", "author_name", "root_id"))
    traits = quoting.traits_of(own, with_phrases=with_phrases)
    ids = {comment.pk for comment in own}
    roots = {comment.root_id or comment.pk for comment in own}
    # Read before the lock: it may take a while, and what is missed in between was written a moment ago.
    found = quoting.find(thread_id, traits, own=ids, roots=roots)
    for start in range(0, len(found), BATCH):
        with transaction.atomic():
            tallies.lock(thread_id)
            waiting = Report.objects.filter(reason=Report.Reason.ERASED_QUOTE, resolved_at__isnull=True)
            rows = Comment.objects.filter(pk__in=found[start : start + BATCH]).exclude(
                pk__in=waiting.values("comment_id")
            )
            fresh = list(rows.exclude(status=Status.WITHDRAWN).values_list("pk", flat=True))
            Report.objects.bulk_create(
                Report(comment_id=pk, reader=None, reason=Report.Reason.ERASED_QUOTE) for pk in fresh
            )
            Comment.objects.filter(pk__in=fresh).update(report_count=F("report_count") + 1)
        erased.quotes += len(fresh)


def _erase_comments(person: Person, thread_id: int, *, keep: bool, erased: Erased) -> None:
    """Take the person out of their comments in a thread, and delete the addresses that stood behind nothing else."""
    rows = owning.comments_of(person).filter(thread=thread_id)
    while True:
        with transaction.atomic():
            tallies.lock(thread_id)
            batch = list(rows.select_related("thread").order_by("pk")[:BATCH])
            if not batch:
                return
            typed = {comment.commenter_id for comment in batch if comment.commenter_id is not None}
            _erase_batch(batch, keep=keep, erased=erased)
            _delete_unused(typed - person.commenters)
            tallies.touch(thread_id)


def _erase_batch(comments: Sequence[Comment], *, keep: bool, erased: Erased) -> None:
    # Before its mark goes: without that, no decision would ever take it out of the sample.
    if sampled := [comment.pk for comment in comments if sampling.is_marked(comment)]:
        sampling.drop(sampled)
    standing = [comment for comment in comments if comment.status != Status.WITHDRAWN]
    if keep:
        take_text([comment for comment in comments if comment.status == Status.WITHDRAWN])
        erased.kept += len(standing)
    else:
        take_text(comments)
        erased.removed += len(standing)
    for comment in comments:
        comment.author_name = comment.author_website = ""
        comment.commenter = comment.reader = comment.user = None
        # Drawn anew for each: one colour would still tie a person's comments together.
        comment.hue = secrets.randbelow(12)
        comment.is_confirmed, comment.screening = False, []
    Comment.objects.bulk_update(
        comments,
        ["author_name", "author_website", "commenter", "reader", "user", "hue", "is_confirmed", "screening"],
    )
    ids = [comment.pk for comment in comments]
    Submission.objects.filter(comment__in=ids).delete()
    # What others wrote about the person; what was decided, and why, stays.
    ModerationEvent.objects.filter(WORDS_IN_LOG, comment__in=ids).update(note="", message="", original="")
    Report.objects.filter(comment__in=ids).exclude(note="").update(note="")
    appeals.end(ids)
    Block.objects.filter(comment__in=ids).update(comment=None, reason="")


def _delete_unused(commenters: Collection[int]) -> None:
    """Delete addresses that were only typed, and to which nothing refers any more; inside a transaction.

    How many mails went there stays, under a digest of the mailbox: it is its owner's, who has not been heard.
    """
    rows = Commenter.objects.filter(pk__in=commenters, confirmed_at__isnull=True)
    for name in ("comments", "subscriptions", "requests", "mails", "confirmations"):
        rows = rows.filter(**{f"{name}__isnull": True})
    Commenter.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()


def _delete_readers(readers: Collection[int | None]) -> int:
    with transaction.atomic():
        return Reader.objects.filter(pk__in=[pk for pk in readers if pk]).delete()[1].get("comments.Reader", 0)
