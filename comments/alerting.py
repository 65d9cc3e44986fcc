"""Who of the staff, and which webhook, is told that a comment waits, was reported or was decided on; and who of the
staff, that people agree less with the screening than it promised.

The verbs of those things call it inside their transaction, each once; faces call what changes a person's choice. Where
nobody listens, which is remembered for a minute, a call costs one look into the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from comments import conf, mailing, webhooks
from comments.errors import InvalidFields
from comments.models import (
    Alert,
    AlertChoice,
    AlertPace,
    Comment,
    Delivery,
    DriftNotice,
    ModerationEvent,
    Outbox,
    Pace,
    Status,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PENDING, REPORTED, DECIDED = Alert.Cause.PENDING, Alert.Cause.REPORTED, Alert.Cause.DECIDED
CAUSES = (PENDING, REPORTED, DECIDED)
"""Each is a field of `AlertChoice` as well."""

DIGEST_HOURS = (1, 3, 6, 12, 24, 48, 168)
"""What the page offers."""

DRIFT_PACES = (AlertPace.NEVER, AlertPace.AT_ONCE)

_EARS = "comments.alerts"
_EARS_SECONDS = 60

_JOINED_DELAYS = 10
"""How many times `MAIL_DELAY` a mail may be put off by what joins it."""


@dataclass(frozen=True, slots=True)
class Ears:
    """What somebody wants to hear of at once: causes that are mailed, events that webhooks are told of."""

    mails: frozenset[str]
    hooks: frozenset[str]


def tell_waiting(comment: Comment) -> None:
    """A comment waits for a moderator."""
    _tell(comment, PENDING, Delivery.Event.PENDING)


def tell_reported(comment: Comment) -> None:
    """A reader has complained about a comment; its status and revision are those that stand now."""
    listening = ears()
    if REPORTED in listening.mails or Delivery.Event.REPORTED in listening.hooks:
        _tell(Comment.objects.get(pk=comment.pk), REPORTED, Delivery.Event.REPORTED)


def tell_moved(comment: Comment, event: ModerationEvent) -> None:
    """A comment's status has changed: it waits again, or it was decided on."""
    if event.to_status == Status.PENDING:
        tell_waiting(comment)
        return
    listening = ears()
    if DECIDED in listening.mails and event.actor == ModerationEvent.Actor.MODERATOR and mailing.is_offered():
        _queue_alerts(comment, DECIDED, decision=event)
    if Delivery.Event.DECIDED in listening.hooks:
        webhooks.queue(comment, event=Delivery.Event.DECIDED, decision=event)


def tell_drift(*, agreed: int, number: int, promised: float, path: str = "") -> int:
    """Tell those who want to hear of it that people agree less with what the machine decides alone than was promised.

    Whoever finds that calls this once, when it begins.

    Args:
        agreed: comments of the standing sample on which people agreed, of `number`.
        promised: the share that was promised, 0 to 1.
        path: where more is said, on this site.

    Returns:
        How many mails are queued.
    """
    if not mailing.is_offered():
        return 0
    with transaction.atomic():
        users = _listeners(drift=AlertPace.AT_ONCE)
        for user in users:
            mail = Outbox.objects.create(kind=Outbox.Kind.DRIFT, user_id=user)
            DriftNotice.objects.create(outbox=mail, agreed=agreed, number=number, promised=promised, path=path)
    return len(users)


def ears() -> Ears:
    """Who listens; a minute old at most, and anew after each change of a choice or a webhook."""
    found = cache.get(_EARS)
    if found is None:
        found = (_wanted_mails(), webhooks.wanted())
        cache.set(_EARS, found, _EARS_SECONDS)
    return Ears(*found)


def forget_ears() -> None:
    """Look anew who listens. After each change of a choice or a webhook, inside its transaction."""
    cache.delete(_EARS)
    # Once more after the commit: somebody may have looked in between, and found what stood before.
    transaction.on_commit(lambda: cache.delete(_EARS), robust=True)


def choice_of(user: User) -> AlertChoice:
    """What somebody has chosen to hear of; an unsaved row where they have chosen nothing yet."""
    return AlertChoice.objects.filter(user=user).first() or AlertChoice(user=user)


def choose(
    user: User, *, pending: str, reported: str, digest_hours: int, decided: str = "never", drift: str = "never"
) -> AlertChoice:
    """Say what one hears of by mail. A digest comes `digest_hours` after the choice, and then at that pace.

    Args:
        drift: `never` or `at_once`; it has no digest.

    Raises:
        InvalidFields: there is no such pace, or no such number of hours.
    """
    chosen = {"pending": pending, "reported": reported, "decided": decided, "drift": drift}
    faults: dict[str, list[Any]] = {
        name: [_("Choose one of what is offered.")]
        for name, value in chosen.items()
        if value not in (DRIFT_PACES if name == "drift" else AlertPace.values)
    }
    if digest_hours not in DIGEST_HOURS:
        faults["digest_hours"] = [_("Choose one of what is offered.")]
    if faults:
        raise InvalidFields(faults)
    now = timezone.now()
    with transaction.atomic():
        choice, _is_new = AlertChoice.objects.update_or_create(
            user=user, defaults={**chosen, "digest_hours": digest_hours, "digest_at": now, "digest_since": now}
        )
        forget_ears()
    return choice


def queue_digests() -> int:
    """Queue a mail for each member of staff whose digest is due; what stands in it is counted when it goes.

    Each keeps its rhythm: where nothing waits, the mail is dropped as it is written.
    """
    if not mailing.is_offered():
        return 0
    queued = 0
    wanted = Q(pending=AlertPace.DIGEST) | Q(reported=AlertPace.DIGEST) | Q(decided=AlertPace.DIGEST)
    for choice in AlertChoice.objects.filter(wanted, user__is_active=True).select_related("user"):
        now, since = timezone.now(), choice.digest_at
        if since is not None and now - since < timedelta(hours=choice.digest_hours):
            continue
        with transaction.atomic():
            # The filter lets one of two sweeps have it.
            if not AlertChoice.objects.filter(pk=choice.pk, digest_at=since).update(digest_at=now, digest_since=since):
                continue
            if mailing.address_of_account(choice.user):
                _collecting([choice.user_id], Pace.DAILY, due_at=now)
                queued += 1
    return queued


def _tell(comment: Comment, cause: str, event: str) -> None:
    listening = ears()
    if cause in listening.mails and mailing.is_offered():
        _queue_alerts(comment, cause)
    if event in listening.hooks:
        webhooks.queue(comment, event=event)


def _wanted_mails() -> frozenset[str]:
    rows = AlertChoice.objects.filter(user__is_active=True).values_list(*CAUSES).distinct()
    return frozenset(
        cause for paces in rows for cause, pace in zip(CAUSES, paces, strict=True) if pace == AlertPace.AT_ONCE
    )


def _listeners(*, but: int | None = None, **choice: str) -> list[int]:
    """Who has chosen this and can be mailed, but for one.

    Args:
        choice: a field of `AlertChoice` and its value.
    """
    field = f"user__{get_user_model().get_email_field_name()}"
    rows = AlertChoice.objects.filter(**choice, user__is_active=True).exclude(**{field: ""}).exclude(user=but)
    return list(rows.order_by("user_id").values_list("user_id", flat=True))


def _queue_alerts(comment: Comment, cause: str, *, decision: ModerationEvent | None = None) -> None:
    """Put a comment before all who want to hear of it at once, in a number of queries that does not grow with them.
    Nobody hears of what they decided themselves."""
    users = _listeners(but=decision.by_id if decision else None, **{cause: AlertPace.AT_ONCE})
    if not users:
        return
    now, delay = timezone.now(), timedelta(seconds=conf.MAIL_DELAY)
    mails = _collecting(users, Pace.AT_ONCE, due_at=now + delay)
    later = [mail for mail in mails if min(now + delay, mail.created_at + (1 + _JOINED_DELAYS) * delay) > mail.due_at]
    for mail in later:
        mail.due_at = min(now + delay, mail.created_at + (1 + _JOINED_DELAYS) * delay)
    Outbox.objects.bulk_update(later, ["due_at"])
    Alert.objects.bulk_create(
        [
            Alert(
                outbox=mail,
                comment=comment,
                cause=cause,
                status=comment.status,
                revision=comment.revision,
                decision=decision,
            )
            for mail in mails
        ],
        # A comment that changed meanwhile stands there once, as it is now.
        update_conflicts=True,
        unique_fields=["outbox", "comment", "cause"],
        update_fields=["status", "revision", "decision"],
    )


def _collecting(users: list[int], pace: str, *, due_at: Any) -> list[Outbox]:
    """The mails of these people that nobody has tried to send yet, held until the transaction ends; made where none
    waits."""
    mine = {"kind": Outbox.Kind.ALERT, "pace": pace, "state": Outbox.State.WAITING, "attempts": 0}
    while True:
        # As with news: held, because a worker that claimed one now would write it without what is about to join.
        held = list(Outbox.objects.select_for_update().filter(**mine, user__in=users).order_by("user_id"))
        missing = sorted(set(users) - {mail.user_id for mail in held if mail.user_id is not None})
        if not missing:
            return held
        # Another transaction may make one first; then this waits for it, and holds it at the next look.
        Outbox.objects.bulk_create(
            [Outbox(**mine, user_id=user, due_at=due_at) for user in missing], ignore_conflicts=True
        )
