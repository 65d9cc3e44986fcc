"""How long things are kept: one table of rules, from which come the sweep, its dry run and the privacy page.

The task `comments.tasks.forget` and `manage.py forget` call `sweep`; the privacy page reads `RULES` with the settings
in force, so it says what the sweep does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments import conf, erasing, moderation, tallies
from comments.errors import Sentence
from comments.models import (
    Appeal,
    Block,
    Comment,
    Commenter,
    ConfirmationRequest,
    Delivery,
    Mailbox,
    ModerationEvent,
    Outbox,
    Reader,
    Report,
    Status,
    Submission,
    Subscription,
    TagSuggestion,
)
from comments.scrubbing import scrub

BATCH = 200
"""Rows that one transaction changes, so that none keeps others from writing for long."""

LIMIT = 20_000
"""Rows of a rule that one sweep takes up; what is left is there at the next."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is kept for a time.

    Args:
        name: for the command's table.
        setting: key of `COMMENTS` that holds the days; None there keeps it.
        kept: what it is, for readers.
        purpose: what it is kept for, for readers.
        done: what happens when the time is over, for readers.
        rows: those whose time is over, given the moment before which it began.
        forget: does it to some rows, by id, inside a transaction; none of them is among `rows` afterwards.
    """

    name: str
    setting: str
    kept: Sentence
    purpose: Sentence
    done: Sentence
    rows: Callable[[datetime], QuerySet]
    forget: Callable[[Sequence[int]], object]

    @property
    def days(self) -> int | None:
        """The setting in force."""
        days: int | None = getattr(conf, self.setting)
        return days

    def due(self) -> QuerySet:
        """The rows whose time is over now."""
        if self.days is None:
            return self.rows(timezone.now()).none()
        return self.rows(timezone.now() - timedelta(days=self.days)).order_by("pk")


def sweep(*, batch: int = BATCH, limit: int = LIMIT) -> dict[str, int]:
    """Do what each rule asks for; what is interrupted goes on at the next sweep.

    Returns:
        How many rows were touched, by name of the rule.
    """
    done = {rule.name: sum(_apply(rule, batch=batch, limit=limit)) for rule in RULES}
    # Whatever was done now: words that were withdrawn or erased since the last sweep may still stand in the log.
    scrub()
    return done


def preview() -> dict[str, int]:
    """How many rows each rule would touch now, by its name."""
    return {rule.name: rule.due().count() for rule in RULES}


def _apply(rule: Rule, *, batch: int, limit: int) -> Iterator[int]:
    due, last = rule.due(), 0
    for _start in range(0, limit, batch):
        # Looked up before the transaction: the look may be long, and on SQLite the first lock is that of the file.
        ids = list(due.filter(pk__gt=last).values_list("pk", flat=True)[:batch])
        if not ids:
            return
        last = ids[-1]
        with transaction.atomic():
            still = list(due.filter(pk__in=ids).values_list("pk", flat=True))
            rule.forget(still)
        yield len(still)


def _old_submissions(before: datetime) -> QuerySet[Submission]:
    return Submission.objects.filter(created_at__lt=before)


def _unconfirmed_addresses(before: datetime) -> QuerySet[Commenter]:
    return Commenter.objects.filter(confirmed_at__isnull=True, seen_at__lt=before)


def _patient_mailboxes(before: datetime) -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(Q(asked_at__lt=before) | Q(asked_at__isnull=True))


def _unconfirmed_subscriptions(before: datetime) -> QuerySet[Subscription]:
    return Subscription.objects.filter(confirmed_at__isnull=True, created_at__lt=before)


def _old_refused(before: datetime) -> QuerySet[Comment]:
    # Not every row of the log: somebody who looks at the address, say, does not keep it longer by that.
    decided = (*moderation.MOVES, ModerationEvent.Action.UNDO)
    decided_since = ModerationEvent.objects.filter(comment=OuterRef("pk"), action__in=decided, at__gte=before)
    has_content = ~Q(html="") | ~Q(author_name="") | ~Q(author_website="") | Q(commenter__isnull=False)
    return (
        # Spelt with OR, as the index of the queues is.
        Comment.objects.filter(Q(status=Status.SPAM) | Q(status=Status.REJECTED), created_at__lt=before)
        .filter(has_content | Q(reader__isnull=False))
        .exclude(Exists(decided_since))
    )


def _blank_refused(ids: Sequence[int]) -> None:
    rows = Comment.objects.filter(pk__in=ids)
    # In the order of their ids, as everywhere: two that want several threads wait for each other in one direction.
    for thread_id in sorted(set(rows.values_list("thread_id", flat=True))):
        tallies.lock(thread_id)
    refused = list(rows.filter(Q(status=Status.SPAM) | Q(status=Status.REJECTED)).select_related("thread"))
    erasing.blank(refused)
    Comment.objects.filter(pk__in=[comment.pk for comment in refused]).update(
        commenter=None, reader=None, is_confirmed=False
    )


def _old_events(before: datetime) -> QuerySet[ModerationEvent]:
    return ModerationEvent.objects.filter(at__lt=before).filter(Q(by__isnull=False) | erasing.WORDS_IN_LOG)


def _old_reports(before: datetime) -> QuerySet[Report]:
    return Report.objects.filter(resolved_at__lt=before).filter(Q(reader__isnull=False) | ~Q(note=""))


def _settled_doubts(before: datetime) -> QuerySet[TagSuggestion]:
    return TagSuggestion.objects.filter(settled_at__lt=before)


def _settled_appeals(before: datetime) -> QuerySet[Appeal]:
    return Appeal.objects.filter(settled_at__lt=before).exclude(text="")


def _done_blocks(before: datetime) -> QuerySet[Block]:
    is_over = Q(commenter__isnull=True, reader__isnull=True) | Q(lifted_at__lt=before) | Q(expires_at__lt=before)
    return Block.objects.filter(is_over, address_digest__isnull=True)


def _erased_blocks(before: datetime) -> QuerySet[Block]:
    has_ended = Q(lifted_at__isnull=False) | Q(expires_at__lte=timezone.now()) | Q(erased_at__lt=before)
    return Block.objects.filter(has_ended, address_digest__isnull=False)


def _done_mails(before: datetime) -> QuerySet[Outbox]:
    done = [Outbox.State.SENT, Outbox.State.DROPPED, Outbox.State.GIVEN_UP]
    return Outbox.objects.filter(state__in=done, created_at__lt=before)


def _old_deliveries(before: datetime) -> QuerySet[Delivery]:
    # In whatever state: a receiver that does not come back must not be waited for without end.
    return Delivery.objects.filter(created_at__lt=before)


def _done_requests(before: datetime) -> QuerySet[ConfirmationRequest]:
    lapsed = timezone.now() - timedelta(hours=conf.CONFIRM_HOURS)
    return ConfirmationRequest.objects.filter(created_at__lt=before).filter(
        Q(used_at__isnull=False) | Q(created_at__lt=lapsed)
    )


def _unused_readers(before: datetime) -> QuerySet[Reader]:
    # Whatever refers to a browser holds it, a block as well: one for ever is one only as long as it knows whom. Read
    # from the models, so that one that is added later, by a host's own app too, is not forgotten here.
    rows = Reader.objects.filter(created_at__lt=before)
    for relation in Reader._meta.related_objects:
        held = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        rows = rows.exclude(Exists(held))
    return rows


def _delete(model: type[models.Model]) -> Callable[[Sequence[int]], object]:
    return lambda ids: model._default_manager.filter(pk__in=ids).delete()


RULES: tuple[Rule, ...] = (
    Rule(
        "submissions",
        "SUBMISSION_DAYS",
        _("Keyed digests of the network address from which a comment came, and of its text"),
        _("to stop floods and repetitions, and so that a form that is sent twice posts once"),
        _("deleted"),
        _old_submissions,
        _delete(Submission),
    ),
    Rule(
        "addresses",
        "UNCONFIRMED_DAYS",
        _("An email address that was never confirmed, encrypted, since it was last typed"),
        _("to recognise who posted before, and to send the mails that were asked for"),
        _("deleted; the comments stay"),
        _unconfirmed_addresses,
        _delete(Commenter),
    ),
    Rule(
        "mailboxes",
        "UNCONFIRMED_DAYS",
        _("A keyed digest of a mailbox that was asked to confirm an address, and how often, since the last time"),
        _("so that nobody can have it filled with such mails"),
        _("deleted"),
        _patient_mailboxes,
        _delete(Mailbox),
    ),
    Rule(
        "wishes",
        "UNCONFIRMED_DAYS",
        _("A subscription that waits for its address to be confirmed"),
        _("to begin when the address is confirmed"),
        _("deleted"),
        _unconfirmed_subscriptions,
        _delete(Subscription),
    ),
    Rule(
        "refused",
        "REJECTED_DAYS",
        _("Text, name and website of a comment that was rejected or is spam, since it was last decided on"),
        _("so that a decision can be explained and changed"),
        _("deleted, with the tie to an address and a browser; that there was one, and what was decided, stays"),
        _old_refused,
        _blank_refused,
    ),
    Rule(
        "log",
        "LOG_DAYS",
        _("Who of the staff decided on a comment, their note, their message to its author, and a text they edited"),
        _("so that decisions can be checked"),
        _("deleted; what was decided, and when, stays"),
        _old_events,
        erasing.forget_who,
    ),
    Rule(
        "reports",
        "LOG_DAYS",
        _("From which browser a report came that has been settled, and its note"),
        _("so that decisions can be checked"),
        _("deleted; the reason stays"),
        _old_reports,
        lambda ids: Report.objects.filter(pk__in=ids).update(reader=None, note=""),
    ),
    Rule(
        "doubts",
        "LOG_DAYS",
        _("From which browser a tag was said to be wrong, since the newsroom looked at it"),
        _("so that decisions can be checked"),
        _("deleted; what was decided stays"),
        _settled_doubts,
        _delete(TagSuggestion),
    ),
    Rule(
        "appeals",
        "LOG_DAYS",
        _("What you said when you asked for another look at a rejection that has been decided on again"),
        _("so that decisions can be checked"),
        _("deleted; that you asked, and what was decided, stays"),
        _settled_appeals,
        lambda ids: Appeal.objects.filter(pk__in=ids).update(text=""),
    ),
    Rule(
        "blocks",
        "LOG_DAYS",
        _("That the moderators had blocked a browser or an address, and why, since the block ended"),
        _("so that decisions can be checked"),
        _("deleted; that somebody was blocked, and when, stays in the log"),
        _done_blocks,
        _delete(Block),
    ),
    Rule(
        "erased-blocks",
        "LOG_DAYS",
        _("A keyed digest of the address of somebody who was blocked and then erased, while the block lasts"),
        _("so that nobody ends a block by being erased"),
        _("deleted, and the block ends, however long it was to last"),
        _erased_blocks,
        _delete(Block),
    ),
    Rule(
        "mails",
        "MAIL_DAYS",
        _("That a mail was sent, or could not be; its text is not kept"),
        _("to find out why a mail did not come"),
        _("deleted"),
        _done_mails,
        _delete(Outbox),
    ),
    Rule(
        "deliveries",
        "MAIL_DAYS",
        _("That a program of the newsroom's was told of a comment: its number and what became of the message"),
        _("to find out why a message did not arrive"),
        _("deleted"),
        _old_deliveries,
        _delete(Delivery),
    ),
    Rule(
        "links",
        "MAIL_DAYS",
        _("Links to confirm an address that have been used or have expired"),
        _("so that each works once"),
        _("deleted"),
        _done_requests,
        _delete(ConfirmationRequest),
    ),
    Rule(
        "browsers",
        "READER_DAYS",
        _("The digest of the cookie of a browser of which nothing else is kept any more"),
        _("to recognise the browser"),
        _("deleted"),
        _unused_readers,
        _delete(Reader),
    ),
)
"""All that is kept for a time, in the order in which the sweep goes: what one rule lets go of, a later one may find."""
