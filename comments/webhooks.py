"""Webhooks: tells programs, signed, that a comment waits, was reported or was decided on.

`comments.alerting` queues a Delivery in the transaction that gives reason for it; a task and the sweep send. As with
mail the table is the truth: a row is claimed by one UPDATE that must find it unclaimed, and a claim that its worker did
not live to answer lapses. A worker killed between the receiver's yes and our note of it repeats that one message, under
the same number. Messages hold numbers and statuses: no name, no text, no address.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from comments import calling, conf, links, privacy, signals, signatures
from comments.errors import InvalidFields, Refusal
from comments.models import Comment, Delivery, ModerationEvent, Webhook

log = logging.getLogger(__name__)

DELIVERY = "X-Leave-A-Reply-Delivery"

MOST = 20
"""Webhooks of a site: each adds a row to each event."""

PERMISSION = "comments.change_webhook"

_AWAY = "comments.webhook_away.{}"
_AWAY_SECONDS = 60

_COLUMNS = {
    Delivery.Event.PENDING: "on_pending",
    Delivery.Event.REPORTED: "on_reported",
    Delivery.Event.DECIDED: "on_decided",
}


@dataclass(frozen=True, slots=True)
class Added:
    """A webhook that was just made, and its secret: the only time that it can be read."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What an operator wants to know of the messages.

    Args:
        waiting: those that are to go, those being sent among them.
        given_up: those that somebody should look at.
        oldest_due_seconds: for how long the first of those that are due has been due; 0 where none is.
    """

    waiting: int
    given_up: int
    oldest_due_seconds: float


@sensitive_variables("secret")
def add(*, url: str, events: Mapping[str, bool]) -> Added:
    """Make a webhook. Its secret is made here and kept sealed.

    Args:
        events: whether it is told, by name of the event; what is not named is not told.

    Raises:
        InvalidFields: the address cannot be called or has a webhook already, or there are too many.
    """
    try:
        url = calling.check_address(url)
    except Refusal as refusal:
        raise InvalidFields({"url": [refusal.detail]}) from None
    secret = secrets.token_urlsafe(32)
    sealed, sealed_under = privacy.seal_secret(secret)
    with transaction.atomic():
        if Webhook.objects.filter(url=url).exists():
            raise InvalidFields({"url": [_("There is a webhook for this address already.")]})
        if Webhook.objects.count() >= MOST:
            raise InvalidFields({"url": [_("A site can have %(most)d webhooks. Remove one first.") % {"most": MOST}]})
        made = Webhook.objects.create(
            url=url, sealed_secret=sealed, sealed_under=sealed_under, **_columns(events), is_active=True
        )
    return Added(made, secret)


def change(webhook: Webhook, *, events: Mapping[str, bool], is_active: bool) -> Webhook:
    """Say what a webhook is told of, and whether it is in use. Out of use, what waits for it is given up."""
    with transaction.atomic():
        for name, value in _columns(events).items():
            setattr(webhook, name, value)
        webhook.is_active = is_active
        webhook.save(update_fields=[*_COLUMNS.values(), "is_active"])
        cache.delete(_AWAY.format(webhook.pk))
        if not is_active:
            _drop_waiting(webhook)
    return webhook


def wanted() -> frozenset[str]:
    """The events of which any webhook is told."""
    rows = Webhook.objects.filter(is_active=True).values_list(*_COLUMNS.values())
    return frozenset(event.value for row in rows for event, is_on in zip(_COLUMNS, row, strict=True) if is_on)


def queue(comment: Comment, *, event: str, decision: ModerationEvent | None = None) -> None:
    """Tell every webhook that wants to hear of it. For `comments.alerting`, inside its transaction."""
    hooks = Webhook.objects.filter(is_active=True, **{_COLUMNS[Delivery.Event(event)]: True})
    _queue([Delivery(webhook=hook, event=event, comment=comment, decision=decision) for hook in hooks.order_by("pk")])


def ping(webhook: Webhook) -> Delivery:
    """Send a webhook a test, in the way of all others.

    Raises:
        Refusal: it is not in use (409).
    """
    if not webhook.is_active:
        raise Refusal("not_in_use", _("This webhook is not in use. Put it in use first."), status=409)
    (made,) = _queue([Delivery(webhook=webhook, event=Delivery.Event.PING)])
    return made


def again(delivery: Delivery) -> None:
    """Send a message once more that was sent or given up, under its number.

    Raises:
        Refusal: it waits or is being sent, or its webhook is not in use (409).
    """
    if not delivery.webhook.is_active:
        raise Refusal("not_in_use", _("This webhook is not in use. Put it in use first."), status=409)
    with transaction.atomic():
        done = Delivery.objects.filter(pk=delivery.pk, state__in=[Delivery.State.SENT, Delivery.State.GIVEN_UP])
        if not done.update(state=Delivery.State.WAITING, attempts=0, due_at=timezone.now(), fault=""):
            raise Refusal("not_done", _("This message is on its way already."), status=409)
        cache.delete(_AWAY.format(delivery.webhook_id))
        signals.tell(signals.delivery_queued, delivery=delivery)


def backlog() -> Backlog:
    """How much waits, how much was given up, and for how long the first has been due."""
    found = Delivery.objects.filter(_OPEN).aggregate(waiting=Count("pk"), first=Min("due_at"))
    late = (timezone.now() - found["first"]).total_seconds() if found["first"] else 0.0
    given_up = Delivery.objects.filter(state=Delivery.State.GIVEN_UP).count()
    return Backlog(found["waiting"], given_up, max(late, 0.0))


def due(*, limit: int) -> list[int]:
    """The messages that should go now, oldest first; not those to a receiver that is being left alone."""
    now = timezone.now()
    rows = Delivery.objects.filter(due_at__lte=now).filter(
        Q(state=Delivery.State.WAITING) | Q(state=Delivery.State.SENDING, claimed_at__lt=now - _claim_lapses())
    )
    away = [pk for pk in Webhook.objects.values_list("pk", flat=True) if _is_away(pk)]
    return list(rows.exclude(webhook__in=away).order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


def send_due(*, limit: int) -> int:
    """Send what is due; return how many messages arrived. A receiver that is not there is left alone for a minute."""
    return sum(send(pk) == Delivery.State.SENT for pk in due(limit=limit))


def send(pk: int) -> str:
    """Send one message, if it is due and nobody else is at it.

    Returns:
        The state in which it is left; empty where there was nothing to do, or its receiver is being left alone.
    """
    claimed = _claim(pk)
    if claimed is None:
        return ""
    if not claimed.webhook.is_active:
        return _leave(claimed, Delivery.State.GIVEN_UP, fault="switched off")
    try:
        headers, body = write(claimed)
    except privacy.UnreadableAddress:
        return _give_up(claimed, "secret unreadable")
    answer = calling.post(claimed.webhook.url, body, headers, seconds=conf.WEBHOOK_SECONDS)
    noted = {"response_status": answer.status, "fault": answer.fault}
    if not answer.fault:
        return _leave(claimed, Delivery.State.SENT, sent_at=timezone.now(), **noted)
    if answer.status == 410:
        _switch_off(claimed.webhook)
        return _give_up(claimed, answer.fault, response_status=answer.status)
    if answer.status is None:
        cache.set(_AWAY.format(claimed.webhook_id), True, _AWAY_SECONDS)
    pauses = tuple(conf.WEBHOOK_TRIES)
    if claimed.attempts > len(pauses):
        return _give_up(claimed, answer.fault, response_status=answer.status)
    pause = timedelta(seconds=pauses[claimed.attempts - 1])
    return _leave(claimed, Delivery.State.WAITING, due_at=timezone.now() + pause, **noted)


@sensitive_variables("secret")
def write(delivery: Delivery) -> tuple[dict[str, str], bytes]:
    """Write a message as things stand now: its headers, the signature among them, and its body.

    Raises:
        UnreadableAddress: no key in force opens the webhook's secret.
    """
    body = json.dumps(content_of(delivery), separators=(",", ":")).encode()
    secret = privacy.open_secret(bytes(delivery.webhook.sealed_secret))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Leave-a-Reply",
        "Connection": "close",
        DELIVERY: str(delivery.key),
        signatures.HEADER: signatures.sign(body, secret=secret, at=int(time.time())),
    }
    return headers, body


def content_of(delivery: Delivery) -> dict[str, object]:
    """What a message says. The comment stands as it does now; the decision is the one that the message tells of."""
    content: dict[str, object] = {
        "event": delivery.event,
        "delivery": str(delivery.key),
        "at": _moment(delivery.created_at),
    }
    comment, decision = delivery.comment, delivery.decision
    if comment is not None:
        content["comment"] = {
            "id": comment.pk,
            "thread": comment.thread_id,
            "status": comment.status,
            "revision": comment.revision,
            "url": links.of_comment(comment),
        }
    if decision is not None:
        content["decision"] = {
            "from": decision.from_status,
            "to": decision.to_status,
            "reason": decision.reason,
            "by": decision.actor,
            "at": _moment(decision.at),
        }
    return content


def renew_seals() -> int:
    """Seal every secret under the newest key; return how many are left that no key opens."""
    newest = privacy.key_name(privacy.address_keys()[0])
    left = 0
    for row in Webhook.objects.exclude(sealed_under=newest):
        try:
            sealed, name = privacy.seal_secret(privacy.open_secret(bytes(row.sealed_secret)))
        except privacy.UnreadableAddress:
            left += 1
        else:
            Webhook.objects.filter(pk=row.pk).update(sealed_secret=sealed, sealed_under=name)
    return left


_OPEN = Q(state=Delivery.State.WAITING) | Q(state=Delivery.State.SENDING)


def _columns(events: Mapping[str, bool]) -> dict[str, bool]:
    return {column: bool(events.get(event, False)) for event, column in _COLUMNS.items()}


def _queue(rows: list[Delivery]) -> list[Delivery]:
    made = Delivery.objects.bulk_create(rows)
    for delivery in made:
        signals.tell(signals.delivery_queued, delivery=delivery)
    return made


def _switch_off(webhook: Webhook) -> None:
    """The receiver said that it is gone for good (410)."""
    log.warning("Webhook %d answered 410 and is switched off.", webhook.pk)
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
        _drop_waiting(webhook)


def _drop_waiting(webhook: Webhook) -> None:
    Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING).update(
        state=Delivery.State.GIVEN_UP, fault="switched off"
    )


def _is_away(webhook_id: int) -> bool:
    return bool(cache.get(_AWAY.format(webhook_id)))


def _claim_lapses() -> timedelta:
    return timedelta(seconds=conf.MAIL_CLAIM_SECONDS)


def _claim(pk: int) -> Delivery | None:
    """Take a message that is due, or return None: somebody else has it, it is done, or its receiver is not there."""
    now = timezone.now()
    row = Delivery.objects.filter(pk=pk, due_at__lte=now).first()
    if row is None or _is_away(row.webhook_id):
        return None
    has_lapsed = row.claimed_at is not None and row.claimed_at < now - _claim_lapses()
    if row.state != Delivery.State.WAITING and not (row.state == Delivery.State.SENDING and has_lapsed):
        return None
    if row.state == Delivery.State.SENDING and row.attempts > len(tuple(conf.WEBHOOK_TRIES)):
        # Whoever takes it up dies of it; the next worker shall live.
        _give_up(row, "lapsed")
        return None
    # The filter names what was found, so of two workers one changes the row.
    taken = Delivery.objects.filter(pk=pk, state=row.state, attempts=row.attempts, claimed_at=row.claimed_at).update(
        state=Delivery.State.SENDING, claimed_at=now, attempts=row.attempts + 1
    )
    if not taken:
        return None
    return Delivery.objects.select_related("webhook", "comment", "decision").filter(pk=pk).first()


def _leave(delivery: Delivery, state: str, **fields: object) -> str:
    """Note what became of a claimed message, unless its claim has lapsed and somebody else took it."""
    rows = Delivery.objects.filter(
        pk=delivery.pk,
        state=Delivery.State.SENDING,
        attempts=delivery.attempts,
        claimed_at=delivery.claimed_at,
    )
    return state if rows.update(state=state, claimed_at=None, **fields) else ""


def _give_up(delivery: Delivery, fault: str, **fields: object) -> str:
    log.warning("%s is given up after %d tries: %s.", delivery, delivery.attempts, fault)
    return _leave(delivery, Delivery.State.GIVEN_UP, fault=fault, **fields)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
